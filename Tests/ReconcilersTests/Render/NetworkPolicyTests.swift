import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Reconcilers

private func plan(_ server: MCPServer = Sample.server(), tenant: MCPTenant) -> Decision<ServerPlan> {
    decide(Sample.input(server, tenants: [tenant]))
}

private func policy(_ server: MCPServer = Sample.server(), tenant: MCPTenant) throws -> NetworkPolicySpec {
    let decision = plan(server, tenant: tenant)
    return try #require(decision.plan?.networkPolicy, "\(String(describing: decision.refusal))")
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
    "64:ff9b::a9fe:a9fe/128", "64:ff9b::7f00:1/128",
]

private let coveringAllowances: [(String, [String])] = [
    ("169.0.0.0/8", ["169.254.0.0/16"]),
    ("100.64.0.0/10", ["100.100.100.200/32"]),
    ("192.0.0.0/24", ["192.0.0.192/32"]),
    ("10.0.0.0/8", []),
    ("fc00::/7", ["fd00:ec2::254/128", "fd20:ce::254/128"]),
]

@Suite("Network policies")
struct NetworkPolicyTests {
    @Test("block every special range of the internet, IPv6 too, by excepts that the API server takes")
    func internet() throws {
        let egress = try policy(tenant: Sample.tenant()).egress ?? []
        let blocks = egress.flatMap { $0.to ?? [] }.compactMap(\.ipBlock)
        #expect(blocks.map(\.cidr) == ["0.0.0.0/0", "::/0"])
        let ipv4 = [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        ]
        #expect(blocks.first?.except == ipv4)
        #expect(blocks.last?.except == ["::/80", "::1/128", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8"])
        try checkExcepts(blocks)
    }

    /// What the API server asks of `except`: a range strictly within `cidr`, and none that it reads as IPv4.
    private func checkExcepts(_ blocks: [IPBlock]) throws {
        for block in blocks {
            for hole in block.except ?? [] {
                #expect(try CIDR(block.cidr).strictlyContains(CIDR(hole)), "\(hole) in \(block.cidr)")
                #expect(try !CIDR(hole).isMapped)
            }
        }
    }

    @Test("let in the gateway alone, at the server's port")
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
                    ports: [NetworkPolicyPort(protocol: "TCP", port: 9000)]
                )
            ]
        )
    }

    @Test("open DNS and the gateway's callback port")
    func dnsAndCallback() throws {
        let egress = try policy(tenant: Sample.tenant { $0.network = TenantNetwork(internet: false) }).egress ?? []
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

    @Test("airgapped, open DNS, the own namespace and what is allowed, and tell the server so")
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

    @Test("a server that asks for the internet beyond its tenant is refused")
    func internetBeyond() {
        let asking = Sample.server { $0.network = ServerNetwork(egress: ServerEgressRules(internet: true)) }
        let refusal = plan(asking, tenant: allowing(internet: false)).refusal
        #expect(refusal?.reason == .networkNotPermitted)
        #expect(refusal?.field == "spec.network.egress.internet")
    }

    @Test("nobody allows loopback, link-local or metadata addresses", arguments: refusedAllowances)
    func never(range: String) throws {
        let refusal = try #require(plan(tenant: allowing(NetworkPeer(cidr: range))).refusal)
        #expect(refusal.reason == .tenantInvalid)
        #expect(refusal.message.contains("cannot be allowed"))
        #expect(refusal.message.contains(try CIDR(range).description), "the range is named: \(refusal.message)")
        let servers = try #require(plan(asking(NetworkPeer(cidr: range)), tenant: Sample.tenant()).refusal)
        #expect(servers.reason == .networkRangeForbidden)
        #expect(servers.field == "spec.network.egress.allow[0].cidr")
    }

    @Test("a range that holds such addresses is opened without them", arguments: coveringAllowances)
    func covering(range: String, except: [String]) throws {
        let egress = try policy(tenant: allowing(NetworkPeer(cidr: range), internet: false)).egress ?? []
        #expect(egress.last?.to?.first?.ipBlock == IPBlock(cidr: range, except: except.isEmpty ? nil : except))
    }

    @Test("even everything, where it is allowed, is opened without them")
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

    @Test("a server that asks for nothing has what its tenant allows; one that asks has that alone")
    func narrowing() throws {
        let monitoring = NetworkPeer(namespace: "monitoring", ports: [NetworkPort(port: 9090)])
        let tenant = allowing(monitoring, NetworkPeer(cidr: "10.0.0.0/8", ports: tcp443), internet: false)
        #expect(try policy(tenant: tenant).egress?.count == 4)
        #expect(try policy(asking(monitoring), tenant: tenant).egress?.count == 3)
        #expect(try policy(asking(), tenant: tenant).egress?.count == 2)
        let narrower = NetworkPeer(cidr: "10.1.2.3/32", ports: tcp443)
        #expect(try policy(asking(narrower), tenant: tenant).egress?.last?.to?.first?.ipBlock?.cidr == "10.1.2.3/32")
    }

    @Test(
        "what is beyond the tenant is refused",
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
        "what a tenant may anyway is granted",
        arguments: [
            NetworkPeer(cidr: "10.9.0.0/16", ports: [NetworkPort(port: 443)]),
            NetworkPeer(cidr: "1.1.1.1/32"), NetworkPeer(namespace: "mcp-acme"),
            NetworkPeer(podSelector: LabelSelector()),
        ]
    )
    func granted(peer: NetworkPeer) throws {
        _ = try policy(asking(peer), tenant: allowing(NetworkPeer(cidr: "10.0.0.0/8", ports: tcp443)))
    }

    @Test("a server lets in its own namespace and the gateway, and nobody else")
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

    @Test("are not rendered where they are turned off, and what is asked for is checked all the same")
    func disabled() throws {
        let tenant = Sample.tenant { $0.network = TenantNetwork(enabled: false) }
        #expect(try #require(plan(tenant: tenant).plan).networkPolicy == nil)
        #expect(plan(asking(NetworkPeer(cidr: "169.254.169.254/32")), tenant: tenant).refusal != nil)
    }
}
