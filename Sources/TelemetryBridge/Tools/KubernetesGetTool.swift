internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol
internal import MCPTransport

extension BridgeTool {
    static let kubernetesGet = BridgeTool(
        name: "k8s.get",
        title: "Get Kubernetes objects",
        description: """
            Reads objects of any kind, custom resources included. With name, the whole object; without, a table as kubectl get prints \
            it, or whole objects with output: objects. Secrets are never shown; annotations, environment values and the data of \
            ConfigMaps are redacted.
            """,
        parameters: [
            Parameter(
                name: "kind",
                kind: .text(maximumBytes: 253),
                description: "The kind: its name, plural or short name, with its group if several have it.",
                isRequired: true,
                example: "deployments.apps"
            ),
            .namespace(
                "The namespace. Without it, objects of all namespaces; to get one object by name it is required."
            ),
            Parameter(
                name: "name",
                kind: .name,
                description: "The name of one object.",
                example: "web"
            ),
            .labelSelector,
            Parameter(
                name: "fieldSelector",
                kind: .text(maximumBytes: 1_024),
                description: "Only objects with these fields, as kubectl's --field-selector.",
                example: "status.phase!=Running"
            ),
            Parameter(
                name: "output",
                kind: .choice(["table", "objects"]),
                description: "Whether a list has rows of columns, or whole objects, which are much larger.",
                standard: "table"
            ),
            .limit(50, maximum: 500, of: "objects"),
        ],
        outputSchema: OutputSchema.result(
            [
                ("apiVersion", OutputSchema.text("The group and version of the kind.")),
                ("kind", OutputSchema.text("The kind.")),
                ("object", OutputSchema.anything("The object, for one name.")),
                (
                    "rows",
                    OutputSchema.array(
                        of: OutputSchema.object(
                            [
                                ("namespace", OutputSchema.text("The namespace.")),
                                ("name", OutputSchema.text("The name.")),
                                ("columns", OutputSchema.anything("The columns that kubectl get prints, by name.")),
                            ],
                            optional: ["namespace"]
                        ),
                        "The objects as rows."
                    )
                ), ("objects", OutputSchema.array(of: ["type": "object"], "The whole objects.")),
            ],
            optional: ["object", "rows", "objects"]
        )
    ) { arguments, context in
        let kind = try await context.cluster.kinds().kind(arguments.text("kind") ?? "")
        let name = arguments.text("name")
        let namespace = arguments.text("namespace")
        if !kind.type.isNamespaced, namespace != nil {
            throw ToolFailure("\(kind.type.kind) has no namespaces: leave out the argument namespace")
        }
        let head: [(String, RawJSON?)] = [
            ("apiVersion", .string(kind.type.apiVersion)), ("kind", .string(kind.type.kind)),
        ]
        if let name {
            for selector in ["labelSelector", "fieldSelector"] where arguments.text(selector) != nil {
                throw ToolFailure("the argument \(selector) has no effect with name: leave out one of them")
            }
            return try await one(kind.type, name: name, namespace: namespace, head, context)
        }
        guard kind.canList else { throw ToolFailure("\(kind.type.kind) cannot be listed: set the argument name") }
        let limit = arguments.integer("limit") ?? 50
        let options = ListOptions(
            labelSelector: arguments.text("labelSelector"),
            fieldSelector: arguments.text("fieldSelector"),
            limit: limit
        )
        return arguments.text("output") == "objects"
            ? try await objects(kind.type, namespace: namespace, options, head, context)
            : try await table(kind.type, namespace: namespace, options, head, context)
    }

    private static let narrow = "set namespace, labelSelector or fieldSelector, or a higher limit"

    private static func one(
        _ type: ResourceType,
        name: String,
        namespace: String?,
        _ head: [(String, RawJSON?)],
        _ context: BridgeContext
    ) async throws -> ToolOutput {
        guard !type.isNamespaced || namespace != nil else {
            throw ToolFailure(
                "the argument namespace is missing, which \(type.kind) \(name) needs; to find it, list with "
                    + "fieldSelector metadata.name=\(name)"
            )
        }
        let object = try await context.cluster.object(type, name: name, namespace: namespace)
        let (shown, notes) = Redaction.apply(to: object)
        let json = RawJSON(shown)
        guard json.bytes.count <= context.limits.maximumResultBytes else {
            var small = shown
            small["status"] = nil
            let smaller = RawJSON(small)
            guard smaller.bytes.count <= context.limits.maximumResultBytes else {
                throw ToolFailure(
                    "\(type.kind) \(name) has \(json.bytes.count) bytes, and a result at most "
                        + "\(context.limits.maximumResultBytes); list it instead, which shows its columns"
                )
            }
            return ToolOutput(
                fields: head + [("object", smaller)],
                leftOut: ["status is left out, because it is too large."],
                notes: notes
            )
        }
        return ToolOutput(fields: head + [("object", json)], notes: notes)
    }

    private static func table(
        _ type: ResourceType,
        namespace: String?,
        _ options: ListOptions,
        _ head: [(String, RawJSON?)],
        _ context: BridgeContext
    ) async throws -> ToolOutput {
        let table = try await context.cluster.table(type, namespace: namespace, options: options)
        var budget = ResultBudget(bytes: context.limits.maximumResultBytes)
        let rows = budget.take(
            table.rows.map(table.json),
            limit: options.limit ?? 50,
            total: table.rows.count + table.remaining,
            what: "objects",
            narrow: narrow
        )
        return ToolOutput(
            fields: head + [("rows", .array(rows))],
            leftOut: budget.leftOut,
            notes: rows.isEmpty ? ["There are no such objects."] : []
        )
    }

    private static func objects(
        _ type: ResourceType,
        namespace: String?,
        _ options: ListOptions,
        _ head: [(String, RawJSON?)],
        _ context: BridgeContext
    ) async throws -> ToolOutput {
        let page = try await context.cluster.page(type, namespace: namespace, options: options)
        var notes: [String] = []
        let shown = page.items.map { item -> RawJSON in
            var item = item
            // Lists leave this out of their items.
            item["kind"] = .string(type.kind)
            let (object, said) = Redaction.apply(to: item)
            if notes.isEmpty { notes = said }
            return RawJSON(object)
        }
        let remaining = page.nextPage == nil ? 0 : Int(max(1, page.metadata.remainingItemCount ?? 1))
        var budget = ResultBudget(bytes: context.limits.maximumResultBytes)
        let rows = budget.take(
            shown,
            limit: options.limit ?? 50,
            total: shown.count + remaining,
            what: "objects",
            narrow: narrow + ", or output: table"
        )
        return ToolOutput(fields: head + [("objects", .array(rows))], leftOut: budget.leftOut, notes: notes)
    }
}
