import KubernetesAPI

/// Splits files into objects: documents, `List`s, their kinds and names. Anything that is not an object is an error at
/// its line; the rest is still read.
struct ManifestReader: Sendable {
    /// The objects of the kinds that Moorage reads, in the order of the files.
    private(set) var manifests: [(kind: Manifest.Kind, manifest: Manifest)] = []
    /// Objects of kinds that Moorage does not read, in the order of the files.
    private(set) var others: [Manifest] = []
    /// The errors, and what was skipped.
    private(set) var diagnostics: [Diagnostic] = []

    /// The namespace of objects that do not set one.
    private let defaultNamespace: String
    /// Where each object was first defined.
    private var seen: [String: Manifest] = [:]

    /// - Parameters:
    ///   - sources: the files.
    ///   - defaultNamespace: the namespace of objects that do not set one.
    init(sources: [ManifestSource], defaultNamespace: String = "default") {
        self.defaultNamespace = defaultNamespace
        for source in sources { read(source) }
    }

    /// The objects of kinds that Moorage does not read. They are removed, for a caller that reads them itself.
    mutating func takeOthers() -> [Manifest] {
        defer { others = [] }
        return others
    }

    private mutating func read(_ source: ManifestSource) {
        let documents: [YAMLDocument]
        do {
            documents = try ManifestReader.documents(of: source)
        } catch {
            diagnostics.append(Diagnostic(.error, file: source.name, line: error.line, error.message))
            return
        }
        if documents.isEmpty {
            diagnostics.append(Diagnostic(.warning, file: source.name, "the file does not contain an object"))
        }
        for document in documents {
            read(document.value, at: .root, of: document, file: source.name)
        }
    }

    private static func documents(of source: ManifestSource) throws(YAMLError) -> [YAMLDocument] {
        do {
            return try YAML.documents(in: source.text)
        } catch {
            // Almost all JSON is valid YAML, except JSON with tabs between tokens.
            guard let value = try? JSONValue(parsing: Array(source.text.utf8)) else { throw error }
            return [YAMLDocument(value: value, line: 1)]
        }
    }

    private mutating func read(_ value: JSONValue, at root: FieldPath, of document: YAMLDocument, file: String) {
        let line = document.line(of: root)
        func refuse(_ message: String, at path: FieldPath? = nil) -> Diagnostic {
            Diagnostic(.error, file: file, line: path.map(document.line(of:)) ?? line, message)
        }
        guard value.objectValue != nil else {
            diagnostics.append(refuse("this is not a Kubernetes object, but of type \(value.typeName)"))
            return
        }
        guard let apiVersion = value["apiVersion"]?.stringValue, !apiVersion.isEmpty else {
            diagnostics.append(refuse("apiVersion is not set"))
            return
        }
        guard let kind = value["kind"]?.stringValue, !kind.isEmpty else {
            diagnostics.append(refuse("kind is not set"))
            return
        }
        if let element = ManifestReader.element(ofList: kind, value) {
            for (index, var item) in (value["items"]?.arrayValue ?? []).enumerated() {
                // Items of a list of an API server have neither, because the list has both: `kubectl get --raw` prints
                // this form.
                if let element, item.objectValue != nil {
                    if item["apiVersion"] == nil { item["apiVersion"] = .string(apiVersion) }
                    if item["kind"] == nil { item["kind"] = .string(element) }
                }
                read(item, at: root.key("items").index(index), of: document, file: file)
            }
            return
        }
        let known = ManifestReader.kind(apiVersion: apiVersion, kind: kind)
        guard let name = value[path: ["metadata", "name"]]?.stringValue, !name.isEmpty || known == .configuration else {
            // The platform's settings are a single object, which needs no name.
            if known == .configuration {
                append(value, .configuration, name: "configuration", apiVersion, at: root, of: document, file: file)
                return
            }
            let metadata = root.key("metadata")
            if let wrong = value[path: ["metadata", "name"]], wrong.stringValue == nil, !wrong.isNull {
                // `name: y` and `name: 1` are not strings in YAML.
                let message = "\(kind): metadata.name must be a string, not \(wrong.typeName); put it in quotes"
                diagnostics.append(refuse(message, at: metadata.key("name")))
                return
            }
            let hint =
                value[path: ["metadata", "generateName"]] == nil
                ? "metadata.name is not set" : "metadata.generateName cannot be used in files; set metadata.name"
            diagnostics.append(refuse("\(kind): \(hint)", at: metadata))
            return
        }
        guard let known else {
            if apiVersion.hasPrefix("moorage.dev/") {
                diagnostics.append(refuse(ManifestReader.unknown(apiVersion: apiVersion, kind: kind)))
                return
            }
            let namespace = value[path: ["metadata", "namespace"]]?.stringValue ?? ""
            others.append(
                Manifest(
                    value: value,
                    apiVersion: apiVersion,
                    kind: kind,
                    namespace: namespace,
                    name: name,
                    file: file,
                    document: document,
                    root: root
                )
            )
            return
        }
        append(value, known, name: name, apiVersion, at: root, of: document, file: file)
    }

    private mutating func append(
        _ value: JSONValue,
        _ kind: Manifest.Kind,
        name: String,
        _ apiVersion: String,
        at root: FieldPath,
        of document: YAMLDocument,
        file: String
    ) {
        var value = value
        var namespace = ""
        if kind.isNamespaced {
            namespace = value[path: ["metadata", "namespace"]]?.stringValue ?? ""
            if namespace.isEmpty { namespace = defaultNamespace }
            value[path: ["metadata", "namespace"]] = .string(namespace)
        }
        let manifest = Manifest(
            value: value,
            apiVersion: apiVersion,
            kind: kind.rawValue,
            namespace: namespace,
            name: name,
            file: file,
            document: document,
            root: root
        )
        let key = kind == .configuration ? kind.rawValue : manifest.subject
        if let first = seen[key] {
            let place = "\(first.file):\(first.line())"
            diagnostics.append(manifest.diagnostic(.error, "defined twice; first at \(place). Remove one of them"))
            return
        }
        seen[key] = manifest
        manifests.append((kind, manifest))
    }

    /// The kind of a list's elements: `.some(nil)` for a `List`, which can contain objects of any kind; `nil` if it is
    /// not a list.
    private static func element(ofList kind: String, _ value: JSONValue) -> String?? {
        guard kind.hasSuffix("List"), value[path: ["metadata", "name"]] == nil else { return nil }
        return kind == "List" ? .some(nil) : .some(String(kind.dropLast("List".count)))
    }

    private static func kind(apiVersion: String, kind: String) -> Manifest.Kind? {
        guard let known = Manifest.Kind(rawValue: kind), known.apiVersion == apiVersion else { return nil }
        return known
    }

    private static func unknown(apiVersion: String, kind: String) -> String {
        if let known = Manifest.Kind(rawValue: kind), !known.apiGroup.isEmpty {
            return "\(kind): apiVersion \(apiVersion) is not known; use \(known.apiVersion)"
        }
        let kinds = Manifest.Kind.allCases.filter { !$0.apiGroup.isEmpty }.map(\.rawValue).joined(separator: ", ")
        return "\(apiVersion) has no kind \(kind); its kinds are \(kinds)"
    }
}
