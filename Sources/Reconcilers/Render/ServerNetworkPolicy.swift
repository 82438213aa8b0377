internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// Who can reach a server and what it can reach, as a NetworkPolicy with all defaults written explicitly.
struct ServerNetworkPolicy {
    let tenant: EffectiveTenant
    let others: OtherTenants
    let server: String
    let spec: MCPServerSpec
    /// The addresses of the Kubernetes API.
    let kubernetesAPI: [KubernetesAPIEndpoint]
    /// The pods of the controller, if they check the server's protocol.
    let controller: NetworkPolicyPeer?
    /// Which pods the policy is for.
    var role = WorkloadRole.serving
    /// Whether only the controller gets in: the server was taken out of service.
    var isQuarantined = false

    private var network: ServerNetwork? { spec.network }

    private var rules: NetworkRules { tenant.network }

    /// The policy, or `nil` where policies are turned off.
    ///
    /// - Throws: `Refusal` if the server requests more than its tenant allows.
    func policy() throws(Refusal) -> NetworkPolicySpec? {
        let all = try ingressRules()
        let egress = try egressRules()
        let isClosed = isQuarantined || role != .serving
        let ingress = isClosed ? controllerRules : all
        let podSelector = LabelSelector(matchLabels: ObjectLabels.selector(server: server, role: role))
        guard rules.enabled else {
            // Also where the tenant has no policies, nobody reaches a pod that must not serve.
            return isClosed
                ? NetworkPolicySpec(podSelector: podSelector, policyTypes: ["Ingress"], ingress: ingress) : nil
        }
        return NetworkPolicySpec(
            podSelector: podSelector,
            policyTypes: ["Ingress", "Egress"],
            ingress: ingress,
            egress: egress
        )
    }

    // MARK: Ingress

    private func ingressRules() throws(Refusal) -> [NetworkPolicyIngressRule] {
        // By name, so that pods with the old port and pods with the new one can be reached while spec.port changes.
        let port = namedPort(Moorage.portName)
        let furtherPorts = (spec.ports ?? []).map { namedPort($0.name) }
        var rules: [NetworkPolicyIngressRule] = []
        let peers = gatewayPeers()
        if !peers.isEmpty { rules.append(NetworkPolicyIngressRule(from: peers, ports: [port])) }
        let scraped = furtherPorts + (spec.monitoring?.port == Moorage.portName ? [port] : [])
        let monitoring = monitoringPeers()
        if !scraped.isEmpty, !monitoring.isEmpty {
            rules.append(NetworkPolicyIngressRule(from: monitoring, ports: scraped))
        }
        if network?.ingress?.sameNamespace ?? tenant.network.sameNamespace {
            let everybody = NetworkPolicyPeer(podSelector: LabelSelector())
            rules.append(NetworkPolicyIngressRule(from: [everybody], ports: [port] + furtherPorts))
        }
        for (index, asked) in (network?.ingress?.from ?? []).enumerated() {
            let field = "spec.network.ingress.from[\(index)]"
            let peer = try NetworkRules.Peer(asked, field: field, reason: .specInvalid)
            try checkIngress(peer, field: field)
            let ports = peer.ports.isEmpty ? [port] : peer.ports.map(policyPort)
            rules.append(NetworkPolicyIngressRule(from: [policyPeer(peer)], ports: ports))
        }
        return rules + controllerRules
    }

    private var controllerRules: [NetworkPolicyIngressRule] {
        controller.map { [NetworkPolicyIngressRule(from: [$0], ports: [namedPort(Moorage.portName)])] } ?? []
    }

    /// A server can allow its own namespace, and peers that the tenant allows anyway.
    private func checkIngress(_ peer: NetworkRules.Peer, field: String) throws(Refusal) {
        if let range = peer.cidr {
            throw Refusal(
                .networkNotPermitted,
                field: "\(field).cidr",
                """
                \(range) cannot be allowed by address, because pod addresses are reused: allow a namespace, or use \
                the gateway
                """
            )
        }
        let gateway = rules.gateway
        if peer.namespace == nil, peer.namespaceSelector == nil || peer.namespaceSelector == gateway.namespaceSelector {
            return
        }
        if let namespace = peer.namespace,
            namespace == tenant.namespace || (gateway.namespaces ?? []).contains(namespace)
        {
            return
        }
        throw Refusal(
            .networkNotPermitted,
            field: field,
            """
            a server can only allow its own namespace and the tenant's gateway: ask an administrator to add the \
            namespace to spec.network.gateway.namespaces of the MCPTenant
            """
        )
    }

    private func gatewayPeers() -> [NetworkPolicyPeer] {
        let gateway = rules.gateway
        return peers(gateway.namespaces, gateway.namespaceSelector, gateway.podSelector)
    }

    private func monitoringPeers() -> [NetworkPolicyPeer] {
        guard let monitoring = rules.monitoring else { return [] }
        return peers(monitoring.namespaces, monitoring.namespaceSelector, monitoring.podSelector)
    }

    /// Pods of other namespaces, except those of other tenants.
    private func peers(
        _ namespaces: [String]?,
        _ namespaceSelector: LabelSelector?,
        _ podSelector: LabelSelector?
    ) -> [NetworkPolicyPeer] {
        var peers = (namespaces ?? []).filter { others.holder(of: $0) == nil }.sorted().map { namespace in
            NetworkPolicyPeer(podSelector: podSelector, namespaceSelector: namespaceNamed(namespace))
        }
        if let namespaceSelector {
            peers.append(
                NetworkPolicyPeer(podSelector: podSelector, namespaceSelector: withoutTenants(namespaceSelector))
            )
        }
        return peers
    }

    // MARK: Egress

    private func egressRules() throws(Refusal) -> [NetworkPolicyEgressRule] {
        var egress: [NetworkPolicyEgressRule] = []
        let dns = rules.dns
        egress.append(
            NetworkPolicyEgressRule(
                to: [
                    NetworkPolicyPeer(
                        podSelector: dns.podSelector,
                        namespaceSelector: namespaceNamed(dns.namespace ?? PlatformNetwork.builtInDNSNamespace)
                    )
                ],
                ports: (dns.ports ?? NetworkRules.dnsPorts).map(policyPort)
            )
        )
        if !rules.dnsRanges.isEmpty {
            egress.append(
                NetworkPolicyEgressRule(
                    to: rules.dnsRanges.map { range in
                        // No metadata is served at port 53, but a range that was not listed for it is still opened
                        // without the metadata addresses.
                        NetworkPolicyPeer(
                            ipBlock: Self.block(range, except: AddressRanges.neverDNS + AddressRanges.credentials)
                        )
                    },
                    ports: NetworkRules.dnsPorts.map(policyPort)
                )
            )
        }
        egress += try credentialRules()
        egress += kubernetesAPIRules()
        if rules.airgapped {
            egress.append(NetworkPolicyEgressRule(to: [NetworkPolicyPeer(podSelector: LabelSelector())]))
        } else {
            let ports = (rules.gateway.callbackPorts ?? []).sorted()
            let peers = gatewayPeers()
            if !ports.isEmpty, !peers.isEmpty {
                egress.append(
                    NetworkPolicyEgressRule(
                        to: peers,
                        ports: ports.map { NetworkPolicyPort(protocol: "TCP", port: .int($0)) }
                    )
                )
            }
        }
        if try reachesInternet() {
            egress.append(
                NetworkPolicyEgressRule(to: [
                    NetworkPolicyPeer(ipBlock: internet(.ipv4)), NetworkPolicyPeer(ipBlock: internet(.ipv6)),
                ])
            )
        }
        for peer in try allowedPeers() {
            egress.append(
                NetworkPolicyEgressRule(
                    to: [policyPeer(peer)],
                    ports: peer.ports.isEmpty ? nil : peer.ports.map(policyPort)
                )
            )
        }
        return egress
    }

    private func credentialRules() throws(Refusal) -> [NetworkPolicyEgressRule] {
        guard network?.egress?.cloudCredentials ?? false else { return [] }
        guard !rules.airgapped, !rules.cloudCredentials.isEmpty else {
            throw Refusal(
                .networkNotPermitted,
                field: "spec.network.egress.cloudCredentials",
                rules.airgapped
                    ? "the tenant is air-gapped: remove it"
                    : """
                    the platform does not allow credential endpoints: remove it, or ask an administrator to add \
                    the cloud's to network.cloudCredentials in the platform's configuration
                    """
            )
        }
        return rules.cloudCredentials.map { kind in
            NetworkPolicyEgressRule(
                to: kind.endpoints.ranges.map { NetworkPolicyPeer(ipBlock: IPBlock(cidr: $0)) },
                ports: [NetworkPolicyPort(protocol: "TCP", port: .int(kind.endpoints.port))]
            )
        }
    }

    /// One rule for each port, because a rule opens all of its ports at all of its addresses.
    private func kubernetesAPIRules() -> [NetworkPolicyEgressRule] {
        guard network?.egress?.kubernetesAPI ?? false else { return [] }
        return Dictionary(grouping: kubernetesAPI, by: \.port).sorted { $0.key < $1.key }.map { port, endpoints in
            NetworkPolicyEgressRule(
                to: endpoints.map(\.range).sorted().map {
                    NetworkPolicyPeer(ipBlock: Self.block($0, except: AddressRanges.neverAllowed))
                },
                ports: [NetworkPolicyPort(protocol: "TCP", port: .int(port))]
            )
        }
    }

    /// The IP blocks of the built-in ranges, which most tenants use, computed once.
    private static let builtInInternet: [CIDR.Family: IPBlock] = [
        .ipv4: block(.all(.ipv4), except: AddressRanges.blocked),
        .ipv6: block(.all(.ipv6), except: AddressRanges.blocked),
    ]

    private func internet(_ family: CIDR.Family) -> IPBlock {
        if rules.blocked == AddressRanges.blocked, let block = Self.builtInInternet[family] { return block }
        return Self.block(.all(family), except: rules.blocked)
    }

    private func reachesInternet() throws(Refusal) -> Bool {
        let allowed = rules.internet && !rules.airgapped
        guard let asked = network?.egress?.internet else { return allowed }
        if asked, !allowed {
            throw Refusal(
                .networkNotPermitted,
                field: "spec.network.egress.internet",
                rules.airgapped
                    ? """
                    the tenant is air-gapped: remove it, and ask an administrator to add the needed peers to \
                    spec.network.allow of the MCPTenant
                    """
                    : """
                    the tenant does not allow servers to reach the internet: remove it, or ask an administrator to \
                    set spec.network.internet in the MCPTenant
                    """
            )
        }
        return asked
    }

    /// The peers that the tenant allows, if the server lists none. Otherwise the server's peers, which the tenant must
    /// allow: a server can only narrow the list.
    private func allowedPeers() throws(Refusal) -> [NetworkRules.Peer] {
        guard let asked = network?.egress?.allow else {
            return rules.allow.filter { peer in peer.namespace.map { others.holder(of: $0) == nil } ?? true }
        }
        var peers: [NetworkRules.Peer] = []
        for (index, peer) in asked.enumerated() {
            let field = "spec.network.egress.allow[\(index)]"
            let peer = try NetworkRules.Peer(peer, field: field, reason: .specInvalid)
            try checkEgress(peer, field: field)
            peers.append(peer)
        }
        return peers
    }

    private func checkEgress(_ peer: NetworkRules.Peer, field: String) throws(Refusal) {
        if let namespace = peer.namespace, let other = others.holder(of: namespace) {
            throw Refusal(
                .networkNotPermitted,
                field: "\(field).namespace",
                """
                namespace "\(namespace)" belongs to tenant "\(other)", and tenants cannot reach each other: remove \
                it
                """
            )
        }
        if rules.allow.contains(where: { $0.covers(peer) }) { return }
        if peer.cidr == nil, peer.namespaceSelector == nil, peer.namespace == nil || peer.namespace == tenant.namespace
        {
            return
        }
        if let range = peer.cidr, rules.internet, !rules.airgapped,
            !rules.blocked.contains(where: { $0.overlaps(range) })
        {
            return
        }
        throw Refusal(
            .networkNotPermitted,
            field: field,
            """
            \(describe(peer)) is more than the tenant allows: ask an administrator to add it to spec.network.allow \
            of the MCPTenant
            """
                + (tenant.isClaimed ? " \"\(tenant.name)\"" : ", and no tenant claims this namespace")
        )
    }

    private func describe(_ peer: NetworkRules.Peer) -> String {
        let target =
            peer.cidr?.description ?? peer.namespace.map { "namespace \"\($0)\"" } ?? "a selection of namespaces"
        guard !peer.ports.isEmpty else { return "\(target), all ports," }
        let ports = peer.ports.map { port in
            "\(port.`protocol` ?? "TCP") \(port.port)" + (port.endPort.map { "-\($0)" } ?? "")
        }
        return "\(target), \(ports.joined(separator: ", "))"
    }

    // MARK: Parts

    private func policyPeer(_ peer: NetworkRules.Peer) -> NetworkPolicyPeer {
        if let range = peer.cidr {
            // A range that contains addresses that can never be allowed is opened without them.
            return NetworkPolicyPeer(ipBlock: Self.block(range, except: AddressRanges.neverAllowed))
        }
        if let namespace = peer.namespace {
            return NetworkPolicyPeer(podSelector: peer.podSelector, namespaceSelector: namespaceNamed(namespace))
        }
        return NetworkPolicyPeer(
            podSelector: peer.podSelector,
            namespaceSelector: peer.namespaceSelector.map(withoutTenants)
        )
    }

    /// A range without those that it contains. The API server refuses an `except` that is not smaller than the range.
    private static func block(_ range: CIDR, except: [CIDR]) -> IPBlock {
        let holes = except.filter { range.strictlyContains($0) }.map(\.description)
        return IPBlock(cidr: range.description, except: holes.isEmpty ? nil : holes)
    }

    private func namedPort(_ name: String) -> NetworkPolicyPort {
        NetworkPolicyPort(protocol: "TCP", port: .string(name))
    }

    private func policyPort(_ port: NetworkPort) -> NetworkPolicyPort {
        NetworkPolicyPort(
            protocol: port.`protocol` ?? "TCP",
            port: .int(port.port),
            endPort: port.endPort == port.port ? nil : port.endPort
        )
    }

    private func namespaceNamed(_ name: String) -> LabelSelector {
        LabelSelector(matchLabels: [MoorageLabels.namespaceName: name])
    }

    /// Namespaces by label, except those of other tenants, which have a tenant label.
    private func withoutTenants(_ selector: LabelSelector) -> LabelSelector {
        var selector = selector
        selector.matchExpressions =
            (selector.matchExpressions ?? []) + [
                LabelSelector.Requirement(key: MoorageLabels.tenant, operator: "DoesNotExist")
            ]
        return selector
    }
}
