import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

@Suite("Restarts of the operator", .serialized)
struct RestartTests {
    private static let namespace = "mcp-acme"
    private static let name = "weather"
    private static let writes: Set<String> = ["create", "update", "patch", "apply", "delete"]

    private static let tenant = MCPTenant(
        metadata: ObjectMeta(name: "acme"),
        spec: MCPTenantSpec(
            namespace: TenantNamespace(name: namespace, deletionPolicy: .delete),
            quotas: TenantQuotas(
                overrides: QuotaOverrides(serversPerTenant: 3),
                resourceQuota: ResourceQuotaSpec(hard: ["pods": "50"]),
                limitRange: LimitRangeSpec(limits: [LimitRangeItem(type: "Container", max: ["cpu": "4"])])
            ),
            exposure: TenantExposure(hosts: ["weather.example.com"], ingressClasses: ["nginx"]),
            members: [TenantMember(kind: .group, name: "acme-developers", role: .editor)]
        )
    )

    /// A server with children of all kinds that can exist at the same time.
    private static func server(_ cluster: TestCluster) -> MCPServer {
        cluster.server(
            name,
            in: namespace,
            spec: MCPServerSpec(
                config: ServerConfiguration(
                    env: ["REGION": "north"],
                    files: ["settings.json": "{}"],
                    templates: [
                        ConfigurationTemplate(
                            name: "greeting",
                            content: "Hello ${WHO}",
                            variables: [TemplateVariable(name: "WHO", value: "world")],
                            file: "greeting.txt"
                        )
                    ]
                ),
                storage: Storage(size: "1Gi"),
                replicas: 2,
                exposure: Exposure(ingress: IngressExposure(host: "weather.example.com"))
            )
        )
    }

    /// Creates the tenant and the server. The namespace is created first, so that both can exist before the operator
    /// starts.
    private static func use(_ cluster: TestCluster) async throws {
        var tenant = tenant
        tenant.spec.namespace?.adopt = true
        _ = try await cluster.client.create(
            .namespace,
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]]
        )
        try await cluster.apply(tenant)
        try await cluster.apply(server(cluster))
    }

    private static func hasConverged(_ cluster: TestCluster) async throws -> Bool {
        let server = try await cluster.server(named: name, in: namespace)
        let tenant = try await cluster.client.get(MCPTenant.self, name: "acme")
        return server?.status?.conditions?[type: ConditionType.ready]?.status == .true
            && server?.status?.readyReplicas == 2
            && tenant.status?.conditions?[type: ConditionType.ready]?.status == .true
            && tenant.status?.servers?.admitted == 1
    }

    @Test("after an operator is killed after any single write, the next one reaches the same result")
    func killedAfterEachWrite() async throws {
        let (expected, count) = try await withSandbox { cluster, sandbox in
            try await Self.use(cluster)
            return try await withOperator(cluster) { _ in
                try await eventually("all is there") { try await Self.hasConverged(cluster) }
                try await cluster.letOperatorPass()
                let writes = sandbox.writes().count { !$0.isOfPass }
                return (ClusterSnapshot(sandbox, namespace: Self.namespace), writes)
            }
        }
        let kinds = Set(expected.objects.keys.map { $0.prefix { $0 != "/" } })
        #expect(kinds.count == 14, "a kind is missing among \(kinds.sorted())")

        // Two at the same time, because each mostly waits.
        let width = 2
        try await withThrowingTaskGroup(of: Void.self) { workers in
            for first in 0..<width {
                workers.addTask {
                    for spared in stride(from: first, to: count, by: width) {
                        try await Self.kill(afterWrites: spared, expecting: expected)
                    }
                }
            }
            try await workers.waitForAll()
        }
    }

    private static func kill(afterWrites spared: Int, expecting expected: ClusterSnapshot) async throws {
        try await withSandbox { cluster, sandbox in
            try await use(cluster)
            // Events are excluded: the first matching fault applies, and this one does nothing.
            sandbox.inject(Fault(.delay(.zero), resource: "events"))
            let wall = Fault(Fault.internalError, verbs: writes, userAgentPrefix: "moorage-operator", skip: spared)
            sandbox.inject(wall)
            try await killing({ try await withOperator(cluster) { _ in try await parked() } }) {
                try await eventually("the operator reaches its last allowed write, or has no more writes") {
                    if sandbox.writes().contains(where: { $0.code == 500 }) { return true }
                    return try await hasConverged(cluster)
                }
            }
            sandbox.removeFaults()
            try await withOperator(cluster) { _ in
                var difference: String?
                do {
                    try await eventually("the same result") {
                        difference = ClusterSnapshot(sandbox, namespace: namespace).difference(from: expected)
                        return difference == nil
                    }
                } catch {
                    Issue.record("after \(spared) writes: \(difference ?? "\(error)")")
                }
            }
            let made = sandbox.writes().filter { $0.code == 201 }.map(\.object)
            #expect(Set(made).count == made.count, "after \(spared) writes, created twice: \(made)")
            let deleted = sandbox.writes().filter { $0.verb == "delete" }.map(\.path)
            #expect(deleted.isEmpty, "after \(spared) writes, deleted: \(deleted)")
        }
    }

    @Test("a restart with converged servers writes nothing", arguments: [false, true])
    func restartOverConverged(isKilled: Bool) async throws {
        try await withSandbox { cluster, sandbox in
            try await Self.use(cluster)
            for number in 0..<2 { try await cluster.apply(cluster.server("plain-\(number)", in: Self.namespace)) }
            @Sendable func converged() async throws {
                try await eventually("all is there") {
                    for number in 0..<2 {
                        let server = try await cluster.server(named: "plain-\(number)", in: Self.namespace)
                        guard server?.status?.conditions?[type: ConditionType.ready]?.status == .true else {
                            return false
                        }
                    }
                    let server = try await cluster.server(named: Self.name, in: Self.namespace)
                    let tenant = try await cluster.client.get(MCPTenant.self, name: "acme")
                    return server?.status?.readyReplicas == 2 && tenant.status?.servers?.admitted == 3
                        && tenant.status?.conditions?[type: ConditionType.ready]?.status == .true
                }
                // Until no delayed writes are left.
                try await eventually("the operator is idle") {
                    sandbox.clearRequests()
                    try await cluster.letOperatorPass()
                    return sandbox.writes().allSatisfy(\.isOfPass)
                }
            }
            if isKilled {
                try await killing({ try await withOperator(cluster) { _ in try await parked() } }, once: converged)
            } else {
                try await withOperator(cluster) { _ in try await converged() }
            }
            sandbox.clearRequests()
            let before = ClusterSnapshot(sandbox, namespace: Self.namespace)
            try await withOperator(cluster) { _ in
                try await cluster.letOperatorPass()
                try await cluster.letOperatorPass()
                let writes = sandbox.writes().filter { !$0.isOfPass }
                let reads = sandbox.requests.filter { $0.verb == "get" && $0.resource == "secrets" && !$0.isOfPass }
                #expect(reads.map(\.path) == [], "Secrets are listed, and not read one by one")
                #expect(writes.isEmpty, "\(writes.map { "\($0.verb) \($0.path) \($0.subresource ?? "")" })")
                #expect(ClusterSnapshot(sandbox, namespace: Self.namespace).difference(from: before) == nil)
            }
        }
    }
}
