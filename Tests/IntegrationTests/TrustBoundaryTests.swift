import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

/// What one tenant can change for another, and what remains of a deleted tenant: every rule of a namespace is compared
/// with its previous state, on a platform that lets tenants turn everything off.
@Suite("Trust boundaries")
struct TrustBoundaryTests {
    private func tenant(_ name: String, in cluster: TestCluster, _ spec: MCPTenantSpec) -> MCPTenant {
        MCPTenant(metadata: ObjectMeta(name: cluster.name(name)), spec: spec)
    }

    private func wait(
        for type: String,
        _ status: Condition.Status,
        reason: Reason? = nil,
        of tenant: MCPTenant,
        in cluster: TestCluster
    ) async throws {
        let name = tenant.metadata.name ?? ""
        try await eventually("tenant \(name) \(type)=\(status.rawValue)") {
            let found = try await cluster.client.get(MCPTenant.self, name: name)
            guard let condition = found.status?.conditions?[type: type] else { return false }
            return condition.status == status && condition.observedGeneration == found.metadata.generation
                && (reason == nil || condition.reason == reason?.rawValue)
        }
    }

    /// The objects that decide what the pods of a namespace can do. An object that is deleted and created again has
    /// another UID.
    private func rules(of namespace: String, in cluster: TestCluster) async throws -> [String: JSONValue] {
        let labels = try await cluster.find(.namespace, namespace)?[path: ["metadata", "labels"]]
        var rules: [String: JSONValue] = ["labels": labels ?? [:]]
        let types: [ResourceType] = [
            .networkPolicy, .resourceQuota, .limitRange, .deployment, .service, .serviceAccount,
        ]
        for type in types {
            for object in try await cluster.client.list(type, namespace: namespace).items {
                let name = object[path: ["metadata", "name"]]?.stringValue ?? ""
                rules["\(type.plural)/\(name)"] = [
                    "uid": object[path: ["metadata", "uid"]] ?? "", "spec": object["spec"] ?? [:],
                ]
            }
        }
        return rules
    }

    /// An operator whose platform lets tenants turn everything off.
    private let permissive: PlatformConfiguration = {
        var platform = PlatformConfiguration()
        platform.tenantsMayLoosen = LoosenableSetting.allCases
        return platform
    }()

    @Test("a refused tenant, and its deletion, change nothing in a namespace that is not its own")
    func refused() async throws {
        try await withCluster { cluster in
            let foreign = try await cluster.makeNamespace("foreign")
            let holder = tenant(
                "holder",
                in: cluster,
                MCPTenantSpec(namespace: TenantNamespace(deletionPolicy: .delete))
            )
            let held = Moorage.defaultNamespace(ofTenant: holder.metadata.name ?? "")
            try await withOperator(cluster, platform: permissive) { _ in
                try await cluster.apply(holder)
                try await wait(for: ConditionType.ready, .true, of: holder, in: cluster)
                for namespace in [foreign, held] {
                    try await cluster.apply(
                        cluster.server("web", in: namespace, spec: MCPServerSpec(suspend: true))
                    )
                    try await cluster.wait(for: ConditionType.programmed, .true, of: "web", in: namespace)
                }
                let before = (
                    try await rules(of: foreign, in: cluster), try await rules(of: held, in: cluster)
                )
                #expect(before.0["networkpolicies/web"] != nil)
                let open = TenantNetwork(enabled: false)
                let losers = [
                    (
                        tenant(
                            "a",
                            in: cluster,
                            MCPTenantSpec(namespace: TenantNamespace(name: foreign), network: open)
                        ),
                        Reason.namespaceNotOwned
                    ),
                    (
                        tenant(
                            "b",
                            in: cluster,
                            MCPTenantSpec(namespace: TenantNamespace(name: held, adopt: true), network: open)
                        ),
                        Reason.namespaceClaimed
                    ),
                ]
                for (loser, reason) in losers {
                    try await cluster.apply(loser)
                    try await wait(for: ConditionType.accepted, .false, reason: reason, of: loser, in: cluster)
                    var changed = loser
                    changed.spec.airgapped = true
                    try await cluster.apply(changed)
                    try await wait(for: ConditionType.accepted, .false, reason: reason, of: loser, in: cluster)
                    try await cluster.remove(loser)
                }
                // Both servers are reconciled again, so that effects of the refused tenants would be written by now.
                for namespace in [foreign, held] {
                    let spec = MCPServerSpec(args: ["--again"], suspend: true)
                    let server = try await cluster.apply(cluster.server("web", in: namespace, spec: spec))
                    try await eventually("the change is programmed") {
                        let found = try await cluster.server(named: "web", in: namespace)
                        let programmed = found?.status?.conditions?[type: ConditionType.programmed]
                        return programmed?.observedGeneration == server.metadata.generation
                    }
                }
                for (namespace, old) in [(foreign, before.0), (held, before.1)] {
                    let now = try await rules(of: namespace, in: cluster)
                    #expect(Set(now.keys) == Set(old.keys))
                    for key in old.keys where key != "deployments/web" { #expect(now[key] == old[key], "\(key)") }
                }
                try await cluster.remove(holder)
            }
            try await cluster.removeNamespace(foreign)
        }
    }

    @Test("a retained namespace stays as strict as it was, even after a restart, until a tenant adopts it")
    func left() async throws {
        try await withCluster { cluster in
            // An air-gapped tenant only uses images from mirrors.
            let registry = String(TestCluster.image.prefix { $0 != "/" })
            let spec = MCPTenantSpec(
                quotas: TenantQuotas(resourceQuota: ResourceQuotaSpec(hard: ["pods": "20"])),
                airgapped: true,
                images: TenantImages(mirrors: [ImageMirror(source: "mirrored.example", mirror: registry)])
            )
            let tenant = tenant("leaving", in: cluster, spec)
            let namespace = Moorage.defaultNamespace(ofTenant: tenant.metadata.name ?? "")
            let before = try await withOperator(cluster, platform: permissive) { _ in
                try await cluster.apply(tenant)
                try await wait(for: ConditionType.ready, .true, of: tenant, in: cluster)
                try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
                try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
                let before = try await rules(of: namespace, in: cluster)
                try await cluster.remove(tenant)
                try await cluster.wait(
                    for: ConditionType.accepted,
                    .false,
                    reason: .namespaceRetained,
                    of: "s",
                    in: namespace
                )
                #expect(try await rules(of: namespace, in: cluster) == before)
                return before
            }
            #expect(before["networkpolicies/moorage-default-deny"] != nil)
            try await withOperator(cluster, platform: permissive) { _ in
                // A change is refused, and a new server does not start.
                try await cluster.apply(
                    cluster.server("s", in: namespace, spec: MCPServerSpec(args: ["--changed"], suspend: true))
                )
                try await cluster.apply(cluster.server("new", in: namespace, spec: MCPServerSpec(suspend: true)))
                for name in ["s", "new"] {
                    try await cluster.wait(
                        for: ConditionType.accepted,
                        .false,
                        reason: .namespaceRetained,
                        of: name,
                        in: namespace
                    )
                }
                #expect(try await rules(of: namespace, in: cluster) == before)
                try await cluster.client.delete(MCPServer.resourceType, name: "new", namespace: namespace)
                try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
                // Another tenant can only have it with adopt.
                let other = self.tenant(
                    "other",
                    in: cluster,
                    MCPTenantSpec(namespace: TenantNamespace(name: namespace))
                )
                try await cluster.apply(other)
                try await wait(
                    for: ConditionType.accepted,
                    .false,
                    reason: .namespaceNotOwned,
                    of: other,
                    in: cluster
                )
                try await cluster.remove(other)
                var again = tenant
                again.spec.namespace = TenantNamespace(deletionPolicy: .delete, adopt: true)
                try await cluster.apply(again)
                try await wait(for: ConditionType.ready, .true, of: again, in: cluster)
                try await cluster.wait(for: ConditionType.accepted, .true, of: "s", in: namespace)
                try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
                #expect(try await rules(of: namespace, in: cluster) == before)
                try await cluster.remove(again)
            }
        }
    }
}
