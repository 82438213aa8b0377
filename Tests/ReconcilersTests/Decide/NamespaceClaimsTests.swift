import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("The holder of a namespace")
struct NamespaceClaimsTests {
    private func tenant(_ name: String, created: Int64 = 100, adopt: Bool? = nil, acceptedFor uid: String? = nil)
        -> MCPTenant
    {
        var tenant = Sample.tenant(name, created: created) {
            $0.namespace = TenantNamespace(name: "shared", adopt: adopt)
        }
        tenant.status = MCPTenantStatus(namespaceUID: uid)
        return tenant
    }

    private func holder(_ tenants: [MCPTenant], label: String? = nil, exists: Bool = true) -> String? {
        let facts = NamespaceFacts(name: "shared", uid: "uid-1", tenantLabel: label)
        return NamespaceClaims(tenants: tenants, namespaces: exists ? [facts] : [])["shared"]?.name
    }

    @Test("a namespace that does not exist yet goes to the oldest claim, then to the first by name")
    func new() {
        #expect(holder([tenant("b", created: 1), tenant("a", created: 2)], exists: false) == "b")
        #expect(holder([tenant("b"), tenant("a")], exists: false) == "a")
    }

    @Test("an existing namespace that was not created for a tenant can only be held with adopt")
    func foreign() {
        #expect(holder([tenant("a")]) == nil)
        #expect(holder([tenant("a", created: 1), tenant("b", created: 2, adopt: true)]) == "b")
    }

    @Test("an accepted claim is kept, whatever happens to refused claims and to the label")
    func sticky() {
        let accepted = tenant("b", created: 2, acceptedFor: "uid-1")
        #expect(holder([accepted, tenant("a", created: 1, adopt: true)], label: "b") == "b")
        #expect(holder([accepted, tenant("a", created: 1, adopt: true)], label: "a") == "b")
        #expect(holder([accepted, tenant("a", created: 1, adopt: true)]) == "b")
        // Until the status is written, the label decides.
        #expect(holder([tenant("b", created: 2), tenant("a", created: 1, adopt: true)], label: "b") == "b")
    }

    @Test("a namespace that someone else created again must be adopted again")
    func madeAgain() {
        #expect(holder([tenant("a", acceptedFor: "uid-0")]) == nil)
        #expect(holder([tenant("a", adopt: true, acceptedFor: "uid-0")]) == "a")
    }

    @Test("a retained namespace has no tenant until it is claimed again, adopted or released")
    func retained() throws {
        let facts = NamespaceFacts(name: "shared", uid: "uid-1", tenantLabel: "gone")
        let claims = NamespaceClaims(tenants: [tenant("a")], namespaces: [facts])
        #expect(claims["shared"] == .retained(tenant: "gone"))
        let refusal = try #require(
            decide(Sample.input(Sample.server(namespace: "shared"), tenants: []) { $0.claims = claims }).refusal
        )
        #expect(refusal.reason == .namespaceRetained)
        #expect(holder([tenant("gone")], label: "gone") == "gone")
        #expect(holder([tenant("a", adopt: true)], label: "gone") == "a")
        #expect(holder([tenant("a")], label: nil) == nil)
    }

    @Test("tenants whose long names start with the same characters do not share a label")
    func longNames() {
        let prefix = String(repeating: "a", count: 70)
        let labels = [prefix + "x", prefix + "y"].map { ObjectLabels.tenantValue($0) }
        #expect(labels[0] != labels[1])
        #expect(labels.allSatisfy { $0.utf8.count <= 63 })
        #expect(ObjectLabels.tenantValue("acme") == "acme")
    }

    @Test("a server cannot reach a namespace of another tenant, even if retained; a refused claim has no effect")
    func others() throws {
        func egress(_ facts: NamespaceFacts, _ others: [MCPTenant]) throws -> Bool {
            let own = Sample.tenant { $0.network = TenantNetwork(allow: [NetworkPeer(namespace: "shared")]) }
            let plan = try #require(
                decide(
                    Sample.input { $0.claims = NamespaceClaims(tenants: [own] + others, namespaces: [facts]) }
                ).plan
            )
            return plan.networkPolicy?.egress?.contains { rule in
                rule.to?.contains { $0.namespaceSelector?.matchLabels?[MoorageLabels.namespaceName] == "shared" }
                    == true
            } == true
        }
        let foreign = NamespaceFacts(name: "shared", uid: "uid-1")
        #expect(try egress(foreign, []))
        #expect(try egress(foreign, [tenant("other")]), "its claim is refused")
        #expect(try !egress(foreign, [tenant("other", adopt: true)]))
        #expect(try !egress(NamespaceFacts(name: "shared", uid: "uid-1", tenantLabel: "gone"), []))
    }
}
