internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// Converts ToolHive's virtual servers.
extension ToolHive {
    static func convert(virtualServer ledger: FieldLedger, in context: inout ImportContext) {
        let root = ledger.root
        for field in ["apiVersion", "kind"] { root[field]?.markRead() }
        let metadata = root["metadata"]
        let name = metadata?["name"]?.string() ?? ""
        var header = ServerDraft(
            name: name,
            namespace: metadata?["namespace"]?.string(),
            ledger: ledger,
            options: context.options
        )
        header.take(metadata: metadata)
        guard let spec = root["spec"] else { return ledger.add(.refused, .root, "has no spec", "correct the input") }
        let config = spec["config"]
        guard let group = (spec["groupRef"] ?? config?["groupRef"])?["name"] ?? config?["group"],
            let label = group.string(),
            KubernetesNames.isLabelValue(label), !label.isEmpty
        else {
            return ledger.add(.refused, .root, "names no group whose members it joins", "set spec.groupRef.name")
        }
        config?["groupRef"]?["name"]?.markRead()
        var result: JSONValue = [:]
        let aggregation = config?["aggregation"]
        convert(aggregation: aggregation, into: &result)
        let members = listed(aggregation)
        if !members.isEmpty { result["servers"] = .array(members) }
        let strategy = aggregation?.value["conflictResolution"]?.stringValue
        if strategy != "manual" || members.isEmpty {
            result["serverSelector"] = ["matchLabels": [groupLabel: .string(label)]]
        }
        if config?.value["optimizer"] != nil || spec.value["embeddingServerRef"] != nil {
            result["toolListing"] = "Search"
        }
        var meta: JSONValue = ["name": .string(header.name)]
        if let namespace = header.namespace { meta["namespace"] = .string(namespace) }
        if !header.labels.isEmpty { meta["labels"] = .object(header.labels) }
        if !header.annotations.isEmpty { meta["annotations"] = .object(header.annotations) }
        let manifest: JSONValue = [
            "apiVersion": .string(Moorage.apiVersion), "kind": "MCPVirtualServer", "metadata": meta, "spec": result,
        ]
        guard ServerDraft.isValid(manifest, as: MCPVirtualServer.self, ledger) else { return }
        context.virtualServers.append((manifest, ledger))
    }

    private static func convert(aggregation: FieldReader?, into result: inout JSONValue) {
        guard let strategy = aggregation?["conflictResolution"], let text = strategy.string() else { return }
        let settings = aggregation?["conflictResolutionConfig"]
        switch text {
        case "prefix":
            result["prefixes"] = "Always"
            if let format = settings?["prefixFormat"], let text = format.string(), text != "{workload}_" {
                format.report(.changed, "names begin with the name of the server and an underscore")
            }
        case "priority":
            result["prefixes"] = "Conflicts"
            strategy.report(
                .changed,
                "Moorage drops no tool: of tools with the same name, each gets the name of its server as a prefix",
                "leave tools out with spec.servers[].tools"
            )
        default:
            result["prefixes"] = "Conflicts"
        }
    }

    /// The members in the order of the configuration, with their tools.
    private static func listed(_ aggregation: FieldReader?) -> [JSONValue] {
        var members: [JSONValue] = []
        func add(_ member: JSONValue, _ reader: FieldReader) {
            guard let index = members.firstIndex(where: { $0["name"] == member["name"] }) else {
                members.append(member)
                return
            }
            if members[index]["tools"] != nil, member["tools"] != nil {
                return reader.lose("the server is listed twice", "join the two")
            }
            if let tools = member["tools"] { members[index]["tools"] = tools }
        }
        let order = aggregation?["conflictResolutionConfig"]?["priorityOrder"]
        for element in order?.elements ?? [] {
            if let name = element.string() { add(["name": .string(ObjectName.server(name))], element) }
        }
        for element in aggregation?["tools"]?.elements ?? [] {
            guard let workload = element["workload"]?.string() else {
                element.lose("names no workload", "correct the input")
                continue
            }
            var member: JSONValue = ["name": .string(ObjectName.server(workload))]
            var tools: [JSONValue] = []
            let overrides = Dictionary(
                element["overrides"]?.members.map { ($0.name, $0.reader) } ?? [],
                uniquingKeysWith: { first, _ in first }
            )
            for entry in element["filter"]?.elements ?? [] {
                guard let name = entry.string() else { continue }
                var tool: JSONValue = ["name": .string(name)]
                if let text = overrides[name]?["name"]?.string() { tool["as"] = .string(text) }
                if let text = overrides[name]?["description"]?.string() { tool["description"] = .string(text) }
                tools.append(tool)
            }
            if element["excludeAll"]?.bool() == true { member["tools"] = [] }
            if !tools.isEmpty { member["tools"] = .array(tools) }
            add(member, element)
        }
        return members
    }
}
