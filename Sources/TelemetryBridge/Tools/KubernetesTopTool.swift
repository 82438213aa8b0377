internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol
internal import MCPTransport

extension BridgeTool {
    static let kubernetesTop = BridgeTool(
        name: "k8s.top",
        title: "Usage of pods and nodes",
        description: """
            Shows the processor time and memory that pods or nodes use now, from the metrics API of metrics-server, the largest first.
            """,
        parameters: [
            Parameter(
                name: "of",
                kind: .choice(["pods", "nodes"]),
                description: "Whether to show pods or nodes.",
                standard: "pods"
            ),
            .namespace("Only pods of this namespace. Without it, of all namespaces."), .labelSelector,
            Parameter(
                name: "sortBy",
                kind: .choice(["cpu", "memory"]),
                description: "What the order is by.",
                standard: "cpu"
            ), .limit(20, maximum: 500, of: "pods or nodes"),
        ],
        outputSchema: OutputSchema.result([
            ("of", OutputSchema.choice(["pods", "nodes"], "What is shown.")),
            (
                "usage",
                OutputSchema.array(
                    of: OutputSchema.object(
                        [
                            ("namespace", OutputSchema.text("The namespace of the pod.")),
                            ("name", OutputSchema.text("The name.")),
                            ("cpuMillicores", OutputSchema.integer("Thousandths of a processor that are used.")),
                            ("memoryBytes", OutputSchema.integer("Bytes of memory that are used.")),
                            ("cpuPercent", OutputSchema.integer("Percent of the node's allocatable processors.")),
                            ("memoryPercent", OutputSchema.integer("Percent of the node's allocatable memory.")),
                        ],
                        optional: ["namespace", "cpuPercent", "memoryPercent"]
                    ),
                    "The usage, the largest first."
                )
            ),
        ])
    ) { arguments, context in
        let isNodes = arguments.text("of") == "nodes"
        let namespace = arguments.text("namespace")
        if isNodes, namespace != nil { throw ToolFailure("nodes have no namespace: leave out the argument namespace") }
        let found: [MeasuredUsage]
        do {
            found = try await context.usage(
                ofNodes: isNodes,
                namespace: namespace,
                labelSelector: arguments.text("labelSelector")
            )
        } catch let error as APIError where error.isNotFound || error.isServiceUnavailable {
            throw ToolFailure(MeasuredUsage.absent(hasPrometheus: context.prometheus != nil))
        }
        let byMemory = arguments.text("sortBy") == "memory"
        let sorted = found.sorted {
            byMemory
                ? ($0.usage.memoryBytes, $1.name) > ($1.usage.memoryBytes, $0.name)
                : ($0.usage.cpuMillicores, $1.name) > ($1.usage.cpuMillicores, $0.name)
        }
        var budget = ResultBudget(bytes: context.limits.maximumResultBytes)
        let rows = budget.take(
            sorted.map(\.json),
            limit: arguments.integer("limit") ?? 20,
            what: isNodes ? "nodes" : "pods",
            narrow: "set namespace or labelSelector, or a higher limit"
        )
        return ToolOutput(
            fields: [("of", isNodes ? "nodes" : "pods"), ("usage", .array(rows))],
            leftOut: budget.leftOut,
            notes: rows.isEmpty
                ? ["There is no usage of such \(isNodes ? "nodes" : "pods") yet; it is measured about every minute."]
                : []
        )
    }
}

/// The usage of one pod or node.
struct MeasuredUsage: Sendable, Hashable {
    var namespace: String?
    var name: String
    var usage: ResourceUsage
    /// What the node has for pods.
    var allocatable: ResourceUsage?

    /// Reads a PodMetrics or NodeMetrics of metrics.k8s.io.
    init(_ json: JSONValue, allocatable: ResourceUsage? = nil) {
        namespace = json.text("metadata", "namespace")
        name = json.text("metadata", "name") ?? ""
        let containers = json.array("containers").map { ResourceUsage($0["usage"]) }
        usage = json["usage"].map { ResourceUsage($0) } ?? containers.reduce(.zero, +)
        self.allocatable = allocatable
    }

    var json: RawJSON {
        let cpu = allocatable.flatMap { ResourceUsage.percent(usage.cpuMillicores, of: $0.cpuMillicores) }
        let memory = allocatable.flatMap { ResourceUsage.percent(usage.memoryBytes, of: $0.memoryBytes) }
        return [
            "namespace": namespace.map(RawJSON.string), "name": .string(name),
            "cpuMillicores": .integer(usage.cpuMillicores), "memoryBytes": .integer(usage.memoryBytes),
            "cpuPercent": cpu.map(RawJSON.integer), "memoryPercent": memory.map(RawJSON.integer),
        ]
    }

    /// Why there is no usage, and what to do.
    static func absent(hasPrometheus: Bool) -> String {
        "the cluster has no metrics API (metrics.k8s.io), which metrics-server provides; "
            + (hasPrometheus
                ? "use promql.query, for example topk(10, sum by (namespace, pod) (rate(container_cpu_usage_seconds_total[5m])))"
                : "until it is installed, k8s.get shows the requests and limits of pods")
    }
}

extension BridgeContext {
    /// What pods or nodes use.
    ///
    /// - Throws: `APIError`, which is "not found" where the metrics API is missing.
    func usage(ofNodes isNodes: Bool, namespace: String?, labelSelector: String?) async throws -> [MeasuredUsage] {
        guard isNodes else {
            return try await cluster.objects(.podMetrics, namespace: namespace, labelSelector: labelSelector)
                .items.map { MeasuredUsage($0) }
        }
        let metrics = try await cluster.objects(.nodeMetrics, labelSelector: labelSelector).items
        let nodes = try await cluster.objects(.node).items
        let allocatable = Dictionary(
            nodes.map { ($0.text("metadata", "name") ?? "", ResourceUsage($0[path: ["status", "allocatable"]])) },
            uniquingKeysWith: { first, _ in first }
        )
        return metrics.map { MeasuredUsage($0, allocatable: allocatable[$0.text("metadata", "name") ?? ""]) }
    }
}
