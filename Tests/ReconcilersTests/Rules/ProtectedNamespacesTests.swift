import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Protected namespaces")
struct ProtectedNamespacesTests {
    static let names = ["kube-system", "kube-public", "kube-node-lease", "platform"]

    private func tenant(_ namespace: String) -> MCPTenant {
        Sample.tenant { $0.namespace = TenantNamespace(name: namespace, adopt: true) }
    }

    @Test("cannot contain servers", arguments: names)
    func server(namespace: String) {
        var input = Sample.input(Sample.server(namespace: namespace), tenants: [])
        input.controllerNamespace = "platform"
        #expect(decide(input).refusal?.reason == .namespaceProtected)
        input.tenants = [tenant(namespace)]
        #expect(decide(input).refusal?.reason == .namespaceProtected, "whoever claims it")
        input.platform = PlatformConfiguration(namespaces: PlatformNamespaces(allowProtected: [namespace]))
        #expect(decide(input).refusal == nil)
    }

    @Test("cannot be claimed by tenants", arguments: names)
    func claim(namespace: String) {
        let refusal = decide(TenantInput(tenant: tenant(namespace), controllerNamespace: "platform")).refusal
        #expect(refusal?.reason == .namespaceProtected)
        #expect(refusal?.field == "spec.namespace.name")
        let platform = PlatformConfiguration(namespaces: PlatformNamespaces(allowProtected: [namespace]))
        let allowed = TenantInput(tenant: tenant(namespace), platform: platform, controllerNamespace: "platform")
        #expect(decide(allowed).refusal == nil)
    }

    @Test("have no holder, so a refused claim on the gateway's namespace does not block the gateway for servers")
    func governsNothing() throws {
        let greedy = tenant("moorage-system")
        var honest = Sample.tenant("honest")
        honest.spec.namespace = TenantNamespace(name: "mcp-honest")
        var input = Sample.input(Sample.server(namespace: "mcp-honest"), tenants: [honest])
        let before = try #require(decide(input).plan)
        #expect(before.networkPolicy?.ingress?.isEmpty == false)
        let protected = ProtectedNamespaces(platform: PlatformConfiguration())
        input.claims = NamespaceClaims(tenants: [honest, greedy], protected: protected)
        #expect(try #require(decide(input).plan).networkPolicy == before.networkPolicy)
    }

    @Test("include those of the check of the network, and say so")
    func networkCheck() {
        let platform = PlatformConfiguration(networkCheck: PlatformNetworkCheck(namespaces: ["check-1", "check-2"]))
        let refusal = decide(TenantInput(tenant: tenant("check-2"), platform: platform)).refusal
        #expect(refusal?.reason == .namespaceProtected)
        #expect(refusal?.message.contains("is a namespace of the controller's check of the network") == true)
        #expect(decide(TenantInput(tenant: tenant("check-2"))).refusal == nil)
    }

    @Test("include the default name of the controller's namespace only if the controller runs there")
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

    @Test("a namespace is ready when its tenant reports it, or if it has no tenant")
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
