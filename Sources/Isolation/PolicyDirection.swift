/// The rules of all policies for one direction, compiled for groups of pods.
struct PolicyDirection: Sendable {
    /// One rule.
    struct Rule: Sendable {
        /// The groups at the other end, `nil` for all.
        var others: BitSet?
        /// The ports with a number.
        var ports: PortSet
        /// The ports with a name.
        var namedPorts: [CheckedPolicy.NamedPort]
        /// The addresses, `nil` for all; empty if the rule is only about pods.
        var blocks: [AddressBlock]?

        func allows(_ other: Int) -> Bool { others?.contains(other) ?? true }

        /// The ports, with the names resolved by the pod that the connection leads to.
        func ports(named: [CheckedPolicy.NamedPort: Set<Int>]) -> PortSet {
            if namedPorts.isEmpty { return ports }
            var result = ports
            for name in namedPorts {
                for number in named[name] ?? [] { result.insert(name.transport, number...number) }
            }
            return result
        }
    }

    /// The policies, as messages name them.
    private(set) var subjects: [String] = []
    /// The rules of each policy.
    private(set) var rules: [[Rule]] = []
    /// The policies that select each group for this direction.
    private var selecting: [[Int]]
    /// The groups at the other end that the rules for each group allow, whatever the ports.
    private(set) var others: [BitSet] = []

    init(_ policies: [(policy: CheckedPolicy, rules: [CheckedPolicy.Rule]?)], groups: PodClasses, peers: PeerIndex) {
        let count = groups.classes.count
        selecting = Array(repeating: [], count: count)
        for (policy, given) in policies {
            guard let given, let namespace = groups.namespaceIndex[policy.namespace] else { continue }
            let number = subjects.count
            subjects.append(policy.subject)
            rules.append(
                given.map { rule in
                    Rule(
                        others: peers.groups(of: rule.peers, count: count),
                        ports: rule.ports,
                        namedPorts: rule.namedPorts,
                        blocks: rule.peers?.compactMap { if case .block(let block) = $0 { block } else { nil } }
                    )
                }
            )
            for index in groups.classesOfNamespace[namespace]
            where policy.podSelector.matches(groups.classes[index].labels) {
                selecting[index].append(number)
            }
        }
        let all = BitSet(allBelow: count)
        for index in groups.classes.indices {
            guard let selected = self.policies(selecting: index) else {
                others.append(all)
                continue
            }
            var set = BitSet(count: count)
            for rule in selected.flatMap({ rules[$0] }) { set.formUnion(rule.others ?? all) }
            others.append(set)
        }
    }

    /// The policies that select a group, `nil` if none does, so that the pods are open.
    func policies(selecting index: Int) -> [Int]? { selecting[index].isEmpty ? nil : selecting[index] }

    /// The ports that the policies of a group allow for another group.
    func ports(of index: Int, other: Int, named: [CheckedPolicy.NamedPort: Set<Int>]) -> PortSet {
        guard let policies = policies(selecting: index) else { return .all }
        var ports = PortSet.none
        for policy in policies {
            for rule in rules[policy] where rule.allows(other) { ports.formUnion(rule.ports(named: named)) }
        }
        return ports
    }

    /// The policies that open at least one of some ports.
    func opening(
        of index: Int,
        other: Int,
        named: [CheckedPolicy.NamedPort: Set<Int>],
        ports: PortSet
    ) -> Reachability.Opening {
        guard let policies = policies(selecting: index) else { return .notSelected }
        let opening = policies.filter { policy in
            rules[policy].contains { rule in
                rule.allows(other) && !rule.ports(named: named).intersection(ports).isEmpty
            }
        }
        return .policies(opening.map { subjects[$0] })
    }
}
