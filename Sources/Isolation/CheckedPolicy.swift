/// A NetworkPolicy whose values are valid, with its defaults set.
struct CheckedPolicy: Sendable, Hashable {
    /// The namespace of the policy, whose pods it selects.
    var namespace: String
    /// The name.
    var name: String
    /// The pods that it applies to.
    var podSelector: CheckedSelector
    /// The incoming traffic that it allows, `nil` if it says nothing about incoming traffic.
    var ingress: [Rule]?
    /// The outgoing traffic that it allows, `nil` if it says nothing about outgoing traffic.
    var egress: [Rule]?

    /// Peers and ports. A connection must match one of both.
    struct Rule: Sendable, Hashable {
        /// The peers, `nil` for all.
        var peers: [Peer]?
        /// The ports with a number.
        var ports: PortSet
        /// The ports with a name, which each pod gives to a number of its own.
        var namedPorts: [NamedPort]
    }

    /// A port by its name.
    struct NamedPort: Sendable, Hashable {
        var transport: TransportProtocol
        var name: String
    }

    /// The other end of a connection.
    enum Peer: Sendable, Hashable {
        /// Pods of one namespace: the namespace of the policy.
        case podsOf(namespace: String, CheckedSelector)
        /// Pods of the namespaces that have certain labels.
        case pods(namespaces: CheckedSelector, CheckedSelector)
        /// Addresses.
        case block(AddressBlock)
    }

    /// As messages name it.
    var subject: String { "\(namespace)/\(name)" }
}
