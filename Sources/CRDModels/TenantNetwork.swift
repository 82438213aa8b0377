public import KubernetesAPI

/// What a tenant's servers can reach, and who can reach them.
public struct TenantNetwork: Sendable, Hashable, Codable {
    /// Whether NetworkPolicies are created. Defaults to the platform's setting.
    public var enabled: Bool?
    /// The gateway that routes clients to the servers. Defaults to the platform's gateway.
    public var gateway: GatewayPeers?
    /// The DNS servers. Defaults to the platform's, which are those in kube-system unless configured otherwise.
    public var dns: DNSPeers?
    /// Whether servers can reach public addresses. Defaults to the platform's setting.
    public var internet: Bool?
    /// The other peers that all servers can reach, including private addresses. Loopback, link-local and metadata
    /// addresses stay blocked.
    public var allow: [NetworkPeer]?
    /// Public addresses that stay blocked for all servers, such as 203.0.113.0/24.
    public var blockedCIDRs: [String]?
    /// The pods that can scrape metrics, at the additional ports of servers. Defaults to the platform's setting.
    public var monitoring: MonitoringPeers?
    /// Whether all pods of the tenant's namespace can reach its servers.
    public var sameNamespace: Bool?
    /// Which pods of the namespace are isolated, so that they have only the network access that a policy allows.
    public var defaultDeny: DefaultDeny?

    /// Creates a value from its fields.
    public init(
        enabled: Bool? = nil,
        gateway: GatewayPeers? = nil,
        dns: DNSPeers? = nil,
        internet: Bool? = nil,
        allow: [NetworkPeer]? = nil,
        blockedCIDRs: [String]? = nil,
        monitoring: MonitoringPeers? = nil,
        sameNamespace: Bool? = nil,
        defaultDeny: DefaultDeny? = nil
    ) {
        self.enabled = enabled
        self.gateway = gateway
        self.dns = dns
        self.internet = internet
        self.allow = allow
        self.blockedCIDRs = blockedCIDRs
        self.monitoring = monitoring
        self.sameNamespace = sameNamespace
        self.defaultDeny = defaultDeny
    }
}

extension TenantNetwork: SchemaProviding {
    public static let schema = Schema.object(
        TenantNetwork.self,
        "What the tenant's servers can reach, and who can reach them.",
        [
            "enabled": .boolean(
                """
                Whether NetworkPolicies are created. Defaults to the platform's setting; false has an effect only if \
                the platform creates none or allows tenants to turn them off.
                """
            ),
            "gateway": GatewayPeers.schema.described(
                "The gateway that routes clients to the servers. Defaults to the platform's gateway."
            ),
            "dns": DNSPeers.schema.described(
                """
                The DNS servers. Defaults to the platform's, which are those in kube-system unless configured \
                otherwise.
                """
            ),
            "internet": .boolean(
                """
                Whether servers can reach public addresses. Defaults to the platform's setting; true has an effect \
                only if the platform allows the internet or allows tenants to turn it on.
                """
            ),
            "allow": .array(
                """
                The other peers that all servers can reach, including private addresses. Loopback, link-local and \
                metadata addresses stay blocked.
                """,
                of: NetworkPeer.schema
            )
            .items(0...64)
            .atomic(),
            "blockedCIDRs": .array(
                "Public addresses that stay blocked for all servers, such as 203.0.113.0/24.",
                of: .string().length(1...64).rule(CIDR.rule)
            )
            .items(0...64)
            .set(),
            "monitoring": MonitoringPeers.schema.described(
                """
                The pods that can scrape metrics, at the additional ports of servers. Defaults to the platform's \
                setting.
                """
            ),
            "sameNamespace": .boolean(
                "Whether all pods of the tenant's namespace can reach its servers, unless a server sets this itself."
            )
            .default(false),
            "defaultDeny": .string(
                """
                Which pods of the namespace are isolated, so that they have only the network access that a policy \
                allows: AllPods, or ServersOnly, which does not affect other workloads of an adopted namespace.
                """
            )
            .values(of: DefaultDeny.self)
            .default("AllPods"),
        ]
    )
}

/// The gateway that routes clients to servers.
public struct GatewayPeers: Sendable, Hashable, Codable {
    /// The gateway's namespaces, by name.
    public var namespaces: [String]?
    /// The gateway's namespaces, by label.
    public var namespaceSelector: LabelSelector?
    /// The gateway's pods in those namespaces. Defaults to all pods.
    public var podSelector: LabelSelector?
    /// Ports of the gateway that servers can connect to.
    public var callbackPorts: [Int]?

    /// Creates a value from its fields.
    public init(
        namespaces: [String]? = nil,
        namespaceSelector: LabelSelector? = nil,
        podSelector: LabelSelector? = nil,
        callbackPorts: [Int]? = nil
    ) {
        self.namespaces = namespaces
        self.namespaceSelector = namespaceSelector
        self.podSelector = podSelector
        self.callbackPorts = callbackPorts
    }
}

extension GatewayPeers: SchemaProviding {
    public static let schema = Schema.object(
        GatewayPeers.self,
        "The gateway that routes clients to the servers.",
        [
            "namespaces": .array("The gateway's namespaces, by name.", of: .string().length(1...63))
                .items(0...32)
                .set(),
            "namespaceSelector": LabelSelector.schema.described("The gateway's namespaces, by label."),
            "podSelector": LabelSelector.schema.described(
                "The gateway's pods in those namespaces. Defaults to all pods."
            ),
            "callbackPorts": .array(
                "Ports of the gateway that servers can connect to. Defaults to the platform's ports, or none.",
                of: .integer().range(1...65535)
            )
            .items(0...32)
            .set(),
        ],
        rules: [
            .atMostOneOf(
                "namespaces",
                "namespaceSelector",
                message: "namespaces and namespaceSelector are mutually exclusive"
            )
        ]
    )
}

/// DNS servers.
public struct DNSPeers: Sendable, Hashable, Codable {
    /// The namespace of the DNS servers.
    public var namespace: String?
    /// The pods of the DNS servers. Defaults to all pods of the namespace.
    public var podSelector: LabelSelector?
    /// The ports. Defaults to 53 over UDP and TCP.
    public var ports: [NetworkPort]?

    /// Creates a value from its fields.
    public init(namespace: String? = nil, podSelector: LabelSelector? = nil, ports: [NetworkPort]? = nil) {
        self.namespace = namespace
        self.podSelector = podSelector
        self.ports = ports
    }
}

extension DNSPeers: SchemaProviding {
    public static let schema = Schema.object(
        DNSPeers.self,
        "The DNS servers.",
        [
            "namespace": .string("The namespace of the DNS servers.").dnsLabel(),
            "podSelector": LabelSelector.schema.described(
                "The pods of the DNS servers. Defaults to all pods of the namespace."
            ),
            "ports": .array("The ports. Defaults to 53 over UDP and TCP.", of: NetworkPort.schema)
                .items(0...8)
                .atomic(),
        ]
    )
}
