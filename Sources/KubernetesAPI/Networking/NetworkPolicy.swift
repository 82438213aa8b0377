/// `networking/v1.NetworkPolicy`.
public struct NetworkPolicy: KubernetesResource, Hashable {
    public static let resourceType = ResourceType.networkPolicy
    /// The API version.
    public var apiVersion: String? = "networking.k8s.io/v1"
    /// The kind.
    public var kind: String? = "NetworkPolicy"
    /// The metadata.
    public var metadata: ObjectMeta
    /// The pods that it applies to, and the traffic that it allows.
    public var spec: NetworkPolicySpec?

    public init(metadata: ObjectMeta, spec: NetworkPolicySpec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }
}

/// `networking/v1.NetworkPolicySpec`.
public struct NetworkPolicySpec: Sendable, Hashable, Codable {
    /// The pods of the policy's namespace that it applies to; empty means all.
    public var podSelector: LabelSelector
    /// `Ingress`, `Egress` or both.
    public var policyTypes: [String]?
    /// The allowed incoming traffic. It is sufficient that one rule allows it.
    public var ingress: [NetworkPolicyIngressRule]?
    /// The allowed outgoing traffic. It is sufficient that one rule allows it.
    public var egress: [NetworkPolicyEgressRule]?

    public init(
        podSelector: LabelSelector,
        policyTypes: [String]? = nil,
        ingress: [NetworkPolicyIngressRule]? = nil,
        egress: [NetworkPolicyEgressRule]? = nil
    ) {
        self.podSelector = podSelector
        self.policyTypes = policyTypes
        self.ingress = ingress
        self.egress = egress
    }
}

/// `networking/v1.NetworkPolicyIngressRule`.
public struct NetworkPolicyIngressRule: Sendable, Hashable, Codable {
    /// The allowed sources; an absent list allows all.
    public var from: [NetworkPolicyPeer]?
    /// The allowed ports; an absent list allows all.
    public var ports: [NetworkPolicyPort]?

    public init(from: [NetworkPolicyPeer]? = nil, ports: [NetworkPolicyPort]? = nil) {
        self.from = from
        self.ports = ports
    }
}

/// `networking/v1.NetworkPolicyEgressRule`.
public struct NetworkPolicyEgressRule: Sendable, Hashable, Codable {
    /// The allowed destinations; an absent list allows all.
    public var to: [NetworkPolicyPeer]?
    /// The allowed ports; an absent list allows all.
    public var ports: [NetworkPolicyPort]?

    public init(to: [NetworkPolicyPeer]? = nil, ports: [NetworkPolicyPort]? = nil) {
        self.to = to
        self.ports = ports
    }
}

/// `networking/v1.NetworkPolicyPeer`.
public struct NetworkPolicyPeer: Sendable, Hashable, Codable {
    /// Selects pods, in the policy's own namespace unless `namespaceSelector` is set.
    public var podSelector: LabelSelector?
    /// Selects namespaces.
    public var namespaceSelector: LabelSelector?
    /// A range of addresses.
    public var ipBlock: IPBlock?

    public init(
        podSelector: LabelSelector? = nil,
        namespaceSelector: LabelSelector? = nil,
        ipBlock: IPBlock? = nil
    ) {
        self.podSelector = podSelector
        self.namespaceSelector = namespaceSelector
        self.ipBlock = ipBlock
    }
}

/// `networking/v1.IPBlock`.
public struct IPBlock: Sendable, Hashable, Codable {
    /// The range.
    public var cidr: String
    /// Ranges that are excluded. Each must be smaller than the range and within it.
    public var except: [String]?

    public init(cidr: String, except: [String]? = nil) {
        self.cidr = cidr
        self.except = except
    }
}

/// `networking/v1.NetworkPolicyPort`.
public struct NetworkPolicyPort: Sendable, Hashable, Codable {
    /// `TCP`, `UDP` or `SCTP`. Defaults to TCP.
    public var `protocol`: String?
    /// A number or the name of a container port; if it is absent, all ports.
    public var port: IntOrString?
    /// The end of a range that starts at `port`, inclusive.
    public var endPort: Int?

    public init(protocol: String? = nil, port: IntOrString? = nil, endPort: Int? = nil) {
        self.`protocol` = `protocol`
        self.port = port
        self.endPort = endPort
    }
}
