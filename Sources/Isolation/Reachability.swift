internal import KubernetesAPI

/// Which pods can open connections to which: the documented semantics of NetworkPolicies.
///
/// A pod that no policy selects for a direction is open in this direction. Otherwise, a connection is allowed if one rule of one of
/// these policies allows it. A connection between pods must be allowed by both ends.
/// (https://kubernetes.io/docs/concepts/services-networking/network-policies/)
public struct Reachability: Sendable {
    /// Why one end of a connection allows it.
    public enum Opening: Sendable, Hashable {
        /// No policy selects the pod for this direction.
        case notSelected
        /// NetworkPolicies do not apply to one of both pods, which uses the network of its node.
        case hostNetwork
        /// These policies, as `namespace/name`.
        case policies([String])
    }

    /// What one pod can open to another.
    public struct Connection: Sendable, Hashable {
        /// The ports that both ends allow.
        public var ports: PortSet
        /// Why the source allows it.
        public var egress: Opening
        /// Why the target allows it.
        public var ingress: Opening
    }

    /// The groups of pods.
    let groups: PodClasses
    /// What the sources of connections allow.
    let egress: PolicyDirection
    /// What the targets of connections allow.
    let ingress: PolicyDirection
    /// The groups that let each group in, whatever the ports.
    private let ingressTargets: [BitSet]
    /// The groups that use the network of their node.
    private let onHostNetwork: BitSet

    /// Groups the pods and compiles the policies.
    ///
    /// - Throws: `PolicyProblems` if a policy is not valid. Nothing is evaluated then: without the policy, the result could be wrong.
    public init(_ model: ClusterModel) throws(PolicyProblems) {
        var policies: [CheckedPolicy] = []
        var problems: [PolicyProblem] = []
        for policy in model.policies {
            do {
                policies.append(try CheckedPolicy(policy, unknownLabels: model.unknownLabels))
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw PolicyProblems(problems: problems) }
        groups = PodClasses(model, policies: policies)
        let peers = PeerIndex(groups: groups, policies: policies)
        egress = PolicyDirection(policies.map { ($0, $0.egress) }, groups: groups, peers: peers)
        ingress = PolicyDirection(policies.map { ($0, $0.ingress) }, groups: groups, peers: peers)
        let count = groups.classes.count
        var targets = Array(repeating: BitSet(count: count), count: count)
        for (target, sources) in ingress.others.enumerated() { sources.forEach { targets[$0].insert(target) } }
        ingressTargets = targets
        var hosts = BitSet(count: count)
        for (index, group) in groups.classes.enumerated() where group.isOnHostNetwork { hosts.insert(index) }
        onHostNetwork = hosts
    }

    /// What one pod can open to another, by their positions in the model. A pod always reaches itself.
    public func connection(from source: Int, to target: Int) -> Connection {
        if source == target { return Connection(ports: .all, egress: .notSelected, ingress: .notSelected) }
        return connection(fromClass: groups.classOfPod[source], toClass: groups.classOfPod[target])
    }

    /// The addresses that a pod can open connections to, and the ports, rule by rule; `nil` if no policy restricts the pod.
    public func outside(of pod: Int) -> [(block: AddressBlock, ports: PortSet, policy: String)]? {
        outside(ofClass: groups.classOfPod[pod])
    }

    func outside(ofClass index: Int) -> [(block: AddressBlock, ports: PortSet, policy: String)]? {
        if groups.classes[index].isOnHostNetwork { return nil }
        guard let policies = egress.policies(selecting: index) else { return nil }
        return policies.flatMap { policy in
            // Nothing outside gives a name to a port.
            egress.rules[policy].filter { !$0.ports.isEmpty }.flatMap { rule in
                (rule.blocks ?? [.all]).map { ($0, rule.ports, egress.subjects[policy]) }
            }
        }
    }

    /// The groups that pods of a group may reach; whether they do depends on the ports as well.
    func candidates(fromClass source: Int) -> BitSet {
        if groups.classes[source].isOnHostNetwork { return BitSet(allBelow: groups.classes.count) }
        var candidates = egress.others[source]
        candidates.formIntersection(ingressTargets[source])
        candidates.formUnion(onHostNetwork)
        return candidates
    }

    func connection(fromClass source: Int, toClass target: Int) -> Connection {
        // A node always reaches its pods, and pods their node. Which node it is, is not known.
        if groups.classes[source].isOnHostNetwork || groups.classes[target].isOnHostNetwork {
            return Connection(ports: .all, egress: .hostNetwork, ingress: .hostNetwork)
        }
        let named = groups.classes[target].ports
        let out = egress.ports(of: source, other: target, named: named)
        let into = ingress.ports(of: target, other: source, named: named)
        let ports = out.intersection(into)
        return Connection(
            ports: ports,
            egress: egress.opening(of: source, other: target, named: named, ports: ports),
            ingress: ingress.opening(of: target, other: source, named: named, ports: ports)
        )
    }
}
