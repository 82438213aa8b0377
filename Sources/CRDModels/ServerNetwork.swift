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
        DNS and the public internet.
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
    /// Whether all pods of the server's namespace may reach it; as the tenant has it when left out.
    public var sameNamespace: Bool?

    /// Makes one from its fields.
    public init(from: [NetworkPeer]? = nil, sameNamespace: Bool? = nil) {
        self.from = from
        self.sameNamespace = sameNamespace
    }
}

extension ServerIngressRules: SchemaProviding {
    public static let schema = Schema.object(
        ServerIngressRules.self,
        "Who may reach the server besides the gateway.",
        [
            "from": .array("Whom to let in; to the server's port where a peer names no ports.", of: NetworkPeer.schema)
                .items(0...64)
                .atomic(),
            "sameNamespace": .boolean(
                """
                Whether all pods of the server's namespace may reach it, at all of its ports; as the tenant has it when left \
                out.
                """
            ),
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
    /// Whether the server may reach the Kubernetes API.
    public var kubernetesAPI: Bool?
    /// Whether the server may reach the cloud's credential endpoints that the platform opens.
    public var cloudCredentials: Bool?

    /// Makes one from its fields.
    public init(
        internet: Bool? = nil,
        allow: [NetworkPeer]? = nil,
        kubernetesAPI: Bool? = nil,
        cloudCredentials: Bool? = nil
    ) {
        self.internet = internet
        self.allow = allow
        self.kubernetesAPI = kubernetesAPI
        self.cloudCredentials = cloudCredentials
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
            "kubernetesAPI": .boolean(
                """
                Whether the server may reach the Kubernetes API, at the addresses of the Service kubernetes. What it may do \
                there is up to its ServiceAccount.
                """
            )
            .default(false),
            "cloudCredentials": .boolean(
                """
                Whether the server may reach the credential endpoints of the cloud, such as those of EKS Pod Identity. Refused \
                where the platform opens none.
                """
            )
            .default(false),
        ]
    )
}
