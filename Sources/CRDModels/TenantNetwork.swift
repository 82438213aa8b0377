public import KubernetesAPI

/// Whom a tenant's servers may reach, and who reaches them.
public struct TenantNetwork: Sendable, Hashable, Codable {
    /// Whether NetworkPolicies are made at all; as the platform has it when left out.
    public var enabled: Bool?
    /// The gateway that leads clients to the servers; the platform's when left out.
    public var gateway: GatewayPeers?
    /// The name servers; the platform's when left out, which are those in kube-system unless configured otherwise.
    public var dns: DNSPeers?
    /// Whether servers reach public addresses; as the platform has it when left out.
    public var internet: Bool?
    /// Whom all servers may reach in addition, private addresses included. Loopback, link-local and metadata addresses
    /// stay blocked.
    public var allow: [NetworkPeer]?
    /// Public addresses that stay blocked for all servers, such as 203.0.113.0/24.
    public var blockedCIDRs: [String]?
    /// Who reads metrics, at the further ports of servers; the platform's when left out.
    public var monitoring: MonitoringPeers?
    /// Whether all pods of the tenant's namespace may reach its servers.
    public var sameNamespace: Bool?
    /// Which pods of the namespace can do nothing on the network that no policy allows.
    public var defaultDeny: DefaultDeny?

    /// Makes one from its fields.
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
        "Whom the tenant's servers may reach, and who reaches them.",
        [
            "enabled": .boolean(
                """
                Whether NetworkPolicies are made at all; as the platform has it when left out. false has an effect only \
                where the platform makes none or lets tenants turn them off.
                """
            ),
            "gateway": GatewayPeers.schema.described(
                "The gateway that leads clients to the servers; the platform's when left out."
            ),
            "dns": DNSPeers.schema.described(
                """
                The name servers; the platform's when left out, which are those in kube-system unless configured \
                otherwise.
                """
            ),
            "internet": .boolean(
                """
                Whether servers reach public addresses; as the platform has it when left out. true has an effect only \
                where the platform opens the internet or lets tenants open it.
                """
            ),
            "allow": .array(
                """
                Whom all servers may reach in addition, private addresses included. Loopback, link-local and \
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
                "Who reads metrics, at the further ports of servers; the platform's when left out."
            ),
            "sameNamespace": .boolean(
                "Whether all pods of the tenant's namespace may reach its servers, where a server does not say."
            )
            .default(false),
            "defaultDeny": .string(
                """
                Which pods of the namespace can do nothing on the network that no policy allows: AllPods, or ServersOnly, \
                which leaves other workloads of an adopted namespace as they are.
                """
            )
            .values(of: DefaultDeny.self)
            .default("AllPods"),
        ]
    )
}

/// The gateway that leads clients to servers.
public struct GatewayPeers: Sendable, Hashable, Codable {
    /// The gateway's namespaces, by name.
    public var namespaces: [String]?
    /// The gateway's namespaces, by label.
    public var namespaceSelector: LabelSelector?
    /// The gateway's pods in those namespaces; all pods when left out.
    public var podSelector: LabelSelector?
    /// Ports of the gateway that servers may call back.
    public var callbackPorts: [Int]?

    /// Makes one from its fields.
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
        "The gateway that leads clients to the servers.",
        [
            "namespaces": .array("The gateway's namespaces, by name.", of: .string().length(1...63))
                .items(0...32)
                .set(),
            "namespaceSelector": LabelSelector.schema.described("The gateway's namespaces, by label."),
            "podSelector": LabelSelector.schema.described(
                "The gateway's pods in those namespaces; all pods when left out."
            ),
            "callbackPorts": .array(
                "Ports of the gateway that servers may call back; none when neither tenant nor platform names any.",
                of: .integer().range(1...65535)
            )
            .items(0...32)
            .set(),
        ],
        rules: [
            .atMostOneOf(
                "namespaces",
                "namespaceSelector",
                message: "namespaces and namespaceSelector exclude each other"
            )
        ]
    )
}

/// Name servers.
public struct DNSPeers: Sendable, Hashable, Codable {
    /// The namespace of the name servers.
    public var namespace: String?
    /// The pods of the name servers; all pods of the namespace when left out.
    public var podSelector: LabelSelector?
    /// The ports; 53 over UDP and TCP when left out.
    public var ports: [NetworkPort]?

    /// Makes one from its fields.
    public init(namespace: String? = nil, podSelector: LabelSelector? = nil, ports: [NetworkPort]? = nil) {
        self.namespace = namespace
        self.podSelector = podSelector
        self.ports = ports
    }
}

extension DNSPeers: SchemaProviding {
    public static let schema = Schema.object(
        DNSPeers.self,
        "The name servers.",
        [
            "namespace": .string("The namespace of the name servers.").dnsLabel(),
            "podSelector": LabelSelector.schema.described(
                "The pods of the name servers; all pods of the namespace when left out."
            ),
            "ports": .array("The ports; 53 over UDP and TCP when left out.", of: NetworkPort.schema)
                .items(0...8)
                .atomic(),
        ]
    )
}
