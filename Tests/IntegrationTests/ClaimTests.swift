import CRDModels
import KubernetesAPI
import KubernetesClient
import Reconcilers
import TestSupport
import Testing

/// What follows for others when a namespace gets another holder. What a claim can never change is in `TrustBoundaryTests`.
@Suite("Claims")
struct ClaimTests {
    private func policy(_ name: String, in namespace: String, _ cluster: TestCluster) async throws -> JSONValue? {
        try await cluster.find(.networkPolicy, name, in: namespace)
    }

    @Test("a policy follows at once when another tenant takes the namespace that it opens")
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
