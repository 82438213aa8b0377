import Isolation
import KubernetesAPI
import TestSupport
import Testing

@testable import Controller

@Suite("Random tenants are isolated from each other")
struct IsolationPropertyTests {
    private static func report(_ world: IsolationWorld) throws -> (report: IsolationReport, input: IsolationInput) {
        let text = YAML.text(world.objects)
        let reader = ManifestReader(sources: [ManifestSource(name: "world.yaml", text: text)])
        var input = FileIsolation.input(reader, namespace: "default", platform: nil)
        input.model.podRanges = [try #require(AddressRange(cidr: IsolationWorld.podRange))]
        return (try IsolationCheck(input.model, blocked: input.blocked).report(), input)
    }

    @Test(
        "no path crosses between tenants in 1,000 random worlds, rendered like moorage render does",
        arguments: 0..<40
    )
    func isolated(batch: UInt64) throws {
        var paths = 0
        var servers = 0
        for number in 0..<25 {
            let seed = batch * 1000 + UInt64(number)
            let (report, input) = try Self.report(IsolationWorld(seed: seed))
            let errors = input.diagnostics.filter { $0.severity == .error && $0.reason == nil }
            #expect(errors.map(\.description) == [], "seed \(seed)")
            #expect(report.crossings == [], "seed \(seed)")
            #expect(report.namespaces.count { $0.tenant != nil } >= 2, "seed \(seed)")
            paths += report.paths.count
            servers += input.model.pods.count { $0.name.hasPrefix("Deployment/") }
        }
        // Worlds in which everything was refused would prove nothing.
        #expect(servers > 50)
        #expect(paths > 50)
    }

    @Test("a hole in such a world is always found, with the policy that opens it", arguments: 0..<20)
    func holes(batch: UInt64) throws {
        for number in 0..<10 {
            let seed = 900_000 + batch * 1000 + UInt64(number)
            var world = IsolationWorld(seed: seed)
            let from = world.namespaces[0]
            let to = world.namespaces[1]
            world.add(IsolationWorld.pod("source", in: from, labels: ["app": "hole"]))
            world.add(IsolationWorld.pod("target", in: to, labels: ["app": "hole"]))
            let hole: JSONValue = ["matchLabels": ["app": "hole"]]
            let named = { (name: String) -> JSONValue in
                ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(name)]]]
            }
            let shapes: [(out: JSONValue, into: JSONValue)] = [
                ([:], [:]),
                (["to": [named(to)]], ["from": [named(from)]]),
                (["to": [["ipBlock": ["cidr": "10.0.0.0/8"]]]], ["from": [["ipBlock": ["cidr": "10.0.0.0/16"]]]]),
                (["ports": [["port": 8080]]], ["ports": [["port": "http"]]]),
                (
                    [
                        "to": [["namespaceSelector": [:], "podSelector": hole]],
                        "ports": [["port": 1, "endPort": 65_535]],
                    ],
                    [
                        "from": [
                            [
                                "namespaceSelector": [
                                    "matchExpressions": [["key": "moorage.dev/tenant", "operator": "Exists"]]
                                ]
                            ]
                        ]
                    ]
                ),
            ]
            let shape = shapes[world.pick(shapes.count)]
            world.add(
                IsolationWorld.policy(
                    "hole-out",
                    in: from,
                    ["podSelector": hole, "policyTypes": ["Egress"], "egress": [shape.out]]
                )
            )
            world.add(
                IsolationWorld.policy(
                    "hole-in",
                    in: to,
                    ["podSelector": hole, "policyTypes": ["Ingress"], "ingress": [shape.into]]
                )
            )
            let (report, _) = try Self.report(world)
            let found = report.crossings.contains { path in
                path.source.namespace == from && path.source.pods.contains("source")
                    && path.target.namespace == to && path.target.pods.contains("target")
                    && path.egress == .policies(["\(from)/hole-out"]) && path.ingress == .policies(["\(to)/hole-in"])
            }
            #expect(found, "seed \(seed): \(report.crossings)")
            // Other tenants that may reach addresses of pods come in by the same hole, and by no other.
            let isHole = report.crossings.allSatisfy { $0.ingress == .policies(["\(to)/hole-in"]) }
            #expect(isHole, "seed \(seed): \(report.crossings)")
        }
    }

    @Test("a path to cloud metadata and a pod on the network of its node are always found", arguments: 0..<20)
    func metadata(seed: UInt64) throws {
        var world = IsolationWorld(seed: 950_000 + seed)
        let namespace = world.namespaces[0]
        let rule: JSONValue = ["to": [["ipBlock": ["cidr": "169.254.169.254/32"]]], "ports": [["port": 80]]]
        world.add(
            IsolationWorld.policy(
                "metadata",
                in: namespace,
                ["podSelector": [:], "policyTypes": ["Egress"], "egress": [rule]]
            )
        )
        let (report, _) = try Self.report(world)
        #expect(
            report.blocked.contains {
                $0.egress == .policies(["\(namespace)/metadata"]) && $0.ranges.map(\.text) == ["169.254.0.0/16"]
            },
            "seed \(seed)"
        )
        world.add(IsolationWorld.pod("agent", in: namespace, labels: [:], host: true))
        let (second, input) = try Self.report(world)
        #expect(second.crossings.contains { $0.source.pods == ["agent"] && $0.egress == .hostNetwork }, "seed \(seed)")
        #expect(input.diagnostics.contains { $0.severity == .warning && $0.message.contains("hostNetwork") })
    }

    @Test("damaged files never crash the check", arguments: 0..<20)
    func damage(batch: UInt64) throws {
        let bytes = Array((VerifyIsolationTests.tenants + VerifyIsolationTests.hole).utf8)
        for number in 0..<10 {
            var random = SeededGenerator(seed: 970_000 + batch * 1000 + UInt64(number))
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let index = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[index] = UInt8.random(in: 32...126, using: &random)
                case 1: damaged.remove(at: index)
                default: damaged.insert(damaged[Int.random(in: 0..<damaged.count, using: &random)], at: index)
                }
            }
            let text = String(decoding: damaged, as: UTF8.self)
            let reader = ManifestReader(sources: [ManifestSource(name: "damaged.yaml", text: text)])
            let input = FileIsolation.input(reader, namespace: "default", platform: nil)
            do {
                _ = try IsolationCheck(input.model, blocked: input.blocked).report()
            } catch {
                #expect(!error.problems.isEmpty)
            }
        }
    }
}
