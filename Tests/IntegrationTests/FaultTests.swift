import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

/// A fault while the operator runs.
struct Disturbance: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Faults that affect requests during the whole run.
    var faults: [Fault] = []
    /// What happens between two steps of the users.
    var strike: @Sendable (SandboxCluster) -> Void = { _ in }

    private static let user = "moorage-operator"
    private static let writes: Set<String> = ["create", "update", "patch", "apply", "delete"]

    /// The response of a server that does not support streaming lists.
    private static let unknownParameter = Fault.Effect.refuse(
        code: 400,
        reason: "BadRequest",
        message: "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
        retryAfterSeconds: nil
    )

    static let all: [Disturbance] = [
        Disturbance(testDescription: "dropped watches") { $0.dropWatches() },
        Disturbance(testDescription: "expired watches") { $0.expireWatches() },
        Disturbance(testDescription: "lost history") { $0.restart(losingHistory: true) },
        Disturbance(
            testDescription: "a restart of the API server",
            faults: [Fault(.drop, userAgentPrefix: user, skip: 10, count: 20)]
        ) { $0.restart() },
        Disturbance(
            testDescription: "watches that are silent, then cut",
            strike: { sandbox in
                sandbox.removeFaults()
                sandbox.dropWatches()
                sandbox.stallWatches(resource: "deployments")
                sandbox.stallWatches(resource: "secrets")
            }
        ),
        Disturbance(
            testDescription: "conflicts",
            faults: [
                Fault(Fault.conflict, verbs: ["create", "apply", "patch"], userAgentPrefix: user, skip: 3, count: 25)
            ]
        ),
        Disturbance(
            testDescription: "too many requests",
            faults: [Fault(Fault.tooManyRequests(), userAgentPrefix: user, skip: 10, count: 10)]
        ),
        Disturbance(
            testDescription: "internal errors",
            faults: [
                Fault(Fault.internalError, verbs: writes, userAgentPrefix: user, skip: 8, count: 25),
                Fault(Fault.internalError, verbs: ["get", "list", "watch"], userAgentPrefix: user, count: 5),
            ]
        ) { $0.dropWatches() },
        Disturbance(
            testDescription: "slow answers",
            faults: [Fault(.delay(.milliseconds(150)), verbs: writes, userAgentPrefix: user)]
        ),
        Disturbance(
            testDescription: "truncated answers",
            faults: [Fault(.truncate(bytes: 60), verbs: writes, userAgentPrefix: user, skip: 3, count: 25)]
        ),
        Disturbance(
            testDescription: "truncated lists",
            faults: [
                // Without streaming lists, everything is read with plain lists.
                Fault(unknownParameter, verbs: ["watch"], userAgentPrefix: user, count: 15),
                Fault(.truncate(bytes: 60), verbs: ["list"], userAgentPrefix: user, count: 25),
            ]
        ) { $0.expireWatches() },
        Disturbance(
            testDescription: "writes that are never answered",
            faults: [Fault(.dropAfter, verbs: writes, userAgentPrefix: user, skip: 3, count: 25)]
        ),
    ]
}

@Suite("Faults", .serialized)
struct FaultTests {
    private static let namespace = "mcp-acme"
    /// Deleted possibly before they are complete, and not created again.
    private static let deleted = ["server-3", "server-7"]
    /// Deleted, and immediately created again with the same name.
    private static let replaced = "server-5"

    private static let tenant = MCPTenant(
        metadata: ObjectMeta(name: "acme"),
        spec: MCPTenantSpec(
            namespace: TenantNamespace(name: namespace),
            quotas: TenantQuotas(
                overrides: QuotaOverrides(serversPerTenant: 12),
                resourceQuota: ResourceQuotaSpec(hard: ["pods": "50"])
            )
        )
    )

    private static func server(_ number: Int, of cluster: TestCluster, edited: Bool = false) -> MCPServer {
        let env = ["NUMBER": "\(number)", "EDITED": "\(edited)"]
        return cluster.server(
            "server-\(number)",
            in: namespace,
            spec: MCPServerSpec(config: ServerConfiguration(env: env), replicas: edited ? 2 : nil)
        )
    }

    /// The actions of the users: a tenant, twelve servers, changes and deletions, without waiting for the operator,
    /// except where the API server would otherwise refuse them.
    private static func use(_ cluster: TestCluster, between: () -> Void) async throws {
        try await cluster.apply(tenant)
        between()
        try await eventually("the tenant's namespace") { try await cluster.find(.namespace, namespace) != nil }
        for number in 0..<12 {
            try await cluster.apply(server(number, of: cluster))
            if number % 4 == 3 { between() }
        }
        // So that there is something to delete.
        try await eventually("the first Deployment") {
            try await cluster.find(.deployment, "server-0", in: namespace) != nil
        }
        between()
        for number in [0, 4, 8, 11] { try await cluster.apply(server(number, of: cluster, edited: true)) }
        between()
        for name in deleted + [replaced] {
            try await cluster.client.delete(MCPServer.resourceType, name: name, namespace: namespace)
        }
        between()
        try await eventually("\(replaced) is gone") { try await cluster.server(named: replaced, in: namespace) == nil }
        try await cluster.apply(server(5, of: cluster, edited: true))
        between()
    }

    private static func converge(_ cluster: TestCluster) async throws {
        for number in 0..<12 where !deleted.contains("server-\(number)") {
            let name = "server-\(number)"
            let server = try await cluster.wait(for: ConditionType.ready, .true, of: name, in: namespace)
            let violations = ConditionInvariants.violations(
                of: server.status?.conditions ?? [],
                generation: server.metadata.generation
            )
            #expect(violations.isEmpty, "\(name): \(violations)")
        }
        try await eventually("the tenant is Ready") {
            let tenant = try await cluster.client.get(MCPTenant.self, name: "acme")
            return tenant.status?.conditions?[type: ConditionType.ready]?.status == .true
        }
    }

    /// The result without any faults.
    private static let undisturbed = Task {
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster) { _ in
                try await use(cluster) {}
                try await converge(cluster)
                try await settle(cluster, sandbox)
                return ClusterSnapshot(sandbox, namespace: namespace)
            }
        }
    }

    /// Waits until a pass over every server writes nothing, and the tenant has counted them: numbers alone can be
    /// delayed by a second.
    private static func settle(_ cluster: TestCluster, _ sandbox: SandboxCluster) async throws {
        try await eventually("the operator has nothing left to write") {
            try await touch(cluster, sandbox)
            let isQuiet = sandbox.writes().allSatisfy(\.isOfPass)
            let counted = sandbox.objects(MCPTenant.resourceType)
                .compactMap { $0[path: ["status", "servers", "admitted"]]?.integerValue }
            let accepted = sandbox.objects(MCPServer.resourceType, namespace: namespace).count { server in
                let conditions = server[path: ["status", "conditions"]]?.arrayValue ?? []
                return conditions.contains { $0["type"] == "Accepted" && $0["status"] == "True" }
            }
            return isQuiet && counted == [Int64(accepted)]
        }
    }

    /// Makes the operator reconcile every server once.
    private static func touch(_ cluster: TestCluster, _ sandbox: SandboxCluster) async throws {
        let round = "\(sandbox.revision)"
        sandbox.clearRequests()
        for object in sandbox.objects(MCPServer.resourceType, namespace: namespace) {
            _ = try await cluster.client.patch(
                MCPServer.resourceType,
                name: object[path: ["metadata", "name"]]?.stringValue ?? "",
                namespace: namespace,
                .merge(["metadata": ["annotations": ["example.com/round": .string(round)]]])
            )
        }
        try await cluster.letOperatorPass()
    }

    @Test(
        "with any fault every server is created, nothing is lost, and nothing is written twice",
        arguments: Disturbance.all
    )
    func converges(under disturbance: Disturbance) async throws {
        let expected = try await Self.undisturbed.value
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster) { _ in
                let faults = disturbance.faults.map { sandbox.inject($0) }
                try await Self.use(cluster) { disturbance.strike(sandbox) }
                let hits = faults.map { sandbox.remove(fault: $0) }
                #expect(hits.allSatisfy { $0 > 0 }, "the faults did not hit: \(hits)")
                sandbox.removeFaults()
                disturbance.strike(sandbox)
                sandbox.removeFaults()
                sandbox.dropWatches()
                try await Self.converge(cluster)

                // Nothing is ever deleted, or created a second time, except children of servers that users deleted: the
                // operator can see their deletion before the server's, and the garbage collector then deletes what was
                // created again.
                let writes = sandbox.writes()
                for write in writes where write.verb == "delete" && write.changed {
                    Issue.record("the operator deleted \(write.path)")
                }
                let made = writes.filter { write in
                    write.code == 201 && !(Self.deleted + [Self.replaced]).contains { write.name.hasPrefix($0) }
                }.map(\.object)
                #expect(Set(made).count == made.count, "made twice: \(made)")

                try await Self.settle(cluster, sandbox)
                var difference: String?
                do {
                    try await eventually("the same objects as without the fault", within: .seconds(40)) {
                        difference = ClusterSnapshot(sandbox, namespace: Self.namespace).difference(from: expected)
                        return difference == nil
                    }
                } catch {
                    Issue.record("\(difference ?? "\(error)")")
                }
                for _ in 0..<2 {
                    try await Self.touch(cluster, sandbox)
                    let writes = sandbox.writes().filter { !$0.isOfPass }
                    #expect(
                        writes.isEmpty,
                        "written though nothing was to do: \(writes.map { "\($0.verb) \($0.path)" })"
                    )
                }
            }
        }
    }
}
