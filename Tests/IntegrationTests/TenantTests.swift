import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import Synchronization
import TestSupport
import Testing

@Suite("Tenants, quotas and classes")
struct TenantTests {
    private func tenant(_ cluster: TestCluster, _ spec: MCPTenantSpec = MCPTenantSpec()) -> MCPTenant {
        MCPTenant(metadata: ObjectMeta(name: cluster.name("acme")), spec: spec)
    }

    private func namespaceIsReady(_ name: String, in cluster: TestCluster) async throws {
        try await eventually("namespace \(name) is there") { try await cluster.find(.namespace, name) != nil }
    }

    @Test("a tenant's namespace has Pod Security labels and a default-deny policy, and can be deleted with it")
    func namespace() async throws {
        try await withCluster { cluster in
            try await withOperator(cluster) { _ in
                let tenant = tenant(cluster, MCPTenantSpec(namespace: TenantNamespace(deletionPolicy: .delete)))
                try await cluster.apply(tenant)
                let name = "mcp-\(tenant.metadata.name ?? "")"
                try await namespaceIsReady(name, in: cluster)
                let labels = try await cluster.find(.namespace, name)?[path: ["metadata", "labels"]]
                #expect(labels?["pod-security.kubernetes.io/enforce"] == "restricted")
                #expect(labels?["pod-security.kubernetes.io/enforce-version"] == "latest")
                try await eventually("a policy denies by default") {
                    try await cluster.client.list(.networkPolicy, namespace: name).items
                        .contains { $0[path: ["spec", "podSelector"]] == [:] }
                }
                try await cluster.remove(tenant)
                try await eventually("the namespace is gone") {
                    try await cluster.find(.namespace, name) == nil
                }
            }
        }
    }

    @Test("a retained namespace is kept after its tenant is deleted, and an existing one is not adopted")
    func retained() async throws {
        try await withCluster { cluster in
            let foreign = try await cluster.makeNamespace("taken")
            try await withOperator(cluster) { _ in
                let retained = tenant(cluster)
                try await cluster.apply(retained)
                let name = "mcp-\(retained.metadata.name ?? "")"
                try await namespaceIsReady(name, in: cluster)
                try await eventually("the finalizer is there") {
                    try await cluster.find(MCPTenant.resourceType, retained.metadata.name ?? "")?[
                        path: ["metadata", "finalizers"]
                    ] != nil
                }
                try await cluster.remove(retained)
                #expect(try await cluster.find(.namespace, name)?[path: ["metadata", "deletionTimestamp"]] == nil)
                let other = MCPTenant(
                    metadata: ObjectMeta(name: cluster.name("other")),
                    spec: MCPTenantSpec(namespace: TenantNamespace(name: foreign))
                )
                try await cluster.apply(other)
                try await eventually("it is told that the namespace is not ours") {
                    let found = try await cluster.client.get(MCPTenant.self, name: other.metadata.name ?? "")
                    return found.status?.conditions?[type: ConditionType.accepted]?.reason
                        == Reason.namespaceNotOwned.rawValue
                }
                let labels = try await cluster.find(.namespace, foreign)?[path: ["metadata", "labels"]]
                #expect(labels?["moorage.dev/tenant"] == nil)
                try await cluster.remove(other)
                try await cluster.removeNamespace(name)
            }
            try await cluster.removeNamespace(foreign)
        }
    }

    @Test("a quota admits exactly its number of servers, the same ones after a restart; a free place is used")
    func quota() async throws {
        let lines = Mutex<[String]>([])
        let audit = AuditLog(now: { "2026-01-01T00:00:00Z" }) { line in lines.withLock { $0.append(line) } }
        let count = TestCluster.kubeconfig == nil ? 200 : 40
        try await withCluster { cluster in
            let tenant = tenant(
                cluster,
                MCPTenantSpec(
                    namespace: TenantNamespace(deletionPolicy: .delete),
                    quotas: TenantQuotas(overrides: QuotaOverrides(serversPerTenant: 10))
                )
            )
            let namespace = "mcp-\(tenant.metadata.name ?? "")"
            let admitted: @Sendable () async throws -> [String] = {
                try await cluster.client.listAll(MCPServer.self, namespace: namespace).items
                    .filter { $0.status?.conditions?[type: ConditionType.accepted]?.status == .true }
                    .compactMap(\.metadata.name).sorted()
            }
            let everyoneKnows: @Sendable () async throws -> Bool = {
                try await cluster.client.listAll(MCPServer.self, namespace: namespace).items
                    .allSatisfy { $0.status?.conditions?[type: ConditionType.accepted] != nil }
            }
            let options = OperatorOptions(audit: audit)
            let first = try await withOperator(cluster, options: options) { _ in
                try await cluster.apply(tenant)
                try await namespaceIsReady(namespace, in: cluster)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<count {
                        let name = "s\(1_000 + index)"
                        let server = cluster.server(name, in: namespace, spec: MCPServerSpec(suspend: true))
                        group.addTask { try await cluster.apply(server) }
                        if index % 8 == 7 { try await group.waitForAll() }
                    }
                    try await group.waitForAll()
                }
                try await eventually("every server knows", everyoneKnows)
                let names = try await admitted()
                #expect(names.count == 10)
                let deployments = try await cluster.client.list(.deployment, namespace: namespace).items
                #expect(deployments.compactMap { $0[path: ["metadata", "name"]]?.stringValue }.sorted() == names)
                return names
            }
            #expect(lines.withLock { $0.count } == count - 10)
            #expect(lines.withLock { $0.allSatisfy { $0.contains("QUOTA_EXCEEDED") } })
            try await withOperator(cluster, options: options) { _ in
                try await eventually("the same run") { try await admitted() == first }
                try await cluster.client.delete(MCPServer.resourceType, name: first[0], namespace: namespace)
                try await eventually("the place is taken") {
                    let names = try await admitted()
                    return names.count == 10 && !names.contains(first[0])
                }
                var raised = tenant
                raised.spec.quotas?.overrides?.serversPerTenant = 12
                try await cluster.apply(raised)
                try await eventually("two more run") { try await admitted().count == 12 }
                var lowered = tenant
                lowered.spec.quotas?.overrides?.serversPerTenant = 3
                try await cluster.apply(lowered)
                try await eventually("the tenant says that more run than may") {
                    let found = try await cluster.client.get(MCPTenant.self, name: tenant.metadata.name ?? "")
                    return found.status?.conditions?[type: ConditionType.accepted]?.reason
                        == Reason.quotaLowered.rawValue
                }
                #expect(try await admitted().count == 12)
                try await cluster.remove(tenant)
            }
        }
    }

    @Test("a changed class applies to running servers only after a restart, and outdated servers are counted")
    func classRollout() async throws {
        try await withCluster { cluster in
            let namespace = try await cluster.makeNamespace()
            let className = cluster.name("small")
            let memory: @Sendable (String) async throws -> JSONValue? = { server in
                try await cluster.find(.deployment, server, in: namespace)?[
                    path: ["spec", "template", "spec", "containers"]
                ]?.arrayValue?.first?[path: ["resources", "requests", "memory"]]
            }
            @Sendable func serverClass(_ memory: Quantity) -> MCPServerClass {
                MCPServerClass(
                    metadata: ObjectMeta(name: className),
                    spec: MCPServerClassSpec(resources: ResourceRequirements(requests: ["memory": memory]))
                )
            }
            try await withOperator(cluster) { _ in
                try await cluster.apply(serverClass("100Mi"))
                let spec = MCPServerSpec(className: className, suspend: true)
                try await eventually("the server is programmed") {
                    try await cluster.apply(cluster.server("old", in: namespace, spec: spec))
                    return try await memory("old") == "100Mi"
                }
                try await cluster.apply(serverClass("200Mi"))
                try await cluster.wait(
                    for: ConditionType.classCurrent,
                    .false,
                    reason: .classBehind,
                    of: "old",
                    in: namespace
                )
                #expect(try await memory("old") == "100Mi")
                try await cluster.apply(cluster.server("new", in: namespace, spec: spec))
                try await eventually("a new server has the new value") { try await memory("new") == "200Mi" }
                try await eventually("the class counts who is behind") {
                    let found = try await cluster.client.get(MCPServerClass.self, name: className)
                    return found.status?.servers == ClassServers(using: 2, behind: 1)
                }
                _ = try await cluster.client.patch(
                    MCPServer.resourceType,
                    name: "old",
                    namespace: namespace,
                    .merge(["metadata": ["annotations": ["moorage.dev/restart": "1"]]])
                )
                try await eventually("a restart takes it up") { try await memory("old") == "200Mi" }
            }
            _ = try? await cluster.client.delete(MCPServerClass.resourceType, name: className)
            try await cluster.removeNamespace(namespace)
        }
    }
}
