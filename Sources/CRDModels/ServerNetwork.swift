public import KubernetesAPI

/// Who can reach a server, and what it can reach, in addition to what its tenant allows.
public struct ServerNetwork: Sendable, Hashable, Codable {
    /// Who can reach the server in addition to the gateway.
    public var ingress: ServerIngressRules?
    /// What the server can reach.
    public var egress: ServerEgressRules?

    /// Creates a value from its fields.
    public init(ingress: ServerIngressRules? = nil, egress: ServerEgressRules? = nil) {
        self.ingress = ingress
        self.egress = egress
    }
}

extension ServerNetwork: SchemaProviding {
    public static let schema = Schema.object(
        ServerNetwork.self,
        """
        Who can reach the server, and what it can reach. By default, only the gateway reaches the server, and the \
        server reaches DNS and the public internet.
        """,
        [
            "ingress": ServerIngressRules.schema.described("Who can reach the server in addition to the gateway."),
            "egress": ServerEgressRules.schema.described("What the server can reach."),
        ]
    )
}

/// Who can reach a server in addition to the gateway.
public struct ServerIngressRules: Sendable, Hashable, Codable {
    /// The peers that can connect to the server; only to the server's port if a peer does not list ports.
    public var from: [NetworkPeer]?
    /// Whether all pods of the server's namespace can reach it. Defaults to the tenant's setting.
    public var sameNamespace: Bool?

    /// Creates a value from its fields.
    public init(from: [NetworkPeer]? = nil, sameNamespace: Bool? = nil) {
        self.from = from
        self.sameNamespace = sameNamespace
    }
}

extension ServerIngressRules: SchemaProviding {
    public static let schema = Schema.object(
        ServerIngressRules.self,
        "Who can reach the server in addition to the gateway.",
        [
            "from": .array(
                """
                The peers that can connect to the server; only to the server's port if a peer does not list ports.
                """,
                of: NetworkPeer.schema
            )
            .items(0...64)
            .atomic(),
            "sameNamespace": .boolean(
                """
                Whether all pods of the server's namespace can reach it, at all of its ports. Defaults to the tenant's \
                setting.
                """
            ),
        ]
    )
}

/// What a server can reach in addition to DNS and the gateway.
public struct ServerEgressRules: Sendable, Hashable, Codable {
    /// Whether the server can reach public addresses. Defaults to the tenant's setting; true has no effect if the
    /// tenant's setting is false.
    public var internet: Bool?
    /// The other peers that the server can reach, including private addresses. Loopback, link-local and metadata
    /// addresses stay blocked.
    public var allow: [NetworkPeer]?
    /// Whether the server can reach the Kubernetes API.
    public var kubernetesAPI: Bool?
    /// Whether the server can reach the cloud's credential endpoints that the platform allows.
    public var cloudCredentials: Bool?

    /// Creates a value from its fields.
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
        "What the server can reach in addition to DNS and the gateway.",
        [
            "internet": .boolean(
                """
                Whether the server can reach public addresses. Defaults to the tenant's setting; true has no effect if \
                the tenant's setting is false.
                """
            ),
            "allow": .array(
                """
                The other peers that the server can reach, including private addresses. Loopback, link-local and \
                metadata addresses stay blocked.
                """,
                of: NetworkPeer.schema
            )
            .items(0...64)
            .atomic(),
            "kubernetesAPI": .boolean(
                """
                Whether the server can reach the Kubernetes API, at the addresses of the Service kubernetes. Its \
                permissions are those of its ServiceAccount.
                """
            )
            .default(false),
            "cloudCredentials": .boolean(
                """
                Whether the server can reach the credential endpoints of the cloud, such as those of EKS Pod Identity. \
                Refused if the platform allows none.
                """
            )
            .default(false),
        ]
    )
}
