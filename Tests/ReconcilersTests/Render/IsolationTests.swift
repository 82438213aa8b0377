import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

/// A random set of tenants and servers, rendered and then evaluated for each pair of pods.
private struct World {
    var tenants: [MCPTenant] = []
    var servers: [MCPServer] = []
    var platform = PlatformConfiguration()
    var policies: [NetworkPolicy] = []
    var pods: [NetworkEvaluator.Pod] = []
    var namespaces: [String: [String: String]] = [
        "kube-system": [:], "moorage-system": ["role": "gateway"], "monitoring": ["team": "a"], "loose": ["team": "b"],
    ]
    /// The gateway namespaces of each namespace.
    var gateways: [String: Set<String>] = [:]
    /// The port of each server's pod.
    var ports: [NetworkEvaluator.Pod: Int] = [:]
    /// Servers that allow pods of their own namespace.
    var open: Set<NetworkEvaluator.Pod> = []

    init(using generator: inout SeededGenerator) throws {
        func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &generator) == 0 }
        let names = ["acme", "blue", "core", "dune"].prefix(Int.random(in: 2...4, using: &generator))
        let everyNamespace = names.map { "mcp-\($0)" } + ["kube-system", "moorage-system", "monitoring", "loose"]
        func anyNamespace() -> String { everyNamespace.randomElement(using: &generator) ?? "loose" }
        func peer() -> NetworkPeer {
            let ports = chance(2) ? nil : [NetworkPort(port: [80, 8080, 9090].randomElement(using: &generator) ?? 80)]
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                return NetworkPeer(
                    cidr: ["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0"].randomElement(using: &generator),
                    ports: ports
                )
            case 1: return NetworkPeer(namespace: anyNamespace(), ports: ports)
            case 2: return NetworkPeer(namespaceSelector: LabelSelector(), ports: ports)
            default: return NetworkPeer(namespaceSelector: LabelSelector(matchLabels: ["team": "a"]), ports: ports)
            }
        }
        for (index, name) in names.enumerated() {
            tenants.append(
                Sample.tenant(name, created: Int64(index)) { spec in
                    spec.airgapped = chance(6)
                    spec.images = TenantImages(mirrors: [ImageMirror(source: "ghcr.io", mirror: "mirror.example")])
                    spec.network = TenantNetwork(
                        gateway: chance(2)
                            ? nil
                            : GatewayPeers(
                                namespaces: chance(3) ? nil : [anyNamespace(), anyNamespace()],
                                namespaceSelector: chance(3) ? LabelSelector() : nil
                            ),
                        internet: chance(2) ? false : nil,
                        allow: (0..<Int.random(in: 0...3, using: &generator)).map { _ in peer() }
                    )
                }
            )
        }
        for (index, tenant) in tenants.enumerated() {
            let namespace = EffectiveTenant.namespace(of: tenant)
            for number in 0..<Int.random(in: 1...3, using: &generator) {
                servers.append(
                    Sample.server("s\(index)\(number)", namespace: namespace) { spec in
                        spec.port = [80, 8080, 9090].randomElement(using: &generator)
                        if chance(2) {
                            spec.network = ServerNetwork(
                                ingress: chance(2)
                                    ? ServerIngressRules(from: [
                                        chance(2) ? NetworkPeer(podSelector: LabelSelector()) : peer()
                                    ]) : nil,
                                egress: ServerEgressRules(
                                    internet: chance(3) ? true : nil,
                                    allow: chance(2) ? nil : [peer()]
                                )
                            )
                        }
                    }
                )
            }
        }
        // A server in a namespace without a tenant.
        servers.append(Sample.server("lonely", namespace: "loose"))
        try render()
    }

    private mutating func render() throws {
        for tenant in tenants {
            guard let plan = decide(TenantInput(tenant: tenant, claims: NamespaceClaims(tenants: tenants))).plan else {
                continue
            }
            for object in Reconcilers.render(plan) {
                if object.reference.type == .networkPolicy { policies.append(try object.value.decode()) }
                if object.reference.type == .namespace {
                    let metadata: ObjectMeta? = try object.value["metadata"]?.decode()
                    namespaces[object.reference.name] = metadata?.labels ?? [:]
                }
            }
        }
        var address: UInt32 = 0x0A01_0000
        for server in servers {
            guard let plan = decide(Sample.input(server, tenants: tenants)).plan else { continue }
            for object in Reconcilers.render(plan) where object.reference.type == .networkPolicy {
                policies.append(try object.value.decode())
            }
            address += 1
            let labels: [String: String]? = try plan.podTemplate.at("metadata.labels")?.decode()
            let pod = NetworkEvaluator.Pod(
                namespace: server.metadata.namespace ?? "",
                name: server.metadata.name ?? "",
                labels: labels ?? [:],
                address: address,
                ports: ["http": plan.settings.port]
            )
            pods.append(pod)
            ports[pod] = plan.settings.port
            if server.spec.network?.ingress != nil { open.insert(pod) }
            var gateway = Set(plan.tenant.network.gateway.namespaces ?? [])
            if let selector = plan.tenant.network.gateway.namespaceSelector {
                for (name, labels) in namespaces where selector.matches(labels) { gateway.insert(name) }
            }
            gateways[pod.namespace] = gateway
        }
        for (index, namespace) in namespaces.keys.sorted().enumerated() {
            pods.append(
                NetworkEvaluator.Pod(
                    namespace: namespace,
                    name: "other",
                    labels: ["app": "other"],
                    address: 0x0A02_0000 + UInt32(index)
                )
            )
        }
    }

    var claimed: Set<String> { Set(tenants.map { EffectiveTenant.namespace(of: $0) }) }
}

@Suite("Isolation, for any set of tenants and servers")
struct IsolationTests {
    @Test(
        "no pod of one tenant can reach another's, and only its gateway can reach a server",
        arguments: [UInt64(1), 20_261_121]
    )
    func isolation(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var connections = 0
        for round in 0..<150 {
            let world = try World(using: &generator)
            let network = NetworkEvaluator(namespaces: world.namespaces, policies: world.policies)
            for source in world.pods {
                for target in world.pods where source != target {
                    for port in [53, 80, 443, 8080, 9090] where network.reaches(source, target, port: port) {
                        connections += 1
                        let place =
                            "seed \(seed), round \(round): \(source.namespace)/\(source.name) reaches "
                            + "\(target.namespace)/\(target.name):\(port)"
                        if world.claimed.contains(source.namespace), world.claimed.contains(target.namespace) {
                            #expect(source.namespace == target.namespace, "\(place)")
                        }
                        guard let own = world.ports[target] else { continue }
                        let isGateway = world.gateways[target.namespace]?.contains(source.namespace) == true
                        let isLetIn = world.open.contains(target) && source.namespace == target.namespace
                        #expect(isGateway || isLetIn, "\(place)")
                        if !world.open.contains(target) { #expect(port == own, "\(place)") }
                    }
                }
            }
        }
        #expect(connections > 100, "seed \(seed): gateways do reach servers")
    }

    @Test("no server can reach loopback, link-local or metadata addresses", arguments: [UInt64(3)])
    func metadata(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<150 {
            let world = try World(using: &generator)
            let network = NetworkEvaluator(namespaces: world.namespaces, policies: world.policies)
            for pod in world.ports.keys {
                for address: UInt32 in [0x7F00_0001, 0xA9FE_A9FE, 0xA9FE_0001, 0x6464_64C8, 0xC000_00C0, 0] {
                    #expect(!network.reaches(pod, address: address, port: 80), "seed \(seed): \(pod)")
                }
            }
        }
    }
}
