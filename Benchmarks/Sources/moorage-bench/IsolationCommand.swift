import ArgumentParser
import Isolation
import KubernetesAPI
import Policy

/// The benchmark `isolation`.
struct IsolationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "isolation",
        abstract:
            "Every pair of pods of many tenants evaluated, against one pair after the other, straight from the policies."
    )

    @Option(help: "How many tenants.") var tenants = 200
    @Option(help: "How many servers each tenant has.") var servers = 10
    @Option(help: "How many runs; the medians are reported.") var rounds = 5
    @Option(help: "From how many pods the reference evaluates the paths; its time is extrapolated.") var sample = 20

    func run() async throws {
        let model = IsolationFleet(tenants: tenants, servers: servers).model()
        let blocked = AddressRanges.neverAllowed.compactMap { BlockedRange("\($0)", reason: "never allowed") }
        var fast: [Double] = []
        var slow: [Double] = []
        for _ in 0..<rounds {
            var start = ContinuousClock.now
            let report = try IsolationCheck(model, blocked: blocked).report()
            fast.append(start.duration(to: .now).seconds)
            guard report.isIsolated, report.podCount == model.pods.count else {
                throw BenchmarkFailure("the tenants of the benchmark are not isolated")
            }
            start = ContinuousClock.now
            let reference = PairwiseReference(model)
            let sources = Array(stride(from: 0, to: model.pods.count, by: max(1, model.pods.count / max(1, sample))))
            var count = 0
            for source in sources {
                for target in model.pods.indices where reference.isOpen(source, target) { count += 1 }
            }
            let share = Double(sources.count) / Double(model.pods.count)
            slow.append(start.duration(to: .now).seconds / max(share, 1e-9))
            guard count > 0 else { throw BenchmarkFailure("the reference found no path") }
        }
        let pairs = model.pods.count * model.pods.count
        print(
            """
            isolation: \(tenants) tenants, \(model.pods.count) pods, \(model.policies.count) policies, \(pairs) pairs; medians \
            of \(rounds)
              all pairs, ports and blocked ranges: \(fast.median.text(2)) s
              one pair after the other, extrapolated: \(slow.median.text(2)) s
              ratio \((slow.median / fast.median).text(1))
            """
        )
    }
}

/// Tenants with policies of the form that Moorage renders: one that denies everything, and one for each server.
struct IsolationFleet {
    var tenants: Int
    var servers: Int

    func model() -> ClusterModel {
        var model = ClusterModel(podRanges: [AddressRange(cidr: "10.0.0.0/8")].compactMap { $0 })
        for (namespace, app) in [("moorage-system", "gateway"), ("kube-system", "dns")] {
            model.namespaces.append(.init(name: namespace))
            model.pods.append(.init(namespace: namespace, name: app, labels: ["app": app]))
        }
        for tenant in 0..<tenants {
            let namespace = "mcp-t\(tenant)"
            model.namespaces.append(.init(name: namespace, tenant: "t\(tenant)"))
            model.policies.append(
                NetworkPolicy(
                    metadata: ObjectMeta(name: "moorage-default-deny", namespace: namespace),
                    spec: NetworkPolicySpec(podSelector: LabelSelector(), policyTypes: ["Ingress", "Egress"])
                )
            )
            for server in 0..<servers {
                let labels = ["app.kubernetes.io/name": "s\(server)", "moorage.dev/server": "s\(server)"]
                model.pods.append(
                    .init(
                        namespace: namespace,
                        name: "s\(server)",
                        labels: labels,
                        ports: [.init(name: "mcp", number: 8080)]
                    )
                )
                model.policies.append(policy("s\(server)", namespace, labels))
            }
        }
        return model
    }

    private func policy(_ name: String, _ namespace: String, _ labels: [String: String]) -> NetworkPolicy {
        func pods(of namespace: String) -> NetworkPolicyPeer {
            NetworkPolicyPeer(namespaceSelector: LabelSelector(matchLabels: ["kubernetes.io/metadata.name": namespace]))
        }
        let except = AddressRanges.blocked.filter { $0.family == .ipv4 }.map(\.description)
        return NetworkPolicy(
            metadata: ObjectMeta(name: name, namespace: namespace),
            spec: NetworkPolicySpec(
                podSelector: LabelSelector(matchLabels: labels),
                policyTypes: ["Ingress", "Egress"],
                ingress: [.init(from: [pods(of: "moorage-system")], ports: [.init(protocol: "TCP", port: "mcp")])],
                egress: [
                    .init(
                        to: [pods(of: "kube-system")],
                        ports: [.init(protocol: "TCP", port: 53), .init(protocol: "UDP", port: 53)]
                    ),
                    .init(to: [.init(ipBlock: IPBlock(cidr: "0.0.0.0/0", except: except))]),
                ]
            )
        )
    }
}

/// The reference: whether a pair may be connected, straight from the selectors of the policies, without ports and addresses.
struct PairwiseReference {
    private let model: ClusterModel
    private let labels: [String: [String: String]]
    private let policies: [String: [NetworkPolicy]]

    init(_ model: ClusterModel) {
        self.model = model
        let all = model.namespaces.map { ($0.name, ["kubernetes.io/metadata.name": $0.name]) }
        labels = Dictionary(all, uniquingKeysWith: { first, _ in first })
        policies = Dictionary(grouping: model.policies) { $0.metadata.namespace ?? "" }
    }

    func isOpen(_ source: Int, _ target: Int) -> Bool {
        let (from, to) = (model.pods[source], model.pods[target])
        let out = selecting(from)
        guard out.isEmpty || out.contains(where: { ($0.egress ?? []).contains { matches($0.to, to, from.namespace) } })
        else { return false }
        let into = selecting(to)
        return into.isEmpty || into.contains { ($0.ingress ?? []).contains { matches($0.from, from, to.namespace) } }
    }

    private func selecting(_ pod: ClusterModel.Pod) -> [NetworkPolicySpec] {
        (policies[pod.namespace] ?? []).compactMap(\.spec).filter { $0.podSelector.matches(pod.labels) }
    }

    private func matches(_ peers: [NetworkPolicyPeer]?, _ pod: ClusterModel.Pod, _ own: String) -> Bool {
        guard let peers, !peers.isEmpty else { return true }
        return peers.contains { peer in
            if peer.ipBlock != nil { return false }
            let isNamespace = peer.namespaceSelector?.matches(labels[pod.namespace] ?? [:]) ?? (pod.namespace == own)
            return isNamespace && peer.podSelector?.matches(pod.labels) ?? true
        }
    }
}
