import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

/// What Argo CD, Flux, Helm and `kubectl wait` need from an operator: readable health, and unchanged specs.
@Suite("GitOps")
struct GitOpsTests {
    private func status(_ cluster: TestCluster, _ type: ResourceType, _ name: String, in namespace: String? = nil)
        async throws -> Kstatus
    {
        Kstatus(try await cluster.client.get(type, name: name, namespace: namespace))
    }

    @Test("kstatus reads the correct health of servers and tenants")
    func health() async throws {
        try await withCluster { cluster in
            try await withOperator(cluster) { _ in
                let tenant = MCPTenant(
                    metadata: ObjectMeta(name: cluster.name("health")),
                    spec: MCPTenantSpec(namespace: TenantNamespace(deletionPolicy: .delete))
                )
                try await cluster.apply(tenant)
                let tenantName = tenant.metadata.name ?? ""
                let namespace = "mcp-\(tenantName)"
                try await eventually("the tenant is current") {
                    guard try await cluster.find(.namespace, namespace) != nil else { return false }
                    return try await status(cluster, MCPTenant.resourceType, tenantName) == .current
                }
                let type = MCPServer.resourceType
                try await cluster.apply(cluster.server("good", in: namespace))
                if cluster.runsPods {
                    try await eventually("the server is current") {
                        let object = try await cluster.client.get(type, name: "good", namespace: namespace)
                        return Kstatus(object) == .current && object["status"] != nil
                    }
                }
                // Refused: tools should not wait for it.
                var spec = MCPServerSpec()
                spec.image = "registry.example/mcp/echo:1"
                try await cluster.apply(cluster.server("refused", in: namespace, spec: spec))
                try await eventually("the refused server has failed") {
                    try await status(cluster, type, "refused", in: namespace) == .failed
                }
                // A change that is not reconciled yet is in progress, regardless of the conditions of the previous one.
                var stale = try await cluster.client.get(type, name: "good", namespace: namespace)
                stale[path: ["metadata", "generation"]] = 99
                #expect(Kstatus(stale) == .inProgress)
                // A tenant with an unknown plan is stalled.
                var broken = tenant
                broken.spec.quotas = TenantQuotas(plan: "none")
                try await cluster.apply(broken)
                try await eventually("the tenant has failed") {
                    try await status(cluster, MCPTenant.resourceType, tenantName) == .failed
                }
                try await cluster.apply(tenant)
                try await cluster.removeTenant(tenantName)
            }
        }
    }

    @Test("objects in Git are not changed: no spec, label or annotation has another writer")
    func untouched() async throws {
        try await withCluster { cluster in
            try await withOperator(cluster) { _ in
                let tenant = MCPTenant(
                    metadata: ObjectMeta(name: cluster.name("git")),
                    spec: MCPTenantSpec(namespace: TenantNamespace(deletionPolicy: .delete))
                )
                let serverClass = MCPServerClass(
                    metadata: ObjectMeta(name: cluster.name("git")),
                    spec: MCPServerClassSpec()
                )
                let name = tenant.metadata.name ?? ""
                let namespace = "mcp-\(name)"
                try await cluster.apply(serverClass)
                try await cluster.apply(tenant)
                try await eventually("the namespace is there") { try await cluster.find(.namespace, namespace) != nil }
                var spec = MCPServerSpec()
                spec.className = name
                try await cluster.apply(cluster.server("server", in: namespace, spec: spec))
                try await cluster.wait(
                    for: cluster.runsPods ? ConditionType.ready : ConditionType.programmed,
                    .true,
                    of: "server",
                    in: namespace
                )
                try await eventually("the class counts the server") {
                    let found = try await cluster.client.get(MCPServerClass.self, name: name)
                    return found.status?.servers?.using == 1
                }
                let objects: [(ResourceType, String, String?, Set<String>)] = [
                    (MCPServer.resourceType, "server", namespace, ["f:status"]),
                    (MCPTenant.resourceType, name, nil, ["f:metadata", "f:status"]),
                    (MCPServerClass.resourceType, name, nil, ["f:status"]),
                ]
                for (type, name, namespace, expected) in objects {
                    let object = try await cluster.client.get(type, name: name, namespace: namespace)
                    #expect(object[path: ["metadata", "generation"]] == 1, "\(type)")
                    let own = (object[path: ["metadata", "managedFields"]]?.arrayValue ?? [])
                        .filter { $0["manager"] == "moorage" }
                    let fields = own.reduce(into: Set<String>()) { fields, entry in
                        fields.formUnion(entry["fieldsV1"]?.objectValue?.keys.map { $0 } ?? [])
                    }
                    #expect(fields == expected, "\(type)")
                    let metadata = own.compactMap { $0[path: ["fieldsV1", "f:metadata"]]?.objectValue?.keys }
                        .flatMap { $0 }
                    #expect(Set(metadata).isSubset(of: ["f:finalizers"]), "\(type)")
                }
                _ = try await cluster.client.delete(MCPServerClass.resourceType, name: name)
                try await cluster.removeTenant(name)
            }
        }
    }
}
