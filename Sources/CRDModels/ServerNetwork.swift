public import KubernetesAPI

/// Who may reach a server, and what it may reach, besides what its tenant allows.
public struct ServerNetwork: Sendable, Hashable, Codable {
    /// Who may reach the server besides the gateway.
    public var ingress: ServerIngressRules?
    /// What the server may reach.
    public var egress: ServerEgressRules?

    /// Makes one from its fields.
    public init(ingress: ServerIngressRules? = nil, egress: ServerEgressRules? = nil) {
        self.ingress = ingress
        self.egress = egress
    }
}

extension ServerNetwork: SchemaProviding {
    public static let schema = Schema.object(
        ServerNetwork.self,
        """
        Who may reach the server, and what it may reach. By default the gateway alone reaches it, and it reaches \
        DNS, the gateway's callback port and the public internet.
        """,
        [
            "ingress": ServerIngressRules.schema.described("Who may reach the server besides the gateway."),
            "egress": ServerEgressRules.schema.described("What the server may reach."),
        ]
    )
}

/// Who may reach a server besides the gateway.
public struct ServerIngressRules: Sendable, Hashable, Codable {
    /// Whom to let in; to the server's port where a peer names no ports.
    public var from: [NetworkPeer]?

    /// Makes one from its fields.
    public init(from: [NetworkPeer]? = nil) {
        self.from = from
    }
}

extension ServerIngressRules: SchemaProviding {
    public static let schema = Schema.object(
        ServerIngressRules.self,
        "Who may reach the server besides the gateway.",
        [
            "from": .array("Whom to let in; to the server's port where a peer names no ports.", of: NetworkPeer.schema)
                .items(0...64)
                .atomic()
        ]
    )
}

/// What a server may reach besides DNS and the gateway.
public struct ServerEgressRules: Sendable, Hashable, Codable {
    /// Whether the server reaches public addresses; as the tenant has it when left out. It cannot open what the tenant
    /// closes.
    public var internet: Bool?
    /// Whom the server may reach in addition, private addresses included. Loopback, link-local and metadata addresses
    /// stay blocked.
    public var allow: [NetworkPeer]?

    /// Makes one from its fields.
    public init(internet: Bool? = nil, allow: [NetworkPeer]? = nil) {
        self.internet = internet
        self.allow = allow
    }
}

extension ServerEgressRules: SchemaProviding {
    public static let schema = Schema.object(
        ServerEgressRules.self,
        "What the server may reach besides DNS and the gateway.",
        [
            "internet": .boolean(
                """
                Whether the server reaches public addresses; as the tenant has it when left out. It cannot open \
                what the tenant closes.
                """
            ),
            "allow": .array(
                """
                Whom the server may reach in addition, private addresses included. Loopback, link-local and \
                metadata addresses stay blocked.
                """,
                of: NetworkPeer.schema
            )
            .items(0...64)
            .atomic(),
        ]
    )
}
