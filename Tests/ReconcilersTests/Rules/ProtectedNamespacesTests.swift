import CRDModels
import KubernetesAPI
import Testing

@testable import Reconcilers

@Suite("Protected namespaces")
struct ProtectedNamespacesTests {
    static let names = ["kube-system", "kube-public", "kube-node-lease", "platform"]

    private func tenant(_ namespace: String) -> MCPTenant {
        Sample.tenant { $0.namespace = TenantNamespace(name: namespace, adopt: true) }
    }

    @Test("hold no server", arguments: names)
    func server(namespace: String) {
        var input = Sample.input(Sample.server(namespace: namespace), tenants: [])
        input.controllerNamespace = "platform"
        #expect(decide(input).refusal?.reason == .namespaceProtected)
        input.tenants = [tenant(namespace)]
        #expect(decide(input).refusal?.reason == .namespaceProtected, "whoever claims it")
        input.platform = PlatformConfiguration(namespaces: PlatformNamespaces(allowProtected: [namespace]))
        #expect(decide(input).refusal == nil)
    }

    @Test("are claimed by no tenant", arguments: names)
    func claim(namespace: String) {
        var input = TenantInput(tenant: tenant(namespace), controllerNamespace: "platform")
        let refusal = decide(input).refusal
        #expect(refusal?.reason == .namespaceProtected)
        #expect(refusal?.field == "spec.namespace.name")
        input.platform = PlatformConfiguration(namespaces: PlatformNamespaces(allowProtected: [namespace]))
        #expect(decide(input).refusal == nil)
    }

    @Test("are no others: the default name of the controller's namespace counts only where the controller is there")
    func others() {
        var input = TenantInput(tenant: tenant("moorage-system"), controllerNamespace: "platform")
        #expect(decide(input).refusal == nil)
        input.controllerNamespace = "moorage-system"
        #expect(decide(input).refusal?.reason == .namespaceProtected)
    }
}

@Suite("Waiting for the tenant")
struct TenantReadinessTests {
    private func tenant(_ status: Condition.Status?, namespace: String? = "mcp-acme") -> MCPTenant {
        var tenant = Sample.tenant()
        guard let status else { return tenant }
        tenant.status = MCPTenantStatus(
            conditions: [
                Condition(
                    type: ConditionType.programmed,
                    status: status,
                    reason: "Any",
                    message: "",
                    lastTransitionTime: Timestamp(secondsSinceEpoch: 0)
                )
            ],
            namespace: namespace
        )
        return tenant
    }

    @Test("a namespace is as it should be once its tenant says so, or where it has none")
    func isProgrammed() {
        #expect(TenantReadiness.isProgrammed(nil, namespace: "mcp-acme"))
        #expect(TenantReadiness.isProgrammed(tenant(.true), namespace: "mcp-acme"))
        #expect(!TenantReadiness.isProgrammed(tenant(.false), namespace: "mcp-acme"))
        #expect(!TenantReadiness.isProgrammed(tenant(nil), namespace: "mcp-acme"))
        #expect(!TenantReadiness.isProgrammed(tenant(.true, namespace: "other"), namespace: "mcp-acme"))
    }

    @Test("a new server waits for its tenant, and one that was rendered before does not")
    func waits() throws {
        var input = Sample.input { $0.isTenantProgrammed = false }
        let refusal = try #require(decide(input).refusal)
        #expect(refusal.reason == .tenantNotProgrammed)
        #expect(refusal.reason.curesItself)
        input.isTenantProgrammed = true
        let plan = try #require(decide(input).plan)
        input.isTenantProgrammed = false
        input.rollout = plan.rollout
        #expect(decide(input).refusal == nil)
    }
}
