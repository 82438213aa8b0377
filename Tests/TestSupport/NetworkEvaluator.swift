public import KubernetesAPI

/// Evaluates NetworkPolicies for a model of pods, as a network plug-in does: whether a pod can open a
/// connection to a port of another pod, or to an address.
public struct NetworkEvaluator: Sendable {
    /// A pod.
    public struct Pod: Sendable, Hashable {
        /// The namespace's name.
        public var namespace: String
        /// The pod's name.
        public var name: String
        /// The pod's labels.
        public var labels: [String: String]
        /// The pod's address.
        public var address: UInt32
        /// The ports that its containers name.
        public var ports: [String: Int]

        public init(
            namespace: String,
            name: String,
            labels: [String: String],
            address: UInt32,
            ports: [String: Int] = [:]
        ) {
            self.namespace = namespace
            self.name = name
            self.labels = labels
            self.address = address
            self.ports = ports
        }
    }

    /// Labels by namespace; `kubernetes.io/metadata.name` is added, as the API server does.
    public var namespaces: [String: [String: String]]
    /// The policies.
    public var policies: [NetworkPolicy]

    public init(namespaces: [String: [String: String]], policies: [NetworkPolicy]) {
        self.namespaces = namespaces
        for name in namespaces.keys { self.namespaces[name]?["kubernetes.io/metadata.name"] = name }
        self.policies = policies
    }

    /// Whether a pod can open a TCP connection to a port of another: egress of the first and ingress of the second must both
    /// allow it.
    public func reaches(_ source: Pod, _ target: Pod, port: Int) -> Bool {
        letsOut(source, to: target, port: port) && letsIn(target, from: source, port: port)
    }

    /// Whether a pod's egress allows a TCP connection to an IPv4 address outside the cluster.
    public func reaches(_ source: Pod, address: UInt32, port: Int) -> Bool {
        let own = selecting(source, type: "Egress")
        return own.isEmpty
            || own.contains { policy in
                (policy.spec?.egress ?? []).contains { rule in
                    opens(rule.ports, port, at: nil)
                        && (rule.to?.contains { $0.ipBlock.map { Self.contains($0, address) } ?? false } ?? true)
                }
            }
    }

    private func letsOut(_ source: Pod, to target: Pod, port: Int) -> Bool {
        let own = selecting(source, type: "Egress")
        return own.isEmpty
            || own.contains { policy in
                (policy.spec?.egress ?? []).contains { rule in
                    opens(rule.ports, port, at: target) && matches(rule.to, target, policyNamespace: source.namespace)
                }
            }
    }

    private func letsIn(_ target: Pod, from source: Pod, port: Int) -> Bool {
        let own = selecting(target, type: "Ingress")
        return own.isEmpty
            || own.contains { policy in
                (policy.spec?.ingress ?? []).contains { rule in
                    opens(rule.ports, port, at: target) && matches(rule.from, source, policyNamespace: target.namespace)
                }
            }
    }

    private func selecting(_ pod: Pod, type: String) -> [NetworkPolicy] {
        policies.filter { policy in
            policy.metadata.namespace == pod.namespace && (policy.spec?.policyTypes ?? []).contains(type)
                && policy.spec?.podSelector.matches(pod.labels) == true
        }
    }

    /// A named port means the port to which the target pod gives this name, or none if it has no such port.
    private func opens(_ ports: [NetworkPolicyPort]?, _ port: Int, at target: Pod?) -> Bool {
        guard let ports, !ports.isEmpty else { return true }
        return ports.contains { candidate in
            guard (candidate.protocol ?? "TCP") == "TCP" else { return false }
            switch candidate.port {
            case .int(let first)?: return (first...(candidate.endPort ?? first)).contains(port)
            case .string(let name)?: return target?.ports[name] == port
            case nil: return true
            }
        }
    }

    private func matches(_ peers: [NetworkPolicyPeer]?, _ pod: Pod, policyNamespace: String) -> Bool {
        guard let peers, !peers.isEmpty else { return true }
        return peers.contains { peer in
            if let block = peer.ipBlock { return Self.contains(block, pod.address) }
            let isNamespace =
                peer.namespaceSelector.map { $0.matches(namespaces[pod.namespace] ?? [:]) }
                ?? (pod.namespace == policyNamespace)
            return isNamespace && peer.podSelector?.matches(pod.labels) ?? true
        }
    }

    private static func contains(_ block: IPBlock, _ address: UInt32) -> Bool {
        isIn(block.cidr, address) && !(block.except ?? []).contains { isIn($0, address) }
    }

    /// Parses IPv4 ranges only, intentionally with different code than the code under test.
    private static func isIn(_ range: String, _ address: UInt32) -> Bool {
        let parts = range.split(separator: "/")
        let octets = parts[0].split(separator: ".").compactMap { UInt32($0) }
        guard parts.count == 2, octets.count == 4, let length = UInt32(parts[1]) else { return false }
        let base = octets.reduce(0) { $0 << 8 | $1 }
        let mask = length == 0 ? 0 : UInt32.max << (32 - length)
        return base & mask == address & mask
    }
}
