import KubernetesAPI

@testable import Isolation

/// A small cluster of random pods and policies, from few labels, ports and ranges, so that they often meet.
struct RandomWorld {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// The ports at which two evaluators can differ: the limits of all ranges, and their neighbours.
    static let ports = [1, 52, 53, 54, 79, 80, 81, 90, 91, 8080, 8081, 9090, 65_535]
    static let addresses = [
        "10.0.0.1", "10.1.0.5", "10.1.255.255", "11.0.0.1", "169.254.169.254", "fd00::1", "2001::1",
    ]
    .compactMap { AddressRange(address: $0) }

    private static let ranges: [(String, [String])] = [
        ("10.0.0.0/8", ["10.1.0.0/16"]), ("10.0.0.0/8", []), ("10.1.0.0/16", ["10.1.0.0/17", "10.1.128.0/17"]),
        ("0.0.0.0/0", ["10.0.0.0/8", "169.254.0.0/16"]), ("0.0.0.0/0", []), ("::/0", ["fd00::/8"]), ("fd00::/8", []),
        ("10.1.0.5/32", []), ("10.1.0.0/16", ["10.1.0.0/24"]),
    ]

    mutating func model() -> ClusterModel {
        var model = ClusterModel()
        model.podRanges = [["10.1.0.0/16"], ["10.1.0.0/16", "fd00::/8"], ["192.0.2.0/24"]][pick(3)]
            .compactMap { AddressRange(cidr: $0) }
        for name in ["a", "b", "c"].prefix(1 + pick(3)) {
            model.namespaces.append(.init(name: name, labels: labels(), tenant: chance(70) ? name : nil))
        }
        for number in 0..<(2 + pick(6)) {
            model.pods.append(
                .init(
                    namespace: ["a", "b", "c"][pick(3)],
                    name: "p\(number)",
                    labels: labels(),
                    ports: chance(50) ? namedPorts() : [],
                    addresses: chance(40) ? [RandomWorld.addresses[pick(6)]] : [],
                    isOnHostNetwork: chance(5)
                )
            )
        }
        for number in 0..<pick(6) { model.policies.append(policy(number)) }
        return model
    }

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    private mutating func chance(_ percent: Int) -> Bool { pick(100) < percent }

    private mutating func labels() -> [String: String] {
        var labels: [String: String] = [:]
        for key in ["k", "l"] where chance(60) { labels[key] = ["1", "2"][pick(2)] }
        return labels
    }

    private mutating func namedPorts() -> [ClusterModel.NamedPort] {
        let transport = TransportProtocol.allCases[pick(3)]
        return [.init(name: ["http", "dns"][pick(2)], transport: transport, number: [53, 80, 8080, 9090][pick(4)])]
    }

    private mutating func selector() -> LabelSelector {
        var selector = LabelSelector()
        if chance(40) { selector.matchLabels = labels() }
        if chance(40) {
            let key = ["k", "l", "m"][pick(3)]
            let name = ["In", "NotIn", "Exists", "DoesNotExist"][pick(4)]
            let values = pick(2) == 0 ? ["1"] : ["1", "2"]
            selector.matchExpressions = [
                .init(key: key, operator: name, values: name.hasSuffix("In") ? values : nil)
            ]
        }
        return selector
    }

    private mutating func policy(_ number: Int) -> NetworkPolicy {
        var spec = NetworkPolicySpec(podSelector: chance(50) ? LabelSelector() : selector())
        spec.policyTypes = [nil, [], ["Ingress"], ["Egress"], ["Ingress", "Egress"]][pick(5)]
        if chance(60) { spec.ingress = (0..<pick(3)).map { _ in .init(from: peers(), ports: ports()) } }
        if chance(60) { spec.egress = (0..<pick(3)).map { _ in .init(to: peers(), ports: ports()) } }
        return NetworkPolicy(metadata: ObjectMeta(name: "n\(number)", namespace: ["a", "b", "c"][pick(3)]), spec: spec)
    }

    private mutating func peers() -> [NetworkPolicyPeer]? {
        if chance(20) { return chance(50) ? nil : [] }
        return (0..<(1 + pick(2))).map { _ in
            switch pick(4) {
            case 0:
                let (cidr, except) = RandomWorld.ranges[pick(RandomWorld.ranges.count)]
                return NetworkPolicyPeer(ipBlock: IPBlock(cidr: cidr, except: except.isEmpty ? nil : except))
            case 1: return NetworkPolicyPeer(podSelector: selector())
            case 2: return NetworkPolicyPeer(namespaceSelector: selector())
            default: return NetworkPolicyPeer(podSelector: selector(), namespaceSelector: selector())
            }
        }
    }

    private mutating func ports() -> [NetworkPolicyPort]? {
        if chance(30) { return chance(50) ? nil : [] }
        return (0..<(1 + pick(2))).map { _ in
            let transport = [nil, "TCP", "UDP", "SCTP"][pick(4)]
            switch pick(4) {
            case 0: return NetworkPolicyPort(protocol: transport)
            case 1: return NetworkPolicyPort(protocol: transport, port: .string(["http", "dns"][pick(2)]))
            case 2: return NetworkPolicyPort(protocol: transport, port: .int([53, 80, 8080][pick(3)]))
            default: return NetworkPolicyPort(protocol: transport, port: .int(80), endPort: [80, 90, 65_535][pick(3)])
            }
        }
    }
}
