import CRDModels
import KubernetesAPI
import KubernetesClient
import Reconcilers
import TestSupport
import Testing

/// The effects of a claim on the contents of a namespace.
@Suite("Claims", .serialized)
struct ClaimTests {
    private func policy(_ name: String, in namespace: String, _ cluster: TestCluster) async throws -> JSONValue? {
        try await cluster.find(.networkPolicy, name, in: namespace)
    }

    private func wait(
        for reason: Reason,
        ofTenant name: String,
        _ cluster: TestCluster
    ) async throws {
        try await eventually("tenant \(name) is \(reason.rawValue)") {
            let tenant = try await cluster.client.get(MCPTenant.self, name: name)
            return tenant.status?.conditions?[type: ConditionType.accepted]?.reason == reason.rawValue
        }
    }

    @Test("a refused tenant has no effect on the namespace that it names, whatever its spec contains")
    func refused() async throws {
        try await withCluster { cluster in
            // A platform that allows tenants all of this in their own namespaces.
            let platform = PlatformConfiguration(tenantsMayLoosen: [.networkPolicies, .internet])
            try await withOperator(cluster, platform: platform) { _ in
                let namespace = try await cluster.makeNamespace("foreign")
                try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
                try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
                let before = try #require(try await policy("s", in: namespace, cluster))
                let name = cluster.name("intruder")
                for network in [TenantNetwork(enabled: false), TenantNetwork(internet: false)] {
                    let spec = MCPTenantSpec(namespace: TenantNamespace(name: namespace), network: network)
                    try await cluster.apply(MCPTenant(metadata: ObjectMeta(name: name), spec: spec))
                    try await wait(for: .namespaceNotOwned, ofTenant: name, cluster)
                    try await cluster.letOperatorPass()
                    #expect(try await policy("s", in: namespace, cluster)?["spec"] == before["spec"])
                    #expect(try await cluster.find(.networkPolicy, "moorage-default-deny", in: namespace) == nil)
                }
                try await cluster.removeTenant(name)
                try await cluster.removeNamespace(namespace)
            }
        }
    }

    @Test("a retained namespace stays as strict as it was, and its servers are not changed")
    func retained() async throws {
        try await withCluster { cluster in
            try await withOperator(cluster) { _ in
                let name = cluster.name("leaving")
                let namespace = "mcp-\(name)"
                let registry = TestCluster.image.split(separator: "/").first.map(String.init) ?? ""
                let tenant = MCPTenant(
                    metadata: ObjectMeta(name: name),
                    spec: MCPTenantSpec(
                        quotas: TenantQuotas(resourceQuota: ResourceQuotaSpec(hard: ["pods": "20"])),
                        airgapped: true,
                        images: TenantImages(mirrors: [ImageMirror(source: registry, mirror: registry)])
                    )
                )
                try await cluster.apply(tenant)
                try await eventually("the namespace exists") { try await cluster.find(.namespace, namespace) != nil }
                try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
                try await cluster.wait(for: ConditionType.programmed, .true, of: "s", in: namespace)
                let deployment = try #require(try await cluster.find(.deployment, "s", in: namespace))
                let policy = try #require(try await self.policy("s", in: namespace, cluster))

                try await cluster.removeTenant(name)
                try await cluster.wait(
                    for: ConditionType.accepted,
                    .false,
                    reason: .namespaceRetained,
                    of: "s",
                    in: namespace
                )
                try await cluster.apply(cluster.server("late", in: namespace))
                try await cluster.wait(
                    for: ConditionType.accepted,
                    .false,
                    reason: .namespaceRetained,
                    of: "late",
                    in: namespace
                )
                try await cluster.letOperatorPass()
                let after = try #require(try await cluster.find(.deployment, "s", in: namespace))
                #expect(after[path: ["metadata", "generation"]] == deployment[path: ["metadata", "generation"]])
                #expect(try await self.policy("s", in: namespace, cluster)?["spec"] == policy["spec"])
                #expect(try await self.policy("moorage-default-deny", in: namespace, cluster) != nil)
                #expect(try await cluster.find(.resourceQuota, "moorage", in: namespace) != nil)
                #expect(try await cluster.find(.deployment, "late", in: namespace) == nil)
                let labels = try await cluster.find(.namespace, namespace)?[path: ["metadata", "labels"]]
                #expect(labels?["pod-security.kubernetes.io/enforce"] == "restricted")

                try await cluster.apply(tenant)
                try await cluster.wait(for: ConditionType.accepted, .true, of: "s", in: namespace)
                try await cluster.wait(for: ConditionType.accepted, .true, of: "late", in: namespace)
                try await cluster.removeTenant(name)
                try await cluster.removeNamespace(namespace)
            }
        }
    }

    @Test("a policy is updated at once when another tenant claims the namespace that it opens")
    func recomputed() async throws {
        try await withCluster { cluster in
            try await withOperator(cluster) { _ in
                let shared = try await cluster.makeNamespace("shared")
                let (first, second) = (cluster.name("first"), cluster.name("second"))
                let namespace = "mcp-\(first)"
                try await cluster.apply(
                    MCPTenant(
                        metadata: ObjectMeta(name: first),
                        spec: MCPTenantSpec(
                            namespace: TenantNamespace(deletionPolicy: .delete),
                            network: TenantNetwork(allow: [NetworkPeer(namespace: shared)])
                        )
                    )
                )
                try await eventually("the namespace exists") { try await cluster.find(.namespace, namespace) != nil }
                try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(suspend: true)))
                @Sendable func isOpen() async throws -> Bool {
                    let spec = try await policy("s", in: namespace, cluster)?["spec"]
                    return spec.map { String(decoding: $0.serialized(), as: UTF8.self).contains("\"\(shared)\"") }
                        ?? false
                }
                try await eventually("the policy opens the namespace") { try await isOpen() }
                try await cluster.apply(
                    MCPTenant(
                        metadata: ObjectMeta(name: second),
                        spec: MCPTenantSpec(namespace: TenantNamespace(name: shared, adopt: true))
                    )
                )
                try await eventually("the policy closes it", within: .seconds(20)) { try await !isOpen() }
                // A retained namespace still belongs to another tenant; a released one does not.
                try await cluster.removeTenant(second)
                try await cluster.letOperatorPass()
                #expect(try await !isOpen())
                _ = try await cluster.client.patch(
                    .namespace,
                    name: shared,
                    .merge(["metadata": ["labels": [MoorageLabels.tenant: nil]]])
                )
                try await eventually("the policy opens it again", within: .seconds(20)) { try await isOpen() }
                try await cluster.removeTenant(first)
                try await cluster.removeNamespace(shared)
            }
        }
    }
}
