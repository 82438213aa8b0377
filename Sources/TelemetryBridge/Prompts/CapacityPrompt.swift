internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol

extension BridgePrompt {
    static let capacityCheck = BridgePrompt(
        name: "Capacity-Check",
        title: "Is there enough room?",
        description:
            "Compares what nodes have with what pods request and use, looks for full volumes, and asks for an assessment.",
        arguments: []
    ) { _, context in
        async let cluster = ClusterFacts.gather(context, namespace: nil, parts: [.version, .nodes, .pods])
        async let usage = Gathered<[MeasuredUsage]>.read("the usage of nodes") {
            do {
                return try await context.usage(ofNodes: true, namespace: nil, labelSelector: nil)
            } catch let error as APIError where error.isNotFound || error.isServiceUnavailable {
                throw BackendError(.notConfigured, MeasuredUsage.absent(hasPrometheus: context.prometheus != nil))
            }
        }
        async let volumes = Gathered<[(claim: String, percent: Int64)]>.read("the usage of volumes") {
            try await context.requirePrometheus("the usage of volumes is not known").query(
                CapacityFacts.volumesQuery,
                time: nil
            )
            .vector.map { labels, value in
                ("\(labels["namespace"] ?? "")/\(labels["persistentvolumeclaim"] ?? "")", Int64(clampingNumber: value))
            }
        }
        let facts = CapacityFacts(
            cluster: await cluster,
            usage: await usage,
            volumes: await volumes,
            now: Timestamp(secondsSinceEpoch: context.now().microsecondsSinceEpoch / 1_000_000)
        )
        return facts.prompt
    }
}

extension CapacityFacts {
    /// The fullest volumes, in percent, as the kubelet measures them.
    static let volumesQuery = """
        topk(10, 100 * max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes / kubelet_volume_stats_capacity_bytes))
        """

    var prompt: String {
        var text = PlaybookText(
            "Assess the capacity of this Kubernetes cluster. The data below was gathered at \(now). \(UntrustedContent.note)"
        )
        text.add(findings)
        text.add(section: "Nodes")
        text.add(lines: nodes.map(Self.line), limit: 40, ifNone: "None are known.")
        text.add(section: "Namespaces with the largest requests")
        text.add(lines: largestNamespaces, limit: 10, ifNone: "No pod has requests.")
        text.add(section: "Volumes")
        text.add(
            lines: (volumes.value ?? []).sorted { $0.percent > $1.percent }.map { "\($0.claim): \($0.percent)% full" },
            limit: 10,
            ifNone: volumes.reason ?? "No volume is measured."
        )
        if let reason = usage.reason {
            text.add(section: "Not known")
            text.add(line: "- The usage of nodes: \(reason)")
        }
        text.add(cluster.gaps)
        return text.finished(steps: [
            "Say whether the cluster has room for the pods that run and for the loss of one node.",
            "Tell requests from usage: a node can be full by requests and idle by usage, and the other way round.",
            "With Prometheus, look at the trend: promql.query with range 7d, step 6h.",
            "Recommend what to change first: requests that do not fit usage, pods without requests, volumes, or nodes.",
        ])
    }

    private static func line(_ node: Node) -> String {
        let used =
            node.usedCPU.flatMap { cpu in node.usedMemory.map { "; used: \(cpu)% processor time, \($0)% memory" } }
            ?? ""
        return "\(node.state.name): \(node.state.allocatable.cpuMillicores)m processor time and "
            + "\(mebibytes(node.state.allocatable.memoryBytes)) of memory allocatable; requested: \(node.requestedCPU)% processor time, "
            + "\(node.requestedMemory)% memory\(used); \(node.pods) of \(node.state.maximumPods) pods"
            + (node.state.isReady ? "" : "; not ready") + (node.state.isSchedulable ? "" : "; cordoned")
    }
}
