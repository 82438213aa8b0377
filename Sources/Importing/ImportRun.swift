internal import CRDModels
internal import KubernetesAPI

/// The course of an import.
struct ImportRun {
    let options: ImportOptions
    var context: ImportContext
    /// All inputs, in the order of the files.
    var ledgers: [FieldLedger] = []
    /// What cannot be read at all.
    var unreadable: [ImportFinding] = []
    var result = ImportResult()
    /// What is converted once all inputs are known, since objects name each other.
    var conversions: [(ledger: FieldLedger, kind: Conversion)] = []

    /// What an input is converted as.
    enum Conversion {
        case toolHiveServer, toolHiveVirtualServer, kmcp, lifecycleOperator
        case clientFile, registryEntry, obotEntry
        case command([[TextPart]])
        /// An object that is applied as it is.
        case other
        /// A kind that has no counterpart.
        case none(reason: String, solution: String)
    }

    init(options: ImportOptions) {
        self.options = options
        context = ImportContext(options: options)
    }

    mutating func read(_ source: ImportSource) {
        let (documents, problems) = InputDocument.read(source, as: options.format)
        for problem in problems { refuse(source.name, problem.line, problem.reason, "correct the file") }
        if documents.isEmpty, problems.isEmpty {
            refuse(source.name, nil, "the file contains nothing to import", "remove it")
        }
        for document in documents {
            if let command = document.command {
                add(document, document.value, at: .root, in: source, "docker run", [], .command(command))
            } else {
                read(document.value, at: .root, of: document, in: source)
            }
        }
    }

    private mutating func refuse(_ file: String, _ line: Int?, _ reason: String, _ solution: String) {
        unreadable.append(
            ImportFinding(
                kind: .refused,
                file: file,
                line: line,
                subject: "",
                field: .root,
                value: nil,
                reason: reason,
                solution: solution
            )
        )
    }

    private mutating func add(
        _ document: InputDocument,
        _ value: JSONValue,
        at root: FieldPath,
        in source: ImportSource,
        _ subject: String,
        _ losses: [FieldLoss],
        _ conversion: Conversion
    ) {
        let line = document.line
        let ledger = FieldLedger(value, file: source.name, subject: subject, losses: losses) {
            line(root.appending($0))
        }
        ledgers.append(ledger)
        conversions.append((ledger, conversion))
    }

    private mutating func read(
        _ value: JSONValue,
        at root: FieldPath,
        of document: InputDocument,
        in source: ImportSource
    ) {
        guard let members = value.objectValue else {
            if let elements = value.arrayValue,
                options.format == .registry || elements.contains(where: RegistryEntry.matches)
            {
                for (index, element) in elements.enumerated() {
                    read(element, at: root.index(index), of: document, in: source)
                }
                return
            }
            return refuse(
                source.name,
                document.line(root),
                "this is not an object, but of type \(value.typeName)",
                "correct the file"
            )
        }
        if let kind = members["kind"]?.stringValue, let version = members["apiVersion"]?.stringValue {
            return read(object: value, kind: kind, version: version, at: root, of: document, in: source)
        }
        func take(_ subject: String, _ losses: [FieldLoss], _ conversion: Conversion) {
            add(document, value, at: root, in: source, subject, losses, conversion)
        }
        let name =
            value["name"]?.stringValue ?? value["server"]?["name"]?.stringValue ?? value["manifest"]?["name"]?
            .stringValue ?? ""
        switch options.format {
        case .mcpJSON: take("list of servers", ClientFile.losses, .clientFile)
        case .registry where value["servers"]?.arrayValue == nil:
            take("server \(name)", RegistryEntry.losses + wrapped(RegistryEntry.losses), .registryEntry)
        case .obot: take("catalogue entry \(name)", ObotEntry.losses, .obotEntry)
        default:
            if let list = value["servers"]?.arrayValue, list.contains(where: RegistryEntry.matches) {
                // The answer of the registry's API.
                for (index, element) in list.enumerated() {
                    read(element, at: root.key("servers").index(index), of: document, in: source)
                }
            } else if ClientFile.listName(value) != nil {
                take("list of servers", ClientFile.losses, .clientFile)
            } else if RegistryEntry.matches(value) {
                take("server \(name)", RegistryEntry.losses + wrapped(RegistryEntry.losses), .registryEntry)
            } else if ObotEntry.matches(value) {
                take("catalogue entry \(name)", ObotEntry.losses, .obotEntry)
            } else {
                refuse(
                    source.name,
                    document.line(root),
                    "this is neither an object of ToolHive, kmcp or mcp-lifecycle-operator nor a list of servers or an entry that is known",
                    "name the format with --from, or see docs/import.md for those that can be imported"
                )
            }
        }
    }

    private func wrapped(_ losses: [FieldLoss]) -> [FieldLoss] {
        losses.map { FieldLoss("server." + $0.pattern.joined(separator: "."), $0.reason, $0.solution, kind: $0.kind) }
    }

    private mutating func read(
        object value: JSONValue,
        kind: String,
        version: String,
        at root: FieldPath,
        of document: InputDocument,
        in source: ImportSource
    ) {
        if kind.hasSuffix("List"), let items = value["items"]?.arrayValue, value[path: ["metadata", "name"]] == nil {
            for (index, var item) in items.enumerated() {
                if item.objectValue != nil {
                    // Items of a list of an API server have neither.
                    if item["apiVersion"] == nil { item["apiVersion"] = .string(version) }
                    if item["kind"] == nil { item["kind"] = .string(String(kind.dropLast(4))) }
                }
                read(item, at: root.key("items").index(index), of: document, in: source)
            }
            return
        }
        let namespace = value[path: ["metadata", "namespace"]]?.stringValue
        let name = value[path: ["metadata", "name"]]?.stringValue ?? ""
        let subject = "\(kind) \(namespace.map { "\($0)/" } ?? "")\(name)"
        func take(_ losses: [FieldLoss], _ conversion: Conversion) {
            add(document, value, at: root, in: source, subject, losses, conversion)
        }
        let group = version.split(separator: "/").first.map(String.init) ?? ""
        let isForeign = [ToolHive.group, KMCP.group, LifecycleOperator.group].contains(group)
        guard !isForeign || !name.isEmpty else {
            return refuse(source.name, document.line(root), "\(kind) has no metadata.name", "correct the input")
        }
        switch (group, kind) {
        case (ToolHive.group, "MCPServer"):
            // Its pods are those of the server.
            take(
                [FieldLoss].toolHive.filter {
                    !["spec.serviceAccount", "spec.resources"].contains($0.pattern.joined(separator: "."))
                },
                .toolHiveServer
            )
        case (ToolHive.group, "MCPRemoteProxy"), (ToolHive.group, "MCPServerEntry"): take(.toolHive, .toolHiveServer)
        case (ToolHive.group, "VirtualMCPServer"): take(.toolHive, .toolHiveVirtualServer)
        case (ToolHive.group, _):
            let known = [FieldLoss].toolHiveKinds[kind]
            take(
                .metadata,
                .none(
                    reason: known?.reason ?? "is a kind that Moorage does not know",
                    solution: known?.solution ?? "see docs/import.md"
                )
            )
        case (KMCP.group, "MCPServer"): take(KMCP.losses, .kmcp)
        case (LifecycleOperator.group, "MCPServer"): take(LifecycleOperator.losses, .lifecycleOperator)
        case (KMCP.group, _), (LifecycleOperator.group, _):
            take(
                .metadata,
                .none(reason: "is a kind that has no counterpart in Moorage", solution: "see docs/import.md")
            )
        case (Moorage.group, _):
            take([], .none(reason: "is already a manifest of Moorage", solution: "apply it as it is"))
        default: take([], .other)
        }
    }
}
