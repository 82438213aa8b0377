import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

@Suite("Changes of exposure and members")
struct ExposureTests {
    private func tenant(_ name: String, in cluster: TestCluster, hosts: [String]) -> MCPTenant {
        MCPTenant(
            metadata: ObjectMeta(name: cluster.name(name)),
            spec: MCPTenantSpec(
                namespace: TenantNamespace(deletionPolicy: .delete),
                exposure: TenantExposure(hosts: hosts, ingressClasses: ["nginx"])
            )
        )
    }

    private func server(_ cluster: TestCluster, of tenant: MCPTenant, host: String) -> MCPServer {
        cluster.server(
            "web",
            in: Self.namespace(of: tenant),
            spec: MCPServerSpec(exposure: Exposure(ingress: IngressExposure(host: host)), suspend: true)
        )
    }

    private static func namespace(of tenant: MCPTenant) -> String {
        Moorage.defaultNamespace(ofTenant: tenant.metadata.name ?? "")
    }

    private func isReady(_ tenant: MCPTenant, in cluster: TestCluster) async throws {
        try await eventually("tenant \(tenant.metadata.name ?? "") is ready") {
            let found = try await cluster.client.get(MCPTenant.self, name: tenant.metadata.name ?? "")
            return found.status?.conditions?[type: ConditionType.ready]?.status == .true
        }
    }

    @Test(
        "a host goes to the next server when its holder is deleted, and exposure that is no longer allowed is removed"
    )
    func hosts() async throws {
        try await withCluster { cluster in
            // It is unique to this run, so that there are no conflicts on a shared cluster.
            let domain = "\(cluster.name("exposure")).example.com"
            try await withOperator(cluster) { _ in
                var first = tenant("first", in: cluster, hosts: ["*.\(domain)"])
                let second = tenant("second", in: cluster, hosts: ["*.\(domain)"])
                for tenant in [first, second] {
                    try await cluster.apply(tenant)
                    try await isReady(tenant, in: cluster)
                }
                let (here, there) = (Self.namespace(of: first), Self.namespace(of: second))
                let host = "mcp.\(domain)"
                try await cluster.apply(server(cluster, of: first, host: host))
                try await cluster.wait(for: ConditionType.accepted, .true, of: "web", in: here)
                // Creation times have whole seconds, so the names may decide; both namespaces sort like their tenants.
                try await cluster.apply(server(cluster, of: second, host: "*.\(domain)"))
                try await cluster.wait(for: ConditionType.accepted, .false, reason: .hostTaken, of: "web", in: there)
                #expect(try await cluster.find(.ingress, "web", in: there) == nil)

                // The holder's tenant is no longer allowed to use the host: the host becomes free, and the Ingress is
                // deleted.
                first.spec.exposure = TenantExposure(hosts: ["other.\(domain)"], ingressClasses: ["nginx"])
                try await cluster.apply(first)
                try await cluster.wait(
                    for: ConditionType.accepted,
                    .false,
                    reason: .exposureNotAllowed,
                    of: "web",
                    in: here
                )
                try await cluster.wait(for: ConditionType.accepted, .true, of: "web", in: there)
                try await eventually("nothing exposes the first server") {
                    try await cluster.find(.ingress, "web", in: here) == nil
                }
                try await eventually("the second server is exposed") {
                    try await cluster.find(.ingress, "web", in: there) != nil
                }

                // When it is allowed again, the older server gets the host back, until it is deleted itself.
                first.spec.exposure = TenantExposure(hosts: ["*.\(domain)"], ingressClasses: ["nginx"])
                try await cluster.apply(first)
                try await cluster.wait(for: ConditionType.accepted, .true, of: "web", in: here)
                try await cluster.wait(for: ConditionType.accepted, .false, reason: .hostTaken, of: "web", in: there)
                try await eventually("the second server is not exposed") {
                    try await cluster.find(.ingress, "web", in: there) == nil
                }
                try await cluster.client.delete(MCPServer.resourceType, name: "web", namespace: here)
                try await cluster.wait(for: ConditionType.accepted, .true, of: "web", in: there)
                for tenant in [first, second] { try await cluster.remove(tenant) }
            }
        }
    }

    @Test("the RoleBindings of an earlier version are replaced, and removed members lose their permissions")
    func formerBindings() async throws {
        try await withCluster { cluster in
            try await withOperator(cluster) { _ in
                var tenant = tenant("members", in: cluster, hosts: [])
                try await cluster.apply(tenant)
                try await isReady(tenant, in: cluster)
                let namespace = Self.namespace(of: tenant)
                let uid =
                    try await cluster.client.get(MCPTenant.self, name: tenant.metadata.name ?? "").metadata.uid ?? ""
                let name = tenant.metadata.name ?? ""
                let owner: JSONValue = [
                    "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPTenant", "name": .string(name),
                    "uid": .string(uid),
                    "controller": true, "blockOwnerDeletion": true,
                ]
                let former: JSONValue = [
                    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                    "metadata": [
                        "name": "moorage-edit", "namespace": .string(namespace),
                        "labels": ["app.kubernetes.io/managed-by": "moorage", "moorage.dev/tenant": .string(name)],
                        "ownerReferences": [owner],
                    ],
                    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"],
                    "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ann"]],
                ]
                _ = try await cluster.client.create(.roleBinding, former)
                tenant.spec.members = [TenantMember(name: "ann", role: .editor)]
                try await cluster.apply(tenant)
                try await eventually("the binding of Moorage's role is there, and the former one is not") {
                    let binding = try await cluster.find(.roleBinding, "moorage-editor", in: namespace)
                    let left = try await cluster.find(.roleBinding, "moorage-edit", in: namespace)
                    return binding?[path: ["roleRef", "name"]] == "moorage-editor" && left == nil
                }
                let reader = "moorage-tenant-\(name)"
                try await eventually("members can read their tenant") {
                    let role = try await cluster.find(.clusterRole, reader)
                    let binding = try await cluster.find(.clusterRoleBinding, reader)
                    return role != nil && binding != nil
                }
                tenant.spec.members = []
                try await cluster.apply(tenant)
                try await eventually("no permissions are left") {
                    let role = try await cluster.find(.clusterRole, reader)
                    let reading = try await cluster.find(.clusterRoleBinding, reader)
                    let binding = try await cluster.find(.roleBinding, "moorage-editor", in: namespace)
                    return role == nil && reading == nil && binding == nil
                }
                try await cluster.remove(tenant)
            }
        }
    }
}
