import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Volumes, replicas and the update strategy")
struct VolumeRulesTests {
    /// The source of a server's claim.
    enum Source: CaseIterable, Sendable {
        case storage, existingClaim, volumes, podTemplate

        func add(_ modes: [String], to spec: inout MCPServerSpec) {
            let volume: JSONValue = ["name": "state", "persistentVolumeClaim": ["claimName": "c"]]
            switch self {
            case .storage: spec.storage = Storage(size: "1Gi", accessModes: modes)
            case .existingClaim: spec.storage = Storage(existingClaim: "c", accessModes: ["ReadWriteOnce"])
            case .volumes:
                spec.volumes = [
                    Volume(name: "state", persistentVolumeClaim: PersistentVolumeClaimVolumeSource(claimName: "c"))
                ]
                spec.volumeMounts = [VolumeMount(name: "state", mountPath: "/state")]
            case .podTemplate:
                spec.podTemplate = [
                    "spec": [
                        "volumes": [volume],
                        "containers": [
                            ["name": "mcp", "volumeMounts": [["name": "state", "mountPath": "/state"]]]
                        ],
                    ]
                ]
            }
        }
    }

    private func decision(
        _ source: Source,
        _ modes: [String],
        isKnown: Bool = true,
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) -> Decision<ServerPlan> {
        let server = Sample.server { spec in
            source.add(modes, to: &spec)
            change(&spec)
        }
        return decide(
            Sample.input(server) { input in
                if isKnown, source != .storage { input.volumeClaims = ["c": .present(ClaimFacts(accessModes: modes))] }
            }
        )
    }

    private func strategy(_ decision: Decision<ServerPlan>) throws -> String {
        let plan = try #require(decision.plan, "\(String(describing: decision.refusal))")
        return try #require(plan.strategy["type"]?.stringValue)
    }

    @Test("a volume for one pod or one node results in Recreate", arguments: Source.allCases)
    func exclusive(source: Source) throws {
        for modes in [["ReadWriteOnce"], ["ReadWriteOncePod"], ["ReadWriteOnce", "ReadOnlyMany"]] {
            #expect(try strategy(decision(source, modes)) == "Recreate", "\(modes)")
        }
        for modes in [["ReadWriteMany"], ["ReadWriteOnce", "ReadWriteMany"], ["ReadOnlyMany"]] {
            #expect(try strategy(decision(source, modes)) == "RollingUpdate", "\(modes)")
        }
    }

    @Test(
        "several pods with a claim for one pod are refused, with a claim for one node they cause a warning",
        arguments: Source.allCases
    )
    func replicas(source: Source) throws {
        let scale: (inout MCPServerSpec) -> Void = { $0.replicas = 3 }
        let refusal = try #require(decision(source, ["ReadWriteOncePod"], scale).refusal)
        #expect(refusal.reason == .specInvalid)
        #expect(refusal.message.contains("3 pods"))
        let scaling: (inout MCPServerSpec) -> Void = {
            $0.scaling = Scaling(maxReplicas: 4, targetCPUUtilizationPercentage: 80)
        }
        #expect(decision(source, ["ReadWriteOncePod"], scaling).refusal?.message.contains("4 pods") == true)
        let warned = try #require(decision(source, ["ReadWriteOnce"], scale).plan)
        #expect(warned.warnings.contains { $0.contains("must run on one node") })
        #expect(try #require(decision(source, ["ReadWriteMany"], scale).plan).warnings == [])
        #expect(try #require(decision(source, ["ReadWriteOnce"]).plan).warnings == [])
    }

    @Test("a requested strategy is used; with a claim it causes a warning, or is refused if it cannot work")
    func asked() throws {
        let rolling: (inout MCPServerSpec) -> Void = { $0.strategy = UpdateStrategy(type: .rollingUpdate) }
        let plain = decide(Sample.input(Sample.server("weather", rolling)))
        #expect(
            plain.plan?.strategy
                == ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]]
        )
        #expect(decision(.storage, ["ReadWriteOncePod"], rolling).refusal?.field == "spec.strategy")
        let once = try #require(decision(.storage, ["ReadWriteOnce"], rolling).plan)
        #expect(once.strategy["type"] == "RollingUpdate")
        #expect(once.warnings.contains { $0.contains("a different node") })
        let oldFirst: (inout MCPServerSpec) -> Void = {
            $0.strategy = UpdateStrategy(rollingUpdate: RollingUpdate(maxSurge: 0))
        }
        let first = try #require(decision(.storage, ["ReadWriteOncePod"], oldFirst).plan)
        #expect(first.strategy == ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 0, "maxUnavailable": 1]])
        #expect(first.warnings == [])
        let recreate: (inout MCPServerSpec) -> Void = { $0.strategy = UpdateStrategy(type: .recreate) }
        #expect(try strategy(decide(Sample.input(Sample.server("weather", recreate)))) == "Recreate")
    }

    @Test("a class sets the strategy of servers that do not")
    func ofClass() throws {
        let ofClass = Sample.serverClass(isDefault: true) { $0.strategy = UpdateStrategy(type: .recreate) }
        #expect(try strategy(decide(Sample.input { $0.classes = [ofClass] })) == "Recreate")
        let own = Sample.server { $0.strategy = UpdateStrategy(type: .rollingUpdate) }
        #expect(try strategy(decide(Sample.input(own) { $0.classes = [ofClass] })) == "RollingUpdate")
    }

    @Test(
        "numbers with which no pod would ever be replaced, or that are not numbers, are refused",
        arguments: [
            RollingUpdate(maxSurge: 0, maxUnavailable: 0), RollingUpdate(maxSurge: "0%", maxUnavailable: "0%"),
            RollingUpdate(maxSurge: "half"), RollingUpdate(maxSurge: "-5%"), RollingUpdate(maxUnavailable: "101%"),
            RollingUpdate(maxUnavailable: -1),
        ]
    )
    func numbers(update: RollingUpdate) {
        let server = Sample.server { $0.strategy = UpdateStrategy(rollingUpdate: update) }
        let refusal = decide(Sample.input(server)).refusal
        #expect(refusal?.reason == .specInvalid)
        #expect(refusal?.field?.hasPrefix("spec.strategy.rollingUpdate") == true)
    }

    @Test("a percentage that is rounded to zero pods does not terminate the old pod first")
    func percentages() {
        let quarter: (inout MCPServerSpec) -> Void = {
            $0.strategy = UpdateStrategy(rollingUpdate: RollingUpdate(maxSurge: 1, maxUnavailable: "25%"))
        }
        #expect(decision(.storage, ["ReadWriteOncePod"], quarter).refusal?.field == "spec.strategy")
    }

    @Test("a raw block device cannot be mounted, and a missing or deleted claim causes a warning")
    func states() throws {
        var server = Sample.server()
        Source.existingClaim.add([], to: &server.spec)
        func decision(_ state: ClaimState) -> Decision<ServerPlan> {
            decide(Sample.input(server) { $0.volumeClaims = ["c": state] })
        }
        let block = decision(.present(ClaimFacts(accessModes: ["ReadWriteMany"], isBlock: true)))
        #expect(block.refusal?.message.contains("raw block device") == true)
        let missing = try #require(decision(.missing).plan)
        #expect(missing.warnings.contains { $0.contains("does not exist") })
        #expect(missing.strategy["type"] == "Recreate")
        let deleted = try #require(
            decision(.present(ClaimFacts(accessModes: ["ReadWriteMany"], isDeleting: true))).plan
        )
        #expect(deleted.warnings.contains { $0.contains("is being deleted") })
    }

    @Test("a read-only claim that is mounted for writing causes a warning")
    func readOnly() throws {
        #expect(
            try #require(decision(.storage, ["ReadOnlyMany"]).plan).warnings.contains { $0.contains("ReadOnlyMany") }
        )
        let mounted = decision(.volumes, ["ReadOnlyMany"]) { $0.volumeMounts?[0].readOnly = true }
        #expect(try #require(mounted.plan).warnings == [])
    }

    @Test("an unknown claim is assumed to have the most restrictive mode")
    func unknown() throws {
        #expect(try strategy(decision(.volumes, [], isKnown: false)) == "Recreate")
    }
}

@Suite("Further ports and monitoring")
struct ServerPortsTests {
    @Test("are on the container, on the Service and in a ServiceMonitor")
    func rendered() throws {
        let server = Sample.server {
            $0.ports = [ServerPort(name: "metrics", port: 9090)]
            $0.monitoring = ServerMonitoring(path: "/m", interval: "30s", labels: ["release": "prometheus"])
        }
        let plan = try #require(decide(Sample.input(server)).plan)
        let objects = render(plan)
        let ports = objects["Deployment"]?.at("spec.template.spec.containers.0.ports")
        #expect(
            ports == [
                ["name": "http", "containerPort": 8080, "protocol": "TCP"],
                ["name": "metrics", "containerPort": 9090, "protocol": "TCP"],
            ]
        )
        #expect(
            objects["Service"]?.at("spec.ports.1")
                == ["name": "metrics", "port": 9090, "targetPort": "metrics", "protocol": "TCP"]
        )
        let monitor = try #require(objects["ServiceMonitor"])
        #expect(monitor.at("spec.endpoints") == [["port": "metrics", "path": "/m", "interval": "30s"]])
        #expect(monitor.at("spec.selector.matchLabels") == ["moorage.dev/server": "weather"])
        #expect(monitor["metadata"]?["labels"]?["release"] == "prometheus")
        #expect(plan.warnings.contains { $0.contains("spec.network.monitoring of the MCPTenant") })
        #expect(objects.last?.reference.type == .serviceMonitor, "kinds that the cluster may not serve come last")
    }

    @Test(
        "conflicting ports, and monitoring of a port that does not exist, are refused",
        arguments: [
            [ServerPort(name: "http", port: 9090)], [ServerPort(name: "metrics", port: 8080)],
            [ServerPort(name: "metrics", port: 80)], [ServerPort(name: "1", port: 9090)],
            [ServerPort(name: "a", port: 9090), ServerPort(name: "b", port: 9090)],
            [ServerPort(name: "a", port: 9090), ServerPort(name: "a", port: 9091)],
            [ServerPort(name: "a--b", port: 9090)], [ServerPort(name: "a", port: 0)],
        ]
    )
    func collisions(ports: [ServerPort]) {
        let refusal = decide(Sample.input(Sample.server { $0.ports = ports })).refusal
        #expect(refusal?.reason == .specInvalid)
        #expect(refusal?.field?.hasPrefix("spec.ports[") == true)
    }

    @Test("monitoring uses an existing port")
    func monitoring() {
        let missing = Sample.server { $0.monitoring = ServerMonitoring() }
        #expect(decide(Sample.input(missing)).refusal?.field == "spec.monitoring.port")
        let http = Sample.server { $0.monitoring = ServerMonitoring(port: "http") }
        #expect(decide(Sample.input(http)).refusal == nil)
    }
}
