internal import CRDModels
internal import KubernetesAPI
internal import Policy
internal import SupplyChain

/// An MCPServer that is being put together.
struct ServerDraft {
    /// The name, as an MCPServer can have it.
    let name: String
    /// The namespace; `nil` if nobody sets one.
    let namespace: String?
    /// The input.
    let ledger: FieldLedger
    let options: ImportOptions
    var labels: [String: JSONValue] = [:]
    var annotations: [String: JSONValue] = [:]
    var spec: JSONValue = [:]
    /// The values of the server's own Secret, by key; `nil` for one that is not known.
    var secretValues: [String: String?] = [:]
    var needed: [NeededSecret] = []
    /// The entry of the input that this server is made of.
    var entry = FieldPath.root
    /// The names of the variables.
    var variables: Set<String> = []
    /// Where volumes are mounted.
    var mountPaths: Set<String> = []
    /// The names of the volumes.
    var volumeNames: Set<String> = []

    init(name: String, namespace: String?, ledger: FieldLedger, options: ImportOptions) {
        self.name = ObjectName.server(name)
        self.namespace = options.namespace ?? namespace
        self.ledger = ledger
        self.options = options
    }

    /// The Secret for values that look like secrets.
    var secretName: String { "\(name)-secrets" }

    // MARK: Fields

    /// The value of a field of the spec.
    subscript(path: String...) -> JSONValue? {
        get { spec[path: path] }
        set { spec[path: path] = newValue }
    }

    /// Carries a field over, as far as the schema of the target accepts it.
    mutating func pass(_ reader: FieldReader?, to path: String...) {
        guard let reader, let schema = Self.schema(of: path), let value = reader.checked(schema) else { return }
        if let problem = Self.podProblem(value, at: path) {
            return reader.lose("is not valid: \(problem)", "correct it")
        }
        spec[path: path] = value
    }

    /// Carries the elements of a list over, each on its own.
    mutating func passElements(_ reader: FieldReader?, to path: String..., unique key: String? = nil) {
        guard let reader, let items = Self.schema(of: path)?.items?.schema else { return }
        for element in reader.elements {
            guard let value = element.checked(items) else { continue }
            append(value, to: path, unique: key, from: element)
        }
    }

    /// Adds an element to a list, unless there is one with the same key.
    mutating func append(_ value: JSONValue, to path: [String], unique key: String?, from reader: FieldReader) {
        var list = spec[path: path]?.arrayValue ?? []
        if let key, list.contains(where: { $0[key] == value[key] }) {
            reader.lose("is there twice: another element has the same \(key)", "remove one of the two")
            return
        }
        if let problem = Self.podProblem([value], at: path) {
            return reader.lose("is not valid: \(problem)", "correct it")
        }
        list.append(value)
        spec[path: path] = .array(list)
    }

    /// What an API server would refuse about a field in a pod, which the schema of an MCPServer accepts.
    static func podProblem(_ value: JSONValue, at path: [String]) -> String? {
        var pod: JSONValue = [:]
        var container: JSONValue = ["name": "mcp", "image": "mcp"]
        switch path {
        case ["env"], ["envFrom"], ["resources"]: container[path[0]] = value
        case ["imagePullSecrets"]: pod[path[0]] = value
        case ["serviceAccount", "name"]: pod["serviceAccountName"] = value
        default: return nil
        }
        pod["containers"] = [container]
        return PodChecks.problems(in: ["spec": pod]).first.map { "\($0.field): \($0.message)" }
    }

    private static func schema(of path: [String]) -> Schema? {
        var schema: Schema? = MCPServerSpec.schema
        for name in path { schema = schema?.properties[name] }
        return schema
    }

    /// Carries the labels and annotations of the object over, without those of programs.
    mutating func take(metadata: FieldReader?) {
        for (key, reader) in metadata?["labels"]?.members ?? [] {
            guard let text = reader.string() else { continue }
            if key == "app.kubernetes.io/managed-by" || key.hasPrefix("\(Moorage.group)/") {
                reader.lose("says which program manages the object")
            } else if KubernetesNames.isQualifiedName(key), KubernetesNames.isLabelValue(text) {
                labels[key] = .string(text)
            } else {
                reader.lose("is not a valid label", "correct it in the manifest")
            }
        }
        for (key, reader) in metadata?["annotations"]?.members ?? [] {
            let domain = key.split(separator: "/").first.map(String.init) ?? ""
            let isForeign = ["toolhive.stacklok.dev", "kagent.dev", "mcp.x-k8s.io"].contains { domain.hasSuffix($0) }
            if domain == "kubectl.kubernetes.io" || isForeign || domain == Moorage.group {
                reader.lose("is for another program, not for Moorage")
            } else if let text = reader.string(), KubernetesNames.isQualifiedName(key.lowercased()) {
                annotations[key] = .string(text)
            } else {
                reader.lose("is not a valid annotation", "correct it in the manifest")
            }
        }
    }

    /// Sets an annotation of the server.
    mutating func annotate(_ key: String, _ value: String) {
        annotations[key] = .string(value.truncated(toUTF8Bytes: 16_384))
    }

    /// Sets a label of the server.
    mutating func label(_ key: String, _ value: String) { labels[key] = .string(value) }

    // MARK: Images

    /// Sets the image: that of the option for this server, or that of the input.
    mutating func setImage(_ reader: FieldReader?) {
        if let chosen = options.images[name] {
            reader?.report(.changed, "the image \(chosen) was chosen on the command line in its place")
            reader?.markRead()
            spec["image"] = .string(chosen)
        } else if let reader, let text = reader.string() {
            setImage(text, from: reader)
        }
    }

    /// Sets the image, with advice if it has no digest.
    mutating func setImage(_ text: String, from reader: FieldReader) {
        let image: ImageReference
        do throws(ImageReferenceError) {
            image = try ImageReference(text)
        } catch {
            reader.report(
                .refused,
                "is not a valid image: \(error)",
                "correct it, or choose one with --image \(name)=IMAGE"
            )
            return
        }
        spec["image"] = .string(text)
        if image.digest == nil {
            reader.report(
                .toDo,
                image.isLatest
                    ? "has no digest and no tag that stays the same, and policies of tenants usually require a digest"
                    : "has no digest, and policies of tenants usually require one",
                "\(image.isLatest ? "use the digest in place of a tag" : "add the digest"): crane digest \(image) shows it"
            )
        }
    }

    // MARK: The result

    /// Whether something about this server was refused.
    var isRefused: Bool {
        ledger.findings.contains { $0.kind == .refused && $0.field.isAtOrBelow(entry) }
    }

    /// The manifest, or `nil` if it is not valid, which is reported.
    func manifest() -> JSONValue? {
        guard spec["image"] != nil || spec["remote"] != nil else {
            if !isRefused {
                ledger.add(.refused, entry, "has no image", "choose one with --image \(name)=IMAGE")
            }
            return nil
        }
        var metadata: JSONValue = ["name": .string(name)]
        if let namespace { metadata["namespace"] = .string(namespace) }
        if !labels.isEmpty { metadata["labels"] = .object(labels) }
        if !annotations.isEmpty { metadata["annotations"] = .object(annotations) }
        let manifest: JSONValue = [
            "apiVersion": .string(Moorage.apiVersion), "kind": "MCPServer", "metadata": metadata, "spec": spec,
        ]
        guard Self.isValid(manifest, as: MCPServer.self, ledger, at: entry) else { return nil }
        return manifest
    }

    /// Whether an API server accepts a manifest. Otherwise it is refused.
    static func isValid<Object: MoorageKind>(
        _ manifest: JSONValue,
        as type: Object.Type,
        _ ledger: FieldLedger,
        at entry: FieldPath = .root
    )
        -> Bool
    {
        var complete = manifest
        var errors = type.schema.prune(&complete).map { "unknown field \($0)" }
        type.schema.applyDefaults(to: &complete)
        errors += type.schema.validate(complete).map(Redaction.message)
        if errors.isEmpty, (try? complete.decode(type)) == nil { errors = ["the manifest cannot be read"] }
        guard let first = errors.first else { return true }
        ledger.add(.refused, entry, "the manifest would not be valid: \(first)", "correct the input")
        return false
    }

    /// The Secret with the values that are known, or `nil` if there are none or none are to be written.
    func secret() -> JSONValue? {
        let known = secretValues.compactMapValues { $0 }
        guard !known.isEmpty else { return nil }
        var metadata: JSONValue = ["name": .string(secretName)]
        if let namespace { metadata["namespace"] = .string(namespace) }
        return [
            "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque",
            "stringData": .object(known.mapValues { .string($0) }),
        ]
    }
}

extension JSONValue {
    /// The references to Secrets and ConfigMaps in a value, with their kind.
    var references: [(kind: String, reference: JSONValue)] {
        switch self {
        case .array(let elements): elements.flatMap(\.references)
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { key, member -> [(kind: String, reference: JSONValue)] in
                switch key {
                case "secretKeyRef", "secretRef", "secret": [("secret", member)]
                case "configMapKeyRef", "configMapRef", "configMap": [("configMap", member)]
                default: member.references
                }
            }
        default: []
        }
    }
}
