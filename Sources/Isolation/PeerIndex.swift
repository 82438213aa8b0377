/// The groups of pods that each peer of a policy selects. Equal peers are looked up once.
struct PeerIndex: Sendable {
    private var sets: [CheckedPolicy.Peer: BitSet] = [:]

    init(groups: PodClasses, policies: [CheckedPolicy]) {
        var namespaces: [CheckedSelector: [Int]] = [:]
        for policy in policies {
            for peer in ((policy.ingress ?? []) + (policy.egress ?? [])).flatMap({ $0.peers ?? [] })
            where sets[peer] == nil {
                var set = BitSet(count: groups.classes.count)
                switch peer {
                case .podsOf(let name, let selector):
                    let own = groups.namespaceIndex[name].map { [$0] } ?? []
                    Self.insert(selector, of: own, groups, into: &set)
                case .pods(let selector, let pods):
                    let selected =
                        namespaces[selector]
                        ?? groups.namespaces.indices.filter { selector.matches(groups.namespaces[$0].labels) }
                    namespaces[selector] = selected
                    Self.insert(pods, of: selected, groups, into: &set)
                case .block(let block):
                    if let number = groups.blocks[block] {
                        for (index, group) in groups.classes.enumerated() where group.blocks[number] {
                            set.insert(index)
                        }
                    }
                }
                sets[peer] = set
            }
        }
    }

    private static func insert(
        _ selector: CheckedSelector,
        of namespaces: [Int],
        _ groups: PodClasses,
        into set: inout BitSet
    ) {
        for namespace in namespaces {
            for index in groups.classesOfNamespace[namespace] where selector.matches(groups.classes[index].labels) {
                set.insert(index)
            }
        }
    }

    /// The groups that any of the peers selects, `nil` for all.
    func groups(of peers: [CheckedPolicy.Peer]?, count: Int) -> BitSet? {
        guard let peers else { return nil }
        var result = BitSet(count: count)
        for peer in peers { if let set = sets[peer] { result.formUnion(set) } }
        return result
    }
}
