import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

/// Changes one value of a document, at any depth.
private func mutate(_ value: JSONValue, using generator: inout SeededGenerator) -> JSONValue {
    let strange: [JSONValue] = [
        nil, true, false, 0, -1, .integer(.min), .integer(.max), 1.5, "", "a", "-", "10.0.0.0/8", "::/0", "${", "@",
        "1Gi",
        [], [:], ["a": 1], ["$patch": "delete"], "\u{0}", "é",
    ]
    switch value {
    case .object(var members) where !members.isEmpty && Int.random(in: 0..<5, using: &generator) > 0:
        guard let key = members.keys.sorted().randomElement(using: &generator) else { return value }
        members[key] = mutate(members[key] ?? .null, using: &generator)
        return .object(members)
    case .array(var elements) where !elements.isEmpty && Int.random(in: 0..<5, using: &generator) > 0:
        let index = Int.random(in: 0..<elements.count, using: &generator)
        elements[index] = mutate(elements[index], using: &generator)
        return .array(elements)
    default: return strange.randomElement(using: &generator) ?? .null
    }
}

@Suite("Invalid input")
struct FuzzTests {
    static let cases = 10_000

    @Test("any spec is rendered or refused, and never crashes the process", arguments: [UInt64(20_261_121)])
    func anything(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let server = Sample.server {
            $0.env = [EnvVar(name: "A", value: "1")]
            $0.config = ServerConfiguration(
                env: ["A": "1"],
                files: ["f": "x"],
                templates: [
                    ConfigurationTemplate(
                        name: "t",
                        content: "${V}",
                        variables: [TemplateVariable(name: "V", value: "1")],
                        env: "E"
                    )
                ]
            )
            $0.storage = Storage(size: "1Gi")
            $0.replicas = 2
            $0.strategy = UpdateStrategy(rollingUpdate: RollingUpdate(maxSurge: "25%", maxUnavailable: "10%"))
            $0.ports = [ServerPort(name: "metrics", port: 9090)]
            $0.monitoring = ServerMonitoring(port: "metrics")
            $0.resources = ResourceRequirements(requests: ["cpu": "1"], limits: ["cpu": "2"])
            $0.probes = Probes(path: "/h", startup: ProbeSettings(failureThreshold: 3))
            $0.network = ServerNetwork(
                ingress: ServerIngressRules(sameNamespace: true),
                egress: ServerEgressRules(
                    allow: [NetworkPeer(cidr: "1.1.1.0/24", ports: [NetworkPort(port: 1, endPort: 2)])],
                    kubernetesAPI: true
                )
            )
            $0.exposure = Exposure(ingress: IngressExposure(host: "a.example"))
            $0.podTemplate = ["spec": ["containers": [["name": "mcp", "env": [["name": "X", "value": "y"]]]]]]
        }
        let tenant = Sample.exposingTenant {
            $0.quotas = TenantQuotas(overrides: QuotaOverrides(serversPerTenant: 3))
            $0.network = TenantNetwork(
                gateway: GatewayPeers(namespaces: ["g"], callbackPorts: [1]),
                allow: [NetworkPeer(cidr: "10.0.0.0/8")],
                blockedCIDRs: ["8.8.8.0/24"]
            )
            $0.images = TenantImages(
                allowedRegistries: ["ghcr.io"],
                mirrors: [ImageMirror(source: "ghcr.io", mirror: "m.example")]
            )
        }
        let serverDocument = try JSONValue(encoding: server)
        let tenantDocument = try JSONValue(encoding: tenant)
        var plans = 0
        for _ in 0..<Self.cases {
            let server: MCPServer? = try? mutate(serverDocument, using: &generator).decode()
            let tenant: MCPTenant? = try? mutate(tenantDocument, using: &generator).decode()
            guard let server, let tenant else { continue }
            let tenantDecision = decide(
                TenantInput(tenant: tenant, servers: [QuotaServer(name: NamespacedName(name: "x"))])
            )
            if let plan = tenantDecision.plan { _ = Reconcilers.render(plan).map(\.bytes) }
            let decision = decide(Sample.input(server, tenants: [tenant]))
            if let plan = decision.plan {
                plans += 1
                #expect(Reconcilers.render(plan).allSatisfy { !$0.bytes.isEmpty }, "seed \(seed)")
            }
            _ = serverStatus(
                of: server,
                decision: decision,
                observed: ObservedServer(),
                now: Timestamp(secondsSinceEpoch: 0)
            )
        }
        #expect(plans > 100, "seed \(seed): not everything is refused")
    }
}
