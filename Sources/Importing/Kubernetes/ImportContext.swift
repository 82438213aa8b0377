internal import CRDModels
internal import KubernetesAPI

/// The objects of other operators in the inputs, and what was made of them.
struct ImportContext {
    let options: ImportOptions
    /// The servers, in the order of the inputs.
    var drafts: [(draft: ServerDraft, format: ImportFormat)] = []
    /// Virtual servers.
    var virtualServers: [(manifest: JSONValue, ledger: FieldLedger)] = []
    /// All objects that have a kind and a name.
    private var objects: [ObjectKey: FieldLedger] = [:]

    struct ObjectKey: Hashable {
        let kind: String
        let namespace: String
        let name: String
    }

    init(options: ImportOptions) { self.options = options }

    /// Registers an object, which others can name.
    ///
    /// - Returns: the object that has the same kind and name, if there is one.
    mutating func register(_ ledger: FieldLedger) -> FieldLedger? {
        let value = ledger.value
        let key = ObjectKey(
            kind: value["kind"]?.stringValue ?? "",
            namespace: value[path: ["metadata", "namespace"]]?.stringValue ?? "",
            name: value[path: ["metadata", "name"]]?.stringValue ?? ""
        )
        if let first = objects[key] { return first }
        objects[key] = ledger
        return nil
    }

    /// An object that another one names, in its namespace.
    func object(_ kind: String, _ reader: FieldReader?, of owner: FieldLedger) -> FieldReader? {
        guard let reader, let name = reader.value.stringValue else { return nil }
        let namespace = owner.value[path: ["metadata", "namespace"]]?.stringValue ?? ""
        return objects[ObjectKey(kind: kind, namespace: namespace, name: name)]?.root
    }

    /// The namespace in which an object's manifest is.
    func namespace(of ledger: FieldLedger) -> String? {
        options.namespace ?? ledger.value[path: ["metadata", "namespace"]]?.stringValue
    }

    /// Begins a server with the name and the metadata of an object.
    func draft(of ledger: FieldLedger) -> ServerDraft {
        let root = ledger.root
        let metadata = root["metadata"]
        _ = root["apiVersion"]?.string()
        _ = root["kind"]?.string()
        let name = metadata?["name"]?.string() ?? ""
        var draft = ServerDraft(
            name: name,
            namespace: metadata?["namespace"]?.string(),
            ledger: ledger,
            options: options
        )
        if draft.name != name, let reader = metadata?["name"] {
            reader.report(.changed, "is \(draft.name) in the manifest, because a Service has the same name")
        }
        if let namespace = metadata?["namespace"], let own = options.namespace, namespace.value.stringValue != own {
            namespace.report(
                .changed,
                "is \(own) in the manifest",
                "copy the Secrets and ConfigMaps that the server reads to the namespace \(own)"
            )
        }
        draft.take(metadata: metadata)
        return draft
    }
}
