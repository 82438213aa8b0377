public import CRDModels
public import KubernetesAPI

/// What a tenant's servers can reach, and who can reach them: the validated settings of the tenant and of the platform.
public struct NetworkRules: Sendable, Hashable {
    /// Whether NetworkPolicies are rendered.
    public var enabled: Bool
    /// Who can reach servers.
    public var gateway: GatewayPeers
    /// The DNS servers, as pods.
    public var dns: DNSPeers
    /// Further DNS servers, by address.
    public var dnsRanges: [CIDR]
    /// Who can read metrics, `nil` for nobody.
    public var monitoring: MonitoringPeers?
    /// The credential endpoints that servers can request.
    public var cloudCredentials: [CloudCredentials]
    /// The addresses of the Kubernetes API, `nil` if the platform does not set them.
    public var kubernetesAPI: [KubernetesAPIEndpoint]?
    /// Whether pods of the namespace can reach its servers by default.
    public var sameNamespace: Bool
    /// The pods of the namespace to which the default-deny policy applies.
    public var defaultDeny: DefaultDeny
    /// Whether servers can reach the public internet.
    public var internet: Bool
    /// Whether servers can reach only DNS, their own namespace and the peers in `allow`.
    public var airgapped: Bool
    /// Further peers that servers can reach, in the tenant's order.
    public var allow: [Peer]
    /// The ranges that are not part of the public internet, sorted.
    public var blocked: [CIDR]

    /// A peer that can be reached, with its range parsed.
    public struct Peer: Sendable, Hashable {
        /// The range of addresses, or `nil` for pods.
        public var cidr: CIDR?
        /// A namespace by name.
        public var namespace: String?
        /// Namespaces by label.
        public var namespaceSelector: LabelSelector?
        /// The pods in these namespaces.
        public var podSelector: LabelSelector?
        /// The ports. Empty means all ports.
        public var ports: [NetworkPort]
    }

    /// The platform's rules, which apply to a tenant without its own.
    ///
    /// - Throws: `Refusal`, which names the field of the configuration.
    init(platform: PlatformConfiguration) throws(Refusal) {
        let network = platform.network
        enabled = network?.enabled ?? true
        gateway = GatewayPeers(
            namespaces: network?.gateway?.namespaces,
            namespaceSelector: network?.gateway?.namespaceSelector,
            podSelector: network?.gateway?.podSelector,
            callbackPorts: network?.gateway?.callbackPorts ?? []
        )
        if gateway.namespaces == nil, gateway.namespaceSelector == nil {
            gateway.namespaces = [PlatformNetwork.builtInGatewayNamespace]
        }
        dns = DNSPeers(
            namespace: network?.dns?.namespace ?? PlatformNetwork.builtInDNSNamespace,
            podSelector: network?.dns?.podSelector,
            ports: network?.dns?.ports ?? NetworkRules.dnsPorts
        )
        dnsRanges = try NetworkRules.dnsRanges(network?.dns?.cidrs)
        // A values file without monitoring results in empty peers.
        monitoring = network?.monitoring == MonitoringPeers() ? nil : network?.monitoring
        cloudCredentials = network?.cloudCredentials ?? []
        kubernetesAPI = try network?.kubernetesAPI.map(NetworkRules.endpoints)
        sameNamespace = false
        defaultDeny = .allPods
        internet = network?.internet ?? true
        airgapped = platform.airgapped ?? false
        allow = []
        blocked = AddressRanges.blocked
        try block(network?.blockedCIDRs, field: "network.blockedCIDRs")
    }

    /// UDP and TCP, port 53 (RFC 7766).
    package static let dnsPorts = [NetworkPort(protocol: "TCP", port: 53), NetworkPort(protocol: "UDP", port: 53)]

    private static func dnsRanges(_ texts: [String]?) throws(Refusal) -> [CIDR] {
        var ranges: [CIDR] = []
        for (index, text) in (texts ?? []).enumerated() {
            let field = "network.dns.cidrs[\(index)]"
            let range = try range(text, field: field, reason: .tenantInvalid)
            if let never = AddressRanges.neverDNS.first(where: { $0.contains(range) }) {
                throw Refusal(
                    .networkRangeForbidden,
                    field: field,
                    """
                    \(range) is in \(never), which cannot contain a DNS server: use the address in \
                    /etc/resolv.conf of the pods
                    """
                )
            }
            ranges.append(range)
        }
        return ranges.sorted()
    }

    private static func endpoints(_ api: PlatformKubernetesAPI) throws(Refusal) -> [KubernetesAPIEndpoint] {
        var endpoints: Set<KubernetesAPIEndpoint> = []
        for (index, text) in api.cidrs.enumerated() {
            let field = "network.kubernetesAPI.cidrs[\(index)]"
            let range = try range(text, field: field, reason: .tenantInvalid)
            if let never = AddressRanges.neverAllowed.first(where: { $0.contains(range) }) {
                throw Refusal(
                    .networkRangeForbidden,
                    field: field,
                    "\(range) is in \(never), which cannot be allowed: use the addresses of kubectl get endpointslices "
                        + "kubernetes"
                )
            }
            for port in api.ports ?? [443, 6443] {
                guard (1...65_535).contains(port) else {
                    throw Refusal(
                        .tenantInvalid,
                        field: "network.kubernetesAPI.ports",
                        "\(port) is not a port from 1 to 65535"
                    )
                }
                endpoints.insert(KubernetesAPIEndpoint(range: range, port: port))
            }
        }
        return endpoints.sorted()
    }

    /// Applies a tenant's settings on top of the platform's.
    ///
    /// - Parameter isAdopted: whether the namespace existed before the tenant.
    /// - Throws: `Refusal`, which names the field.
    mutating func apply(_ network: TenantNetwork?, airgapped: Bool?, isAdopted: Bool = false) throws(Refusal) {
        self.airgapped = self.airgapped || airgapped ?? false
        guard let network else { return }
        monitoring = network.monitoring ?? monitoring
        sameNamespace = network.sameNamespace ?? false
        // A namespace that Moorage created has no other pods that default-deny could affect.
        if isAdopted { defaultDeny = network.defaultDeny ?? .allPods }
        enabled = network.enabled ?? enabled
        if let own = network.gateway {
            if own.namespaces != nil || own.namespaceSelector != nil {
                gateway.namespaces = own.namespaces
                gateway.namespaceSelector = own.namespaceSelector
                gateway.podSelector = own.podSelector
            } else if own.podSelector != nil {
                gateway.podSelector = own.podSelector
            }
            gateway.callbackPorts = own.callbackPorts ?? gateway.callbackPorts
        }
        if let own = network.dns {
            if own.namespace != nil { dns.podSelector = nil }
            dns.namespace = own.namespace ?? dns.namespace
            dns.podSelector = own.podSelector ?? dns.podSelector
            dns.ports = own.ports ?? dns.ports
        }
        internet = network.internet ?? internet
        for (index, peer) in (network.allow ?? []).enumerated() {
            allow.append(try Peer(peer, field: "spec.network.allow[\(index)]", reason: .tenantInvalid))
        }
        try block(network.blockedCIDRs, field: "spec.network.blockedCIDRs")
    }

    private mutating func block(_ ranges: [String]?, field: String) throws(Refusal) {
        guard let ranges, !ranges.isEmpty else { return }
        var all = Set(blocked)
        for (index, text) in ranges.enumerated() {
            let range = try NetworkRules.range(text, field: "\(field)[\(index)]", reason: .tenantInvalid)
            guard range.prefixLength > 0 else {
                throw Refusal(
                    .tenantInvalid,
                    field: "\(field)[\(index)]",
                    "\(range) contains all addresses: set network.internet to false instead"
                )
            }
            // The API server parses a mapped range as IPv4 and refuses it; ::/80 blocks all of them.
            if !range.isMapped { all.insert(range) }
        }
        blocked = all.sorted()
    }

    package static func range(_ text: String, field: String, reason: Reason) throws(Refusal) -> CIDR {
        do {
            return try CIDR(text)
        } catch {
            throw Refusal(reason, field: field, error.description)
        }
    }
}

extension NetworkRules.Peer {
    /// Validates a peer that a tenant or server requests.
    ///
    /// - Throws: `Refusal` if it is invalid, or in a range that cannot be allowed.
    package init(_ peer: NetworkPeer, field: String, reason: Reason) throws(Refusal) {
        if let text = peer.cidr {
            guard peer.namespace == nil, peer.namespaceSelector == nil, peer.podSelector == nil else {
                throw Refusal(reason, field: field, "a peer with a cidr must not have a namespace or a selector")
            }
            let range = try NetworkRules.range(text, field: "\(field).cidr", reason: reason)
            if let never = AddressRanges.neverAllowed.first(where: { $0.contains(range) }) {
                throw Refusal(
                    .networkRangeForbidden,
                    field: "\(field).cidr",
                    """
                    \(range) is in \(never), which contains loopback, link-local or metadata addresses: these \
                    cannot be allowed, remove the range
                    """
                )
            }
            cidr = range
        } else {
            guard peer.namespace != nil || peer.namespaceSelector != nil || peer.podSelector != nil else {
                throw Refusal(reason, field: field, "a peer must have a cidr, a namespace, or a selector")
            }
            guard peer.namespace == nil || peer.namespaceSelector == nil else {
                throw Refusal(reason, field: field, "a peer must not have both a namespace and a namespaceSelector")
            }
            cidr = nil
        }
        namespace = peer.namespace
        namespaceSelector = peer.namespaceSelector
        podSelector = peer.podSelector
        ports = []
        for (index, port) in (peer.ports ?? []).enumerated() {
            var port = port
            port.`protocol` = port.`protocol` ?? "TCP"
            guard (1...65_535).contains(port.port), port.endPort.map({ (port.port...65_535).contains($0) }) ?? true
            else {
                throw Refusal(
                    reason,
                    field: "\(field).ports[\(index)]",
                    "ports must be from 1 to 65535, and endPort must not be lower than port"
                )
            }
            ports.append(port)
        }
    }

    /// Whether this peer allows everything that another peer allows: it contains the other's range and ports, and its
    /// selectors are absent or equal.
    package func covers(_ other: NetworkRules.Peer) -> Bool {
        let coversPeer: Bool
        switch (cidr, other.cidr) {
        case (let own?, let others?): coversPeer = own.contains(others)
        case (nil, nil):
            coversPeer =
                namespace == other.namespace && namespaceSelector == other.namespaceSelector
                && (podSelector == nil || podSelector == other.podSelector)
        default: coversPeer = false
        }
        return coversPeer && coversPorts(of: other)
    }

    private func coversPorts(of other: NetworkRules.Peer) -> Bool {
        guard !ports.isEmpty else { return true }
        return !other.ports.isEmpty
            && other.ports.allSatisfy { asked in
                ports.contains { own in
                    own.`protocol` == asked.`protocol` && own.port <= asked.port
                        && (asked.endPort ?? asked.port) <= (own.endPort ?? own.port)
                }
            }
    }
}

extension CIDR {
    /// Whether this is a range in `::ffff:0:0/96`, the IPv6 form of IPv4 addresses.
    var isMapped: Bool { family == .ipv6 && prefixLength >= 96 && address >> 32 == 0xFFFF }
}
