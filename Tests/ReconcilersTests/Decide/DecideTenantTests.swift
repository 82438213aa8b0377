import CRDModels
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Decide about tenants")
struct DecideTenantTests {
    @Test("settings without effect are reported in the tenant's Accepted condition")
    func withoutEffect() throws {
        let tenant = Sample.tenant { $0.quotas = TenantQuotas(mode: .unbounded) }
        let plan = try #require(decide(TenantInput(tenant: tenant)).plan)
        #expect(plan.warnings.contains { $0.contains("spec.quotas.mode: Unbounded is less strict") })
        #expect(plan.ledger.limit == 10)
    }

    @Test("if two tenants claim one namespace, the oldest gets it, then the first by name")
    func claims() {
        let tenants = [Sample.tenant("b", created: 5), Sample.tenant("c", created: 1), Sample.tenant("a", created: 1)]
            .map { tenant in
                var tenant = tenant
                tenant.spec.namespace = TenantNamespace(name: "shared")
                return tenant
            }
        #expect(NamespaceClaims(tenants: tenants)["shared"]?.name == "a")
        #expect(
            decide(TenantInput(tenant: tenants[0], claims: NamespaceClaims(tenants: tenants))).refusal?.reason
                == .namespaceClaimed
        )
        #expect(decide(TenantInput(tenant: tenants[2], claims: NamespaceClaims(tenants: tenants))).plan != nil)
    }
}
