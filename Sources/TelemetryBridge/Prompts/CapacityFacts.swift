internal import KubernetesAPI

/// What Capacity-Check looks at, and what it finds. Pure.
struct CapacityFacts: Sendable {
    var cluster: ClusterFacts
    var usage: Gathered<[MeasuredUsage]>
    /// Percent of each volume that is used, by `namespace/claim`.
    var volumes: Gathered<[(claim: String, percent: Int64)]>
    var now: Timestamp

    /// A node on one line.
    struct Node: Sendable {
        var state: NodeState
        var pods: Int64
        var requested: ResourceUsage
        var used: ResourceUsage?

        var requestedCPU: Int64 {
            ResourceUsage.percent(requested.cpuMillicores, of: state.allocatable.cpuMillicores) ?? 0
        }
        var requestedMemory: Int64 {
            ResourceUsage.percent(requested.memoryBytes, of: state.allocatable.memoryBytes) ?? 0
        }
        var usedCPU: Int64? {
            used.flatMap { ResourceUsage.percent($0.cpuMillicores, of: state.allocatable.cpuMillicores) }
        }
        var usedMemory: Int64? {
            used.flatMap { ResourceUsage.percent($0.memoryBytes, of: state.allocatable.memoryBytes) }
        }
        var podPercent: Int64 { ResourceUsage.percent(pods, of: state.maximumPods) ?? 0 }
    }

    /// From which percentage on something is nearly full.
    static let high: Int64 = 85
    static let full: Int64 = 95

    private var livingPods: [PodState] {
        cluster.pods.map(PodState.init).filter { $0.phase != "Succeeded" && $0.phase != "Failed" }
    }

    var nodes: [Node] {
        let pods = Dictionary(grouping: livingPods) { $0.node ?? "" }
        let used = Dictionary((usage.value ?? []).map { ($0.name, $0.usage) }, uniquingKeysWith: { first, _ in first })
        return cluster.nodes.map(NodeState.init).sorted { $0.name < $1.name }.map { state in
            let own = pods[state.name] ?? []
            return Node(
                state: state,
                pods: Int64(own.count),
                requested: own.reduce(.zero) { $0 + $1.requests },
                used: used[state.name]
            )
        }
    }

    var findings: [Finding] {
        var findings: [Finding] = []
        let nodes = nodes
        for node in nodes {
            let measures: [(String, Int64?)] = [
                ("requests of processor time", node.requestedCPU), ("requests of memory", node.requestedMemory),
                ("used processor time", node.usedCPU), ("used memory", node.usedMemory), ("pods", node.podPercent),
            ]
            for case (let what, let percent?) in measures where percent >= Self.high {
                findings.append(
                    Finding(
                        severity: percent >= Self.full ? .critical : .warning,
                        text: "The node \(node.state.name) is at \(percent)% for \(what).",
                        next: what == "pods"
                            ? nil : "k8s.top with of pods, sortBy \(what.hasSuffix("memory") ? "memory" : "cpu")"
                    )
                )
            }
        }
        let pods = livingPods
        for pod in pods {
            guard let reason = pod.unscheduled else { continue }
            findings.append(
                Finding(
                    severity: .critical,
                    text: "The pod \(pod.path) is not scheduled: \(reason.truncated(toUTF8Bytes: 300))",
                    next: "k8s.get with kind Pod, namespace \(pod.namespace), name \(pod.name)"
                )
            )
        }
        for volume in volumes.value ?? [] where volume.percent >= Self.high {
            findings.append(
                Finding(
                    severity: volume.percent >= Self.full ? .critical : .warning,
                    text: "The volume of the PersistentVolumeClaim \(volume.claim) is \(volume.percent)% full."
                )
            )
        }
        let without = pods.filter { $0.requests == .zero }
        if !without.isEmpty {
            findings.append(
                Finding(
                    severity: .information,
                    text:
                        "\(without.count) of \(pods.count) pods have no requests, so the scheduler does not count them: "
                        + without.prefix(5).map(\.path).joined(separator: ", ") + (without.count > 5 ? ", …" : ".")
                )
            )
        }
        // With one node lost, its pods must fit on the others.
        let ready = nodes.filter { $0.state.isReady && $0.state.isSchedulable }
        if ready.count > 1,
            let largest = ready.max(by: { $0.state.allocatable.memoryBytes < $1.state.allocatable.memoryBytes })
        {
            let requested = ready.reduce(ResourceUsage.zero) { $0 + $1.requested }
            let left = ready.filter { $0.state.name != largest.state.name }.reduce(ResourceUsage.zero) {
                $0 + $1.state.allocatable
            }
            if requested.memoryBytes > left.memoryBytes || requested.cpuMillicores > left.cpuMillicores {
                findings.append(
                    Finding(
                        severity: .warning,
                        text:
                            "Without the node \(largest.state.name), the requests of all pods do not fit on the other nodes."
                    )
                )
            }
        }
        return findings
    }

    /// The namespaces with the largest requests.
    var largestNamespaces: [String] {
        let sums = livingPods.reduce(into: [String: ResourceUsage]()) {
            $0[$1.namespace, default: .zero] = ($0[$1.namespace] ?? .zero) + $1.requests
        }
        return sums.sorted { ($1.value.memoryBytes, $0.key) < ($0.value.memoryBytes, $1.key) }.prefix(10).map {
            name,
            sum in
            "\(name): \(sum.cpuMillicores)m processor time, \(Self.mebibytes(sum.memoryBytes)) of memory"
        }
    }

    static func mebibytes(_ bytes: Int64) -> String { "\(bytes >> 20) MiB" }
}
