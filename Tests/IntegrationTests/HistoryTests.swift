import CRDModels
import ControllerRuntime
import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

/// After any history of changes, the cluster is in the state that a new controller would leave: a new controller finds
/// nothing to write.
///
/// `MOORAGE_HISTORY_SEED` and `MOORAGE_HISTORIES` repeat or extend the random histories.
@Suite("Histories", .serialized)
struct HistoryTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["MOORAGE_HISTORY_SEED"].flatMap { UInt64($0) } ?? 20_261_126
    private static let count =
        environment["MOORAGE_HISTORIES"].flatMap { Int($0) } ?? (environment["CI"] == nil ? 20 : 200)
    /// The number of changes in a history.
    private static let length = 60

    @Test("after any history of changes a new controller has nothing to write")
    func freshControllerAgrees() async throws {
        // Two at the same time, because each mostly waits.
        try await withThrowingTaskGroup(of: Void.self) { workers in
            for first in 0..<2 {
                workers.addTask {
                    for index in stride(from: first, to: Self.count, by: 2) {
                        try await Self.run(seed: Self.seed &+ UInt64(index))
                    }
                }
            }
            try await workers.waitForAll()
        }
    }

    private static func run(seed: UInt64) async throws {
        // The operator's clock is fast, so bookmarks, which show that watches still work, must be more frequent.
        try await withSandbox(configure: { $0.bookmarkInterval = .milliseconds(200) }) { cluster, sandbox in
            let options = OperatorOptions(clock: .scaled(by: 100))
            var history = History(seed: seed)
            for _ in 0..<6 { await history.change(cluster) }
            let before = try await withOperator(cluster, options: options) { [history] _ in
                var history = history
                for _ in 0..<length {
                    await history.change(cluster)
                    await history.pause()
                }
                try await settle(sandbox)
                return history
            }
            history = before
            var state: EveryObject
            var pods: [JSONValue]
            repeat {
                // A pod that becomes ready only now is a change for the new controller too, so it is checked once more.
                sandbox.clearRequests()
                state = EveryObject(sandbox)
                pods = sandbox.objects(.pod)
                try await withOperator(cluster, options: options, userAgent: "moorage-operator-fresh") { _ in
                    try await settle(sandbox)
                }
            } while sandbox.objects(.pod) != pods
            let writes = sandbox.writes().filter(\.changed)
            guard !writes.isEmpty else { return }
            let lines = writes.map { "\($0.verb) \($0.path)" + ($0.subresource.map { " (\($0))" } ?? "") }
            Issue.record(
                """
                MOORAGE_HISTORY_SEED=\(seed) MOORAGE_HISTORIES=1: a fresh controller writes
                \(lines.joined(separator: "\n"))
                \(EveryObject(sandbox).difference(from: state))
                after
                \(history.log.joined(separator: "\n"))
                """
            )
        }
    }

    /// Waits until nothing was written for longer than the operator's longest delay.
    private static func settle(_ sandbox: SandboxCluster) async throws {
        var revision = sandbox.revision
        var quietSince = ContinuousClock.now
        do {
            try await eventually("the operator is idle", within: .seconds(30)) {
                if sandbox.revision != revision {
                    revision = sandbox.revision
                    quietSince = .now
                }
                // Half a minute of the operator's clock, and more than the sandbox's controllers need.
                return quietSince.duration(to: .now) > .milliseconds(400)
            }
        } catch let error as NeverHappened {
            let last = sandbox.writes().suffix(12).map { "\($0.verb) \($0.path) \($0.subresource ?? "") \($0.code)" }
            throw NeverHappened(description: "\(error); the last writes:\n\(last.joined(separator: "\n"))")
        }
    }
}

/// Every object of a sandbox except Events, as text, to show what a new controller changed.
private struct EveryObject {
    private var objects: [String: JSONValue] = [:]

    init(_ sandbox: SandboxCluster) {
        let types: [ResourceType] = [
            MCPTenant.resourceType, MCPServer.resourceType, MCPServerClass.resourceType, .namespace, .serviceAccount,
            .secret, .service, .deployment, .networkPolicy, .podDisruptionBudget, .ingress, .resourceQuota, .limitRange,
            .roleBinding, .controllerRevision, .persistentVolumeClaim,
        ]
        for type in types {
            for var object in sandbox.objects(type) {
                object["metadata"]?["managedFields"] = nil
                object["metadata"]?["resourceVersion"] = nil
                let metadata = object["metadata"] ?? [:]
                let place = "\(metadata["namespace"]?.stringValue ?? "")/\(metadata["name"]?.stringValue ?? "")"
                objects["\(type.plural) \(place)"] = object
            }
        }
    }

    func difference(from old: EveryObject) -> String {
        var lines: [String] = []
        for key in Set(objects.keys).union(old.objects.keys).sorted() where objects[key] != old.objects[key] {
            lines.append("\(key)\n  was \(Self.text(old.objects[key]))\n  is  \(Self.text(objects[key]))")
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ object: JSONValue?) -> String {
        object.map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "absent"
    }
}

/// A seeded source of changes that users and administrators make. Changes that the API server refuses have no effect.
private struct History: Sendable {
    private var random: SeededGenerator
    /// The changes, for the report of a failure.
    private(set) var log: [String] = []

    private static let namespaces = ["mcp-red", "mcp-blue", "shared", "plain"]
    private static let tenants = ["red", "blue", "green"]
    private static let classes = ["small", "large"]
    private static let servers = ["a", "b", "c", "d"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// Lets the operator run for a moment, or not at all.
    mutating func pause() async {
        let pause = Int.random(in: 0..<40, using: &random)
        guard pause > 20 else { return }
        try? await ContinuousClock().sleep(for: .milliseconds(pause - 20))
    }

    /// Makes one change.
    mutating func change(_ cluster: TestCluster) async {
        let namespace = pick(Self.namespaces)
        let done: String
        do {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<30: done = try await applyServer(cluster, in: namespace)
            case 30..<42: done = try await delete(MCPServer.resourceType, pick(Self.servers), in: namespace, cluster)
            case 42..<60: done = try await applyTenant(cluster)
            case 60..<66: done = try await delete(MCPTenant.resourceType, pick(Self.tenants), in: nil, cluster)
            case 66..<72: done = try await applyClass(cluster)
            case 72..<76: done = try await delete(MCPServerClass.resourceType, pick(Self.classes), in: nil, cluster)
            case 76..<82: done = try await applyNamespace(namespace, cluster)
            case 82..<84: done = try await delete(.namespace, namespace, in: nil, cluster)
            case 84..<90: done = try await applySecret(in: namespace, cluster)
            case 90..<93: done = try await delete(.secret, "token", in: namespace, cluster)
            case 93..<96: done = try await delete(.deployment, pick(Self.servers), in: namespace, cluster)
            default: done = try await loosen(in: namespace, cluster)
            }
        } catch {
            log.append("refused: \(error)")
            return
        }
        log.append(done)
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func applyServer(_ cluster: TestCluster, in namespace: String) async throws -> String {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        var spec = MCPServerSpec()
        spec.image = pick([
            "registry.example/mcp/echo@\(digest)", "registry.example/mcp/echo@\(digest)", "registry.example/mcp/echo:1",
            "evil.example/echo@\(digest)",
        ])
        spec.className = pick([nil, nil, "small", "large", "missing"])
        spec.suspend = chance(15) ? true : nil
        spec.replicas = pick([nil, 1, 2])
        if chance(25) { spec.envFrom = [EnvFromSource(secretRef: SecretEnvSource(name: "token"))] }
        if chance(15) {
            spec.network = ServerNetwork(
                egress: ServerEgressRules(allow: [NetworkPeer(namespace: pick(Self.namespaces))])
            )
        }
        if chance(20) {
            spec.exposure = Exposure(ingress: IngressExposure(className: "nginx", host: pick(["a.test", "b.test"])))
        }
        if chance(10) { spec.storage = Storage(size: "1Gi") }
        let server = MCPServer(metadata: ObjectMeta(name: pick(Self.servers), namespace: namespace), spec: spec)
        try await cluster.apply(server)
        return "apply MCPServer \(namespace)/\(server.metadata.name ?? ""): \(text(spec))"
    }

    private mutating func applyTenant(_ cluster: TestCluster) async throws -> String {
        let name = pick(Self.tenants)
        var spec = MCPTenantSpec()
        // A tenant's namespace cannot be changed, so it is derived from the name, except for one that may change it.
        spec.namespace = TenantNamespace(
            name: ["red": nil, "blue": "shared", "green": pick(["shared", "mcp-blue"])][name] ?? nil,
            deletionPolicy: chance(30) ? .delete : .retain,
            adopt: chance(60)
        )
        spec.quotas = TenantQuotas(
            plan: chance(8) ? "gold" : nil,
            overrides: QuotaOverrides(serversPerTenant: pick([1, 2, 3])),
            resourceQuota: chance(30) ? ResourceQuotaSpec(hard: ["pods": "20"]) : nil
        )
        spec.network = TenantNetwork(
            enabled: chance(15) ? false : nil,
            gateway: chance(20) ? GatewayPeers(namespaces: [pick(Self.namespaces)]) : nil,
            allow: chance(50) ? [NetworkPeer(namespace: pick(Self.namespaces))] : nil
        )
        if chance(25) { spec.images = TenantImages(allowedRegistries: ["registry.example"]) }
        if chance(30) { spec.images = TenantImages(requireDigest: false) }
        if chance(15) { spec.airgapped = true }
        if chance(60) {
            spec.exposure = TenantExposure(hosts: [pick(["*.test", "a.test"])], ingressClasses: ["nginx"])
        }
        if chance(30) { spec.members = [TenantMember(name: "ann", role: pick([.viewer, .editor]))] }
        try await cluster.apply(MCPTenant(metadata: ObjectMeta(name: name), spec: spec))
        return "apply MCPTenant \(name): \(text(spec))"
    }

    private mutating func applyClass(_ cluster: TestCluster) async throws -> String {
        let name = pick(Self.classes)
        var metadata = ObjectMeta(name: name)
        if chance(40) { metadata.annotations = [MoorageAnnotations.isDefaultClass: "true"] }
        let spec = MCPServerClassSpec(
            resources: ResourceRequirements(requests: ["memory": pick(["64Mi", "128Mi", "256Mi"])]),
            rollout: chance(30) ? ClassRollout(policy: .automatic) : nil
        )
        try await cluster.apply(MCPServerClass(metadata: metadata, spec: spec))
        return "apply MCPServerClass \(name) \(metadata.annotations ?? [:]): \(text(spec))"
    }

    private mutating func applyNamespace(_ name: String, _ cluster: TestCluster) async throws -> String {
        // Without labels, as after `kubectl replace` of a plain manifest.
        let object: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
        if try await cluster.find(.namespace, name) != nil, chance(50) {
            _ = try await cluster.client.patch(
                .namespace,
                name: name,
                .merge(["metadata": ["labels": [MoorageLabels.tenant: nil]]])
            )
            return "remove the tenant's label from Namespace \(name)"
        }
        _ = try await cluster.client.create(.namespace, object)
        return "create Namespace \(name)"
    }

    private mutating func applySecret(in namespace: String, _ cluster: TestCluster) async throws -> String {
        let value = pick(["b25l", "dHdv"])
        let object: JSONValue = [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "token", "namespace": .string(namespace)],
            "data": ["TOKEN": .string(value)],
        ]
        _ = try await cluster.client.apply(
            .secret,
            object,
            options: ApplyOptions(fieldManager: "gitops", force: true)
        )
        return "apply Secret \(namespace)/token: \(value)"
    }

    /// Deletes something that keeps a namespace strict, as someone with too many permissions could.
    private mutating func loosen(in namespace: String, _ cluster: TestCluster) async throws -> String {
        try await delete(.networkPolicy, pick(Self.servers + ["moorage-default-deny"]), in: namespace, cluster)
    }

    private func delete(
        _ type: ResourceType,
        _ name: String,
        in namespace: String?,
        _ cluster: TestCluster
    ) async throws -> String {
        _ = try await cluster.client.delete(type, name: name, namespace: namespace)
        return "delete \(type.kind) \(namespace.map { "\($0)/" } ?? "")\(name)"
    }

    private func text(_ value: some Encodable) -> String {
        (try? KubernetesJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
    }
}
