public import KubernetesAPI

/// Addresses or pods at the other end of a connection, and the ports.
public struct NetworkPeer: Sendable, Hashable, Codable {
    /// A range of addresses, such as 10.1.2.0/24 or fd00::/64.
    public var cidr: String?
    /// The pods' namespace, by name.
    public var namespace: String?
    /// The pods' namespaces, by label; all namespaces when empty.
    public var namespaceSelector: LabelSelector?
    /// The pods, by label; all pods of the namespaces when left out. Without a namespace, pods of the own namespace.
    public var podSelector: LabelSelector?
    /// The ports; all of them when left out.
    public var ports: [NetworkPort]?

    /// Makes one from its fields.
    public init(
        cidr: String? = nil,
        namespace: String? = nil,
        namespaceSelector: LabelSelector? = nil,
        podSelector: LabelSelector? = nil,
        ports: [NetworkPort]? = nil
    ) {
        self.cidr = cidr
        self.namespace = namespace
        self.namespaceSelector = namespaceSelector
        self.podSelector = podSelector
        self.ports = ports
    }
}

/// A port, or a range of ports, and its protocol.
public struct NetworkPort: Sendable, Hashable, Codable {
    /// The protocol.
    public var `protocol`: String?
    /// The port, or the first of a range.
    public var port: Int
    /// The last port of a range.
    public var endPort: Int?

    /// Makes one from its fields.
    public init(protocol: String? = nil, port: Int, endPort: Int? = nil) {
        self.protocol = `protocol`
        self.port = port
        self.endPort = endPort
    }
}
