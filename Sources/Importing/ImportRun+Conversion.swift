internal import CRDModels
internal import KubernetesAPI

/// The second step of an import: all inputs are known, so they can name each other.
extension ImportRun {
    mutating func finish() -> ImportResult {
        var accepted: [(ledger: FieldLedger, kind: Conversion)] = []
        for conversion in conversions {
            if case .command = conversion.kind {
                accepted.append(conversion)
                continue
            }
            let value = conversion.ledger.value
            guard value["kind"] != nil, value["apiVersion"] != nil, let first = context.register(conversion.ledger)
            else {
                accepted.append(conversion)
                continue
            }
            conversion.ledger.add(
                .refused,
                .root,
                "is there twice: it is also in \(place(of: first))",
                "remove one of the two"
            )
        }
        for conversion in accepted { convert(conversion.ledger, conversion.kind) }
        writeServers()
        for conversion in accepted { settle(conversion.ledger, conversion.kind) }
        result.inputs = ledgers.map { $0.finish() }
        result.findings = unreadable + ledgers.flatMap(\.findings)
        sort()
        return result
    }

    private func place(of ledger: FieldLedger) -> String {
        let line = ledger.line(of: .root).map { ":\($0)" } ?? ""
        return "\(ledger.file)\(line) (\(ledger.subject))"
    }

    private mutating func convert(_ ledger: FieldLedger, _ kind: Conversion) {
        switch kind {
        case .toolHiveServer: ToolHive.convert(ledger, in: &context)
        case .toolHiveVirtualServer: ToolHive.convert(virtualServer: ledger, in: &context)
        case .kmcp: KMCP.convert(ledger, in: &context)
        case .lifecycleOperator: LifecycleOperator.convert(ledger, in: &context)
        case .clientFile: ClientFile.convert(ledger, in: &context)
        case .registryEntry: RegistryEntry.convert(ledger, in: &context)
        case .obotEntry: ObotEntry.convert(ledger, in: &context)
        case .command(let words): convert(command: words, ledger)
        case .other, .none: break
        }
    }

    private mutating func convert(command words: [[TextPart]], _ ledger: FieldLedger) {
        let readers = ledger.root.elements
        guard readers.count == words.count, let program = readers.first else { return }
        program.markRead()
        let rest = zip(words, readers).dropFirst().map { (parts: $0.0, reader: $0.1) }
        var name = DockerRun.containerName(rest)
        if name == nil, let index = DockerRun.imageIndex(rest) {
            name = DockerRun.shortName(ofImage: rest[index].parts.written)
        }
        var draft = ServerDraft(name: name ?? "server", namespace: nil, ledger: ledger, options: options)
        ledger.subject = "docker run \(draft.name)"
        DockerRun.convert(rest, into: &draft)
        context.drafts.append((draft, .docker))
    }

    /// Makes the manifests of the servers. Two with one name are an error that names both.
    private mutating func writeServers() {
        var seen: [String: FieldLedger] = [:]
        var servers: [JSONValue] = []
        for (draft, _) in context.drafts {
            let key = "\(draft.namespace ?? "")/\(draft.name)"
            if let first = seen[key] {
                draft.ledger.add(
                    .refused,
                    draft.entry,
                    "is a second MCPServer \(draft.name): the first is from \(place(of: first))",
                    "rename one of the two, or import them into different namespaces"
                )
                continue
            }
            guard !draft.isRefused, let manifest = draft.manifest() else {
                draft.ledger.refuse(entry: draft.entry)
                continue
            }
            seen[key] = draft.ledger
            servers.append(manifest)
            if let secret = draft.secret() { result.manifests.append(secret) }
            result.secrets += draft.needed
        }
        var virtualServers: [String: FieldLedger] = [:]
        for (manifest, ledger) in context.virtualServers {
            let key =
                "\(manifest[path: ["metadata", "namespace"]]?.stringValue ?? "")/\(manifest[path: ["metadata", "name"]]?.stringValue ?? "")"
            if let first = virtualServers[key] {
                ledger.add(
                    .refused,
                    .root,
                    "is there twice: it is also in \(place(of: first))",
                    "rename one of the two"
                )
                continue
            }
            virtualServers[key] = ledger
            servers.append(manifest)
        }
        result.manifests += servers
    }

    /// Decides about objects that are not servers, once it is known which of them servers name.
    private mutating func settle(_ ledger: FieldLedger, _ kind: Conversion) {
        switch kind {
        case .none(let reason, let solution):
            guard !ledger.isTouched else { return }
            let isHarmless = ["MCPGroup"].contains(ledger.value["kind"]?.stringValue ?? "")
            ledger.add(isHarmless ? .note : .notCarriedOver, .root, reason, solution)
            ledger.markReported()
        case .other: settle(other: ledger)
        default: break
        }
    }

    private mutating func settle(other ledger: FieldLedger) {
        let value = ledger.value
        let kind = value["kind"]?.stringValue ?? ""
        let name = value[path: ["metadata", "name"]]?.stringValue ?? ""
        let isUsed = result.manifests.contains { manifest in
            manifest.references.contains { reference in
                reference.kind.lowercased() == kind.lowercased()
                    && (reference.reference["name"] ?? reference.reference["secretName"])?.stringValue == name
            }
        }
        guard isUsed, value["apiVersion"] == "v1", kind == "ConfigMap" || kind == "Secret" && options.includesSecrets
        else {
            ledger.add(.note, .root, "is not of an operator that is imported", "apply it as it is")
            return ledger.markReported()
        }
        var copy: JSONValue = ["apiVersion": "v1", "kind": .string(kind), "metadata": ["name": .string(name)]]
        if let namespace = context.namespace(of: ledger) { copy[path: ["metadata", "namespace"]] = .string(namespace) }
        for field in ["type", "immutable", "data", "binaryData", "stringData"] { copy[field] = value[field] }
        for field in ["apiVersion", "kind", "type", "immutable", "data", "binaryData", "stringData"] {
            ledger.root[field]?.markRead()
        }
        ledger.root["metadata"]?["name"]?.markRead()
        ledger.root["metadata"]?["namespace"]?.markRead()
        result.manifests.append(copy)
        result.secrets.removeAll { kind == "Secret" && $0.name == name }
    }

    private mutating func sort() {
        let order = ["ConfigMap", "Secret", "MCPServer", "MCPVirtualServer"]
        func key(_ manifest: JSONValue) -> (Int, String, String) {
            (
                order.firstIndex(of: manifest["kind"]?.stringValue ?? "") ?? order.count,
                manifest[path: ["metadata", "namespace"]]?.stringValue ?? "",
                manifest[path: ["metadata", "name"]]?.stringValue ?? ""
            )
        }
        result.manifests.sort { key($0) < key($1) }
        var seen: Set<NeededSecret> = []
        result.secrets = result.secrets.filter { seen.insert($0).inserted }.sorted { left, right in
            (left.namespace ?? "", left.name, left.key ?? "") < (right.namespace ?? "", right.name, right.key ?? "")
        }
    }
}
