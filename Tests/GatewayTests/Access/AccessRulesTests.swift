import CRDModels
import Gateway
import KubernetesAPI
import MCPProtocol
import Testing

@Suite("Access rules of a tenant") struct AccessRulesTests {
    private let caller = Caller(
        issuer: "https://login.example",
        subject: "alice",
        clientID: "agent",
        scopes: ["a"],
        tenants: ["acme"],
        claims: ["groups": ["dev", "ops"], "realm": ["roles": ["admin"]]]
    )
    private let server = AccessRules.Server(name: "search", labels: ["tier": "gold"])

    private func decide(
        _ access: TenantAccess?,
        _ caller: Caller? = nil,
        tenant: String? = "acme",
        part: AccessedPart = .tool("find_docs"),
        scopes: Set<String> = []
    ) -> AccessDecision {
        AccessRules(access).decide(
            caller: caller ?? self.caller,
            tenant: tenant,
            namespace: "mcp-acme",
            server: server,
            part: part,
            requiredScopes: scopes
        )
    }

    private func allows(_ sources: AccessSource..., to targets: [AccessTarget]? = nil, by caller: Caller? = nil) -> Bool
    {
        decide(TenantAccess(allow: [AccessRule(from: sources, to: targets)]), caller).isAllowed
    }

    @Test("without rules every caller of the tenant may call everything; with an empty list nobody may")
    func defaults() {
        #expect(decide(nil).isAllowed)
        #expect(decide(TenantAccess()).isAllowed)
        #expect(!decide(TenantAccess(allow: [])).isAllowed)
        #expect(!decide(TenantAccess(allow: [AccessRule(from: [])])).isAllowed)
        #expect(!allows(AccessSource(anyCaller: true), to: []))
    }

    @Test("a caller of another tenant is refused, whatever the rules say")
    func otherTenants() {
        let open = TenantAccess(allow: [AccessRule(from: [AccessSource(anyCaller: true)])])
        for access in [nil, open] {
            #expect(!decide(access, tenant: "globex").isAllowed)
            #expect(!decide(access, tenant: "ACME").isAllowed)
            #expect(!decide(access, tenant: "*").isAllowed)
            #expect(!decide(access, tenant: nil).isAllowed)
        }
        var everywhere = caller
        everywhere.tenants = [Caller.everyTenant]
        #expect(decide(nil, everywhere, tenant: "globex").isAllowed)
        #expect(decide(nil, everywhere, tenant: nil).isAllowed)
    }

    @Test("in a namespace without a tenant, its own ServiceAccounts may call, and no others")
    func unclaimed() {
        var account = Caller(issuer: "cluster", subject: "x")
        account.serviceAccount = ServiceAccountName(namespace: "mcp-acme", name: "x")
        #expect(decide(nil, account, tenant: nil).isAllowed)
        #expect(!decide(nil, account, tenant: "acme").isAllowed)
        account.serviceAccount = ServiceAccountName(namespace: "other", name: "x")
        #expect(!decide(nil, account, tenant: nil).isAllowed)
    }

    @Test("sources match by issuer, claims, client and ServiceAccount; all fields of one have to")
    func sources() {
        func claim(_ claim: String, _ values: String...) -> ClaimRequirement {
            ClaimRequirement(claim: claim, values: values)
        }
        #expect(allows(AccessSource(anyCaller: true)))
        #expect(allows(AccessSource(issuer: "https://login.example")))
        #expect(!allows(AccessSource(issuer: "https://login.example/")))
        #expect(allows(AccessSource(claims: [claim("groups", "x", "ops")])))
        #expect(allows(AccessSource(claims: [claim("groups", "dev"), claim("/realm/roles", "admin")])))
        #expect(!allows(AccessSource(claims: [claim("groups", "dev"), claim("/realm/roles", "root")])))
        #expect(!allows(AccessSource(claims: [claim("group", "dev")])))
        #expect(!allows(AccessSource(claims: [claim("groups", "de*")])))
        #expect(allows(AccessSource(clients: ["other", "agent"])))
        #expect(!allows(AccessSource(clients: ["Agent"])))
        #expect(!allows(AccessSource(claims: [claim("groups", "dev")], clients: ["other"])))
        #expect(allows(AccessSource(clients: ["other"]), AccessSource(clients: ["agent"])))
        #expect(!allows(AccessSource(serviceAccounts: ["*"])))
        var account = caller
        account.serviceAccount = ServiceAccountName(namespace: "mcp-acme", name: "batch-7")
        #expect(allows(AccessSource(serviceAccounts: ["batch-*"]), by: account))
        #expect(!allows(AccessSource(serviceAccounts: ["batch"]), by: account))
        account.serviceAccount = ServiceAccountName(namespace: "mcp-globex", name: "batch-7")
        #expect(!allows(AccessSource(serviceAccounts: ["batch-*"]), by: account))
    }

    @Test("a source that the schema would refuse matches nobody")
    func invalidSources() {
        #expect(!allows(AccessSource()))
        #expect(!allows(AccessSource(anyCaller: false)))
        #expect(!allows(AccessSource(anyCaller: true, clients: ["agent"])))
        #expect(!allows(AccessSource(claims: [ClaimRequirement(claim: "/", values: ["x"])])))
        #expect(allows(AccessSource(anyCaller: false, clients: ["agent"])))
    }

    @Test("targets match servers by name and label, and tools by name")
    func targets() {
        func allows(_ target: AccessTarget, _ part: AccessedPart = .tool("find_docs")) -> Bool {
            let rule = AccessRule(from: [AccessSource(anyCaller: true)], to: [target])
            return decide(TenantAccess(allow: [rule]), part: part).isAllowed
        }
        #expect(allows(AccessTarget()))
        #expect(allows(AccessTarget(servers: ["se*"])))
        #expect(!allows(AccessTarget(servers: ["sea"])))
        #expect(allows(AccessTarget(serverSelector: LabelSelector(matchLabels: ["tier": "gold"]))))
        #expect(!allows(AccessTarget(servers: ["search"], serverSelector: LabelSelector(matchLabels: ["tier": "x"]))))
        #expect(allows(AccessTarget(tools: ["find_*"])))
        #expect(!allows(AccessTarget(tools: ["Find_*"])))
        #expect(!allows(AccessTarget(tools: ["find_docs\u{301}"])))
        #expect(!allows(AccessTarget(tools: [])))
        let onlyTools = AccessTarget(tools: ["find_*"])
        #expect(allows(onlyTools, .server))
        #expect(!allows(onlyTools, .promptsAndResources))
        #expect(!allows(onlyTools, .tool("delete")))
        #expect(allows(AccessTarget(servers: ["search"]), .promptsAndResources))
    }

    @Test("missing scopes are named, all of them, and only where the rules allow the call")
    func scopes() {
        #expect(decide(nil, scopes: ["a"]).isAllowed)
        #expect(
            decide(nil, scopes: ["a", "b", "c"]) == .missingScopes(missing: ["b", "c"], required: ["a", "b", "c"])
        )
        guard case .forbidden = decide(TenantAccess(allow: []), scopes: ["b"]) else {
            Issue.record("more scopes would not help")
            return
        }
    }

    @Test("authentication that is switched off does not switch off rules and scopes")
    func anonymous() {
        #expect(decide(nil, .anonymous).isAllowed)
        #expect(decide(nil, .anonymous, tenant: nil).isAllowed)
        #expect(allows(AccessSource(anyCaller: true), by: .anonymous))
        #expect(!allows(AccessSource(clients: ["agent"]), by: .anonymous))
        #expect(decide(nil, .anonymous, scopes: ["x"]) == .missingScopes(missing: ["x"], required: ["x"]))
    }

    @Test("a scope implies others, also through several steps and in cycles")
    func hierarchy() {
        let hierarchy = ScopeHierarchy(["admin": ["write"], "write": ["read", "list"], "x": ["y"], "y": ["x"]])
        #expect(hierarchy.expand(["admin"]) == ["admin", "write", "read", "list"])
        #expect(hierarchy.expand(["read"]) == ["read"])
        #expect(hierarchy.expand(["x"]) == ["x", "y"])
        #expect(hierarchy.expand([]) == [])
        #expect(ScopeHierarchy().expand(["a"]) == ["a"])
    }
}
