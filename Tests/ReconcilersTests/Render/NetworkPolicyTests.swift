import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

private func plan(_ server: MCPServer = Sample.server(), tenant: MCPTenant) -> Decision<ServerPlan> {
    decide(Sample.input(server, tenants: [tenant]))
}

/// The policy without the rule for the controller, which `ProtocolConditionsTests` checks.
private func policy(_ server: MCPServer = Sample.server(), tenant: MCPTenant) throws -> NetworkPolicySpec {
    let decision = plan(server, tenant: tenant)
    return try #require(decision.plan?.networkPolicy, "\(String(describing: decision.refusal))").withoutController
}

extension NetworkPolicySpec {
    fileprivate var withoutController: NetworkPolicySpec {
        var spec = self
        spec.ingress = ingress?.filter { $0.from?.first?.podSelector != PlatformHandshake.builtInControllerPods }
        return spec
    }
}

private func allowing(_ peers: NetworkPeer..., internet: Bool? = nil) -> MCPTenant {
    Sample.tenant { $0.network = TenantNetwork(internet: internet, allow: peers) }
}

private func asking(_ peers: NetworkPeer...) -> MCPServer {
    Sample.server { $0.network = ServerNetwork(egress: ServerEgressRules(allow: peers)) }
}

private let tcp443 = [NetworkPort(port: 443)]

private let refusedAllowances: [String] = [
    "127.0.0.0/8", "127.0.0.1/32", "169.254.0.0/16", "169.254.169.254/32", "0.0.0.0/8", "100.100.100.200/32",
    "192.0.0.192/32", "::1/128", "fe80::/10", "fe80::1/128", "::ffff:0:0/96", "::ffff:10.0.0.0/104",
    "fd00:ec2::254/128",
    "64:ff9b::a9fe:a9fe/128", "64:ff9b::7f00:1/128", "64:ff9b:1::/48", "64:ff9b:1:a9fe:a9:fe00::/96",
    "2002:a9fe:a9fe::/48", "2002::/16", "168.63.129.16/32", "fd00:ec2::23/128",
]

private let coveringAllowances: [(String, [String])] = [
    ("169.0.0.0/8", ["169.254.0.0/16"]),
    ("168.0.0.0/8", ["168.63.129.16/32"]),
    ("100.64.0.0/10", ["100.100.100.200/32"]),
    ("192.0.0.0/24", ["192.0.0.192/32"]),
    ("10.0.0.0/8", []),
    ("fc00::/7", ["fd00:ec2::23/128", "fd00:ec2::254/128", "fd20:ce::254/128"]),
]

@Suite("Network policies")
struct NetworkPolicyTests {
    @Test("block every special-purpose range, including IPv6, with excepts that the API server accepts")
    func internet() throws {
        let egress = try policy(tenant: Sample.tenant()).egress ?? []
        let blocks = egress.flatMap { $0.to ?? [] }.compactMap(\.ipBlock)
        #expect(blocks.map(\.cidr) == ["0.0.0.0/0", "::/0"])
        let ipv4 = [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
            "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        ]
        #expect(blocks.first?.except == ipv4)
        #expect(
            blocks.last?.except == [
                "::/80", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10",
                "ff00::/8",
            ]
        )
        try checkExcepts(blocks)
    }

    /// What the API server requires of `except`: a range within `cidr` and smaller, and none that it parses as IPv4.
    private func checkExcepts(_ blocks: [IPBlock]) throws {
        for block in blocks {
            for hole in block.except ?? [] {
                #expect(try CIDR(block.cidr).strictlyContains(CIDR(hole)), "\(hole) in \(block.cidr)")
                #expect(try !CIDR(hole).isMapped)
            }
        }
    }

    @Test("allow only the gateway, at the server's port by name")
    func ingress() throws {
        let spec = try policy(
            Sample.server { $0.port = 9000 },
            tenant: Sample.tenant {
                $0.network = TenantNetwork(
                    gateway: GatewayPeers(
                        namespaces: ["kourier-system", "gateway"],
                        podSelector: LabelSelector(matchLabels: ["app": "gw"])
                    )
                )
            }
        )
        #expect(spec.policyTypes == ["Ingress", "Egress"])
        #expect(spec.podSelector.matchLabels == ["moorage.dev/server": "weather"])
        #expect(
            spec.ingress == [
                NetworkPolicyIngressRule(
                    from: ["gateway", "kourier-system"].map {
                        NetworkPolicyPeer(
                            podSelector: LabelSelector(matchLabels: ["app": "gw"]),
                            namespaceSelector: LabelSelector(matchLabels: ["kubernetes.io/metadata.name": $0])
                        )
                    },
                    ports: [NetworkPolicyPort(protocol: "TCP", port: "http")]
                )
            ]
        )
    }

    @Test("allow DNS, and the gateway's callback ports if there are any")
    func dnsAndCallback() throws {
        let none = try policy(tenant: Sample.tenant { $0.network = TenantNetwork(internet: false) }).egress ?? []
        #expect(none.count == 1)
        let gateway = GatewayPeers(callbackPorts: [8080])
        let egress =
            try policy(tenant: Sample.tenant { $0.network = TenantNetwork(gateway: gateway, internet: false) }).egress
            ?? []
        #expect(egress.count == 2)
        #expect(egress[0].to?[0].namespaceSelector?.matchLabels == ["kubernetes.io/metadata.name": "kube-system"])
        #expect(
            egress[0].ports == [
                NetworkPolicyPort(protocol: "TCP", port: 53), NetworkPolicyPort(protocol: "UDP", port: 53),
            ]
        )
        #expect(egress[1].to?[0].namespaceSelector?.matchLabels == ["kubernetes.io/metadata.name": "moorage-system"])
        #expect(egress[1].ports == [NetworkPolicyPort(protocol: "TCP", port: 8080)])
    }

    @Test("if air-gapped, allow DNS, the own namespace and listed peers, and set the server's variable")
    func airgapped() throws {
        let tenant = Sample.tenant {
            $0.airgapped = true
            $0.images = TenantImages(mirrors: [ImageMirror(source: "ghcr.io/acme", mirror: "registry.internal.example")]
            )
            $0.network = TenantNetwork(allow: [NetworkPeer(cidr: "10.10.0.0/16", ports: [NetworkPort(port: 8088)])])
        }
        let plan = try #require(plan(tenant: tenant).plan)
        let egress = plan.networkPolicy?.egress ?? []
        #expect(egress.count == 3)
        #expect(egress[1].to == [NetworkPolicyPeer(podSelector: LabelSelector())])
        #expect(egress[2].to?[0].ipBlock == IPBlock(cidr: "10.10.0.0/16"))
        #expect(egress[2].ports == [NetworkPolicyPort(protocol: "TCP", port: 8088)])
        #expect(plan.podTemplate.at("spec.containers.0.env.0") == ["name": "MOORAGE_AIRGAPPED", "value": "true"])
        #expect(
            plan.podTemplate.at("spec.containers.0.image")?.stringValue?.hasPrefix("registry.internal.example/weather@")
                == true
        )
    }

    @Test("a server that requests the internet without its tenant's permission is refused")
    func internetBeyond() {
        let asking = Sample.server { $0.network = ServerNetwork(egress: ServerEgressRules(internet: true)) }
        let refusal = plan(asking, tenant: allowing(internet: false)).refusal
        #expect(refusal?.reason == .networkNotPermitted)
        #expect(refusal?.field == "spec.network.egress.internet")
    }

    @Test("loopback, link-local and metadata addresses cannot be allowed", arguments: refusedAllowances)
    func never(range: String) throws {
        let refusal = try #require(plan(tenant: allowing(NetworkPeer(cidr: range))).refusal)
        #expect(refusal.reason == .tenantInvalid)
        #expect(refusal.message.contains("cannot be allowed"))
        #expect(refusal.message.contains(try CIDR(range).description), "the range is named: \(refusal.message)")
        let servers = try #require(plan(asking(NetworkPeer(cidr: range)), tenant: Sample.tenant()).refusal)
        #expect(servers.reason == .networkRangeForbidden)
        #expect(servers.field == "spec.network.egress.allow[0].cidr")
    }

    @Test("a range that contains such addresses is allowed without them", arguments: coveringAllowances)
    func covering(range: String, except: [String]) throws {
        let egress = try policy(tenant: allowing(NetworkPeer(cidr: range), internet: false)).egress ?? []
        #expect(egress.last?.to?.first?.ipBlock == IPBlock(cidr: range, except: except.isEmpty ? nil : except))
    }

    @Test("even if everything is allowed, they are excluded")
    func everything() throws {
        for range in ["0.0.0.0/0", "::/0"] {
            let block = try policy(tenant: allowing(NetworkPeer(cidr: range), internet: false)).egress?.last?.to?.first?
                .ipBlock
            for never in AddressRanges.neverAllowed where try CIDR(range).contains(never) {
                #expect(block?.except?.contains(never.description) == true)
            }
            try checkExcepts([try #require(block)])
        }
    }

    @Test("a server without a list has what its tenant allows; one with a list only has that")
    func narrowing() throws {
        let monitoring = NetworkPeer(namespace: "monitoring", ports: [NetworkPort(port: 9090)])
        let tenant = allowing(monitoring, NetworkPeer(cidr: "10.0.0.0/8", ports: tcp443), internet: false)
        #expect(try policy(tenant: tenant).egress?.count == 3)
        #expect(try policy(asking(monitoring), tenant: tenant).egress?.count == 2)
        #expect(try policy(asking(), tenant: tenant).egress?.count == 1)
        let narrower = NetworkPeer(cidr: "10.1.2.3/32", ports: tcp443)
        #expect(try policy(asking(narrower), tenant: tenant).egress?.last?.to?.first?.ipBlock?.cidr == "10.1.2.3/32")
    }

    @Test(
        "what the tenant does not allow is refused",
        arguments: [
            NetworkPeer(cidr: "10.0.0.0/7"), NetworkPeer(cidr: "10.0.0.0/8"),
            NetworkPeer(cidr: "10.1.0.0/16", ports: [NetworkPort(port: 80)]),
            NetworkPeer(cidr: "10.1.0.0/16", ports: [NetworkPort(protocol: "UDP", port: 443)]),
            NetworkPeer(cidr: "10.1.0.0/16", ports: [NetworkPort(port: 443, endPort: 444)]),
            NetworkPeer(cidr: "192.168.0.0/16", ports: [NetworkPort(port: 443)]),
            NetworkPeer(cidr: "0.0.0.0/0"), NetworkPeer(namespace: "kube-system"),
            NetworkPeer(namespaceSelector: LabelSelector()),
            NetworkPeer(namespaceSelector: LabelSelector(matchLabels: ["a": "b"])),
        ]
    )
    func beyond(peer: NetworkPeer) throws {
        let tenant = allowing(NetworkPeer(cidr: "10.0.0.0/8", ports: tcp443))
        let refusal = try #require(plan(asking(peer), tenant: tenant).refusal)
        #expect(refusal.reason == .networkNotPermitted)
        #expect(refusal.field?.hasPrefix("spec.network.egress.allow[0]") == true)
    }

    @Test(
        "what the tenant allows anyway is accepted",
        arguments: [
            NetworkPeer(cidr: "10.9.0.0/16", ports: [NetworkPort(port: 443)]),
            NetworkPeer(cidr: "1.1.1.1/32"), NetworkPeer(namespace: "mcp-acme"),
            NetworkPeer(podSelector: LabelSelector()),
        ]
    )
    func granted(peer: NetworkPeer) throws {
        _ = try policy(asking(peer), tenant: allowing(NetworkPeer(cidr: "10.0.0.0/8", ports: tcp443)))
    }

    @Test("a server can only allow its own namespace and the gateway")
    func serverIngress() throws {
        func letting(_ peer: NetworkPeer) -> MCPServer {
            Sample.server { $0.network = ServerNetwork(ingress: ServerIngressRules(from: [peer])) }
        }
        let own = NetworkPeer(podSelector: LabelSelector(matchLabels: ["app": "client"]))
        #expect(try policy(letting(own), tenant: Sample.tenant()).ingress?.count == 2)
        for peer in [
            NetworkPeer(namespace: "other"), NetworkPeer(cidr: "10.0.0.0/8"),
            NetworkPeer(namespaceSelector: LabelSelector()),
        ] {
            #expect(plan(letting(peer), tenant: Sample.tenant()).refusal?.reason == .networkNotPermitted)
        }
    }

    @Test("while the port changes, pods with the old port and with the new one can be reached")
    func portChange() throws {
        var changed = NetworkPolicy(metadata: ObjectMeta(name: "weather", namespace: "mcp-acme"))
        changed.spec = try policy(Sample.server { $0.port = 9000 }, tenant: Sample.tenant())
        let network = NetworkEvaluator(namespaces: ["mcp-acme": [:], "moorage-system": [:]], policies: [changed])
        func pod(_ port: Int) -> NetworkEvaluator.Pod {
            NetworkEvaluator.Pod(
                namespace: "mcp-acme",
                name: "weather-\(port)",
                labels: ["moorage.dev/server": "weather"],
                address: 0x0A01_0000 + UInt32(port),
                ports: ["http": port]
            )
        }
        let gateway = NetworkEvaluator.Pod(
            namespace: "moorage-system",
            name: "gateway",
            labels: [:],
            address: 0x0A02_0001
        )
        #expect(network.reaches(gateway, pod(8080), port: 8080))
        #expect(network.reaches(gateway, pod(9000), port: 9000))
        #expect(!network.reaches(gateway, pod(8080), port: 9000))
        #expect(!network.reaches(pod(9000), pod(8080), port: 8080))
    }

    // MARK: What the platform opens

    private func opened(
        by network: PlatformNetwork,
        to server: MCPServer = Sample.server(),
        tenant: MCPTenant = Sample.tenant { $0.network = TenantNetwork(internet: false) },
        _ change: (inout ServerInput) -> Void = { _ in }
    ) throws -> NetworkPolicySpec {
        let decision = decide(
            Sample.input(server, tenants: [tenant]) {
                $0.platform = PlatformConfiguration(network: network)
                change(&$0)
            }
        )
        return try #require(decision.plan?.networkPolicy, "\(String(describing: decision.refusal))")
    }

    @Test("allow DNS servers by address at port 53, including link-local ones")
    func dnsByAddress() throws {
        let dns = PlatformDNS(cidrs: ["169.254.20.10/32", "fe80::53/128", "10.96.0.10/32"])
        let egress = try opened(by: PlatformNetwork(dns: dns)).egress ?? []
        #expect(egress.count == 2)
        #expect(egress[1].to?.compactMap { $0.ipBlock?.cidr } == ["10.96.0.10/32", "169.254.20.10/32", "fe80::53/128"])
        #expect(egress[1].ports?.map(\.port) == [53, 53])
        #expect(egress[1].ports?.compactMap(\.protocol) == ["TCP", "UDP"])
    }

    @Test("a range of DNS servers is allowed without the addresses of metadata and credentials")
    func dnsRange() throws {
        let dns = PlatformDNS(cidrs: ["169.254.0.0/16", "fd00::/8"])
        let blocks = try opened(by: PlatformNetwork(dns: dns)).egress?[1].to?.compactMap(\.ipBlock) ?? []
        #expect(
            blocks.first?.except == [
                "169.254.169.252/32", "169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32",
            ]
        )
        #expect(blocks.last?.except == ["fd00:ec2::23/128", "fd00:ec2::254/128", "fd20:ce::254/128"])
        try checkExcepts(blocks)
    }

    @Test("GKE's Cloud DNS, which has the metadata address, is only allowed at port 53")
    func cloudDNS() throws {
        let dns = PlatformDNS(ports: [NetworkPort(port: 80)], cidrs: ["169.254.169.254/32"])
        var server = NetworkPolicy(metadata: ObjectMeta(name: "weather", namespace: "mcp-acme"))
        server.spec = try opened(by: PlatformNetwork(dns: dns))
        let network = NetworkEvaluator(namespaces: ["mcp-acme": [:]], policies: [server])
        let pod = NetworkEvaluator.Pod(
            namespace: "mcp-acme",
            name: "weather",
            labels: ["moorage.dev/server": "weather"],
            address: 0x0A01_0001
        )
        #expect(network.reaches(pod, address: 0xA9FE_A9FE, port: 53))
        #expect(!network.reaches(pod, address: 0xA9FE_A9FE, port: 80))
    }

    @Test(
        "a DNS server cannot have a loopback address, or an IPv6 form of an IPv4 address",
        arguments: [
            "127.0.0.53/32", "0.0.0.0/8", "::1/128", "::ffff:127.0.0.1/128", "2002:7f00::/24", "64:ff9b:1::/48",
        ]
    )
    func dnsNever(range: String) {
        let platform = PlatformConfiguration(network: PlatformNetwork(dns: PlatformDNS(cidrs: [range])))
        let error = #expect(throws: ConfigurationError.self) { try platform.validate() }
        #expect(error?.field == "network.dns.cidrs[0]")
    }

    @Test("credential endpoints are opened for servers that request them, if the platform allows them")
    func credentials() throws {
        let asking = Sample.server { $0.network = ServerNetwork(egress: ServerEgressRules(cloudCredentials: true)) }
        let platform = PlatformNetwork(cloudCredentials: [.eksPodIdentity])
        let egress = try opened(by: platform, to: asking).egress ?? []
        #expect(egress.count == 2)
        #expect(egress[1].to?.compactMap { $0.ipBlock?.cidr } == ["169.254.170.23/32", "fd00:ec2::23/128"])
        #expect(egress[1].ports == [NetworkPolicyPort(protocol: "TCP", port: 80)])
        #expect(try opened(by: platform).egress?.count == 1)
        let refusal = plan(asking, tenant: Sample.tenant()).refusal
        #expect(refusal?.reason == .networkNotPermitted)
        #expect(refusal?.field == "spec.network.egress.cloudCredentials")
        let airgapped = Sample.tenant {
            $0.airgapped = true
            $0.images = TenantImages(mirrors: [ImageMirror(source: "ghcr.io", mirror: "mirror.example")])
        }
        let cutOff = Sample.input(asking, tenants: [airgapped]) {
            $0.platform = PlatformConfiguration(network: platform)
        }
        #expect(decide(cutOff).refusal?.reason == .networkNotPermitted)
    }

    @Test("the Kubernetes API is opened for servers that request it, at the addresses of its EndpointSlice")
    func kubernetesAPI() throws {
        let asking = Sample.server { $0.network = ServerNetwork(egress: ServerEgressRules(kubernetesAPI: true)) }
        let slice: JSONValue = [
            "endpoints": [
                ["addresses": ["10.0.0.2", "10.0.0.1"]], ["addresses": ["fd00::1", "127.0.0.1", "nonsense"]],
            ],
            "ports": [["name": "https", "port": 6443, "protocol": "TCP"], ["port": 53, "protocol": "UDP"]],
        ]
        let endpoints = KubernetesAPIEndpoint.endpoints(of: slice)
        let egress = try opened(by: PlatformNetwork(), to: asking) { $0.kubernetesAPI = endpoints }.egress ?? []
        #expect(egress.count == 2)
        #expect(egress[1].to?.compactMap { $0.ipBlock?.cidr } == ["10.0.0.1/32", "10.0.0.2/32", "fd00::1/128"])
        #expect(egress[1].ports == [NetworkPolicyPort(protocol: "TCP", port: 6443)])
        #expect(try opened(by: PlatformNetwork()) { $0.kubernetesAPI = endpoints }.egress?.count == 1)
        let stated = PlatformNetwork(kubernetesAPI: PlatformKubernetesAPI(cidrs: ["10.9.0.0/28"], ports: [443]))
        let own = try opened(by: stated, to: asking) { $0.kubernetesAPI = endpoints }.egress ?? []
        #expect(own.last?.to?.compactMap { $0.ipBlock?.cidr } == ["10.9.0.0/28"])
    }

    @Test("a token without access to the Kubernetes API causes a warning, and so does access without addresses")
    func kubernetesAPIWarnings() throws {
        func warnings(_ change: (inout MCPServerSpec) -> Void) throws -> [String] {
            try #require(plan(Sample.server("weather", change), tenant: Sample.tenant()).plan).warnings
        }
        let token = try warnings { $0.serviceAccount = ServiceAccountSettings(automountToken: true) }
        #expect(token.contains { $0.contains("spec.network.egress.kubernetesAPI") })
        let nowhere = try warnings {
            $0.serviceAccount = ServiceAccountSettings(automountToken: true)
            $0.network = ServerNetwork(egress: ServerEgressRules(kubernetesAPI: true))
        }
        #expect(nowhere.count == 1)
        #expect(nowhere.first?.contains("network.kubernetesAPI of the platform's configuration") == true)
        #expect(try warnings { _ in } == [])
    }

    // MARK: Pods of the same namespace, and metrics

    @Test("pods of the namespace are allowed if the server sets it, or the tenant does and the server does not")
    func sameNamespace() throws {
        func isOpen(tenant: Bool?, server: Bool?) throws -> Bool {
            let spec = try policy(
                Sample.server { $0.network = ServerNetwork(ingress: ServerIngressRules(sameNamespace: server)) },
                tenant: Sample.tenant { $0.network = TenantNetwork(sameNamespace: tenant) }
            )
            let everybody = NetworkPolicyPeer(podSelector: LabelSelector())
            return spec.ingress?.contains { $0.from == [everybody] && $0.ports?.first?.port == "http" } == true
        }
        #expect(try !isOpen(tenant: nil, server: nil))
        #expect(try isOpen(tenant: true, server: nil))
        #expect(try isOpen(tenant: nil, server: true))
        #expect(try !isOpen(tenant: true, server: false))
    }

    @Test("further ports are only open to pods that read metrics")
    func metrics() throws {
        let server = Sample.server { $0.ports = [ServerPort(name: "metrics", port: 9090)] }
        #expect(try policy(server, tenant: Sample.tenant()).ingress?.count == 1)
        let monitoring = MonitoringPeers(namespaces: ["monitoring", "mcp-other"])
        let spec = try #require(
            decide(
                Sample.input(
                    server,
                    tenants: [
                        Sample.tenant { $0.network = TenantNetwork(monitoring: monitoring) }, Sample.tenant("other"),
                    ]
                )
            ).plan?.networkPolicy?.withoutController
        )
        #expect(spec.ingress?.count == 2)
        #expect(
            spec.ingress?[1].from?.compactMap { $0.namespaceSelector?.matchLabels } == [
                ["kubernetes.io/metadata.name": "monitoring"]
            ],
            "no tenant reaches another"
        )
        #expect(spec.ingress?[1].ports == [NetworkPolicyPort(protocol: "TCP", port: "metrics")])
        let ofPlatform = try opened(by: PlatformNetwork(monitoring: monitoring), to: server, tenant: Sample.tenant())
        #expect(ofPlatform.withoutController.ingress?.count == 2)
    }

    @Test("the namespaces of pods that read metrics are among those whose holders matter")
    func namedNamespaces() {
        let monitoring = MonitoringPeers(namespaces: ["monitoring"])
        #expect(NetworkRules.namespaces(of: TenantNetwork(monitoring: monitoring)) == ["monitoring"])
        let platform = PlatformConfiguration(network: PlatformNetwork(monitoring: monitoring))
        #expect(NetworkRules.namespaces(of: platform) == ["monitoring", "moorage-system"])
    }

    @Test("are not rendered if they are turned off, and requests are still checked")
    func disabled() throws {
        let tenant = Sample.tenant { $0.network = TenantNetwork(enabled: false) }
        let platform = PlatformConfiguration(tenantsMayLoosen: [.networkPolicies])
        let decision = decide(Sample.input(tenants: [tenant]) { $0.platform = platform })
        #expect(try #require(decision.plan).networkPolicy == nil)
        #expect(plan(asking(NetworkPeer(cidr: "169.254.169.254/32")), tenant: tenant).refusal != nil)
    }
}
