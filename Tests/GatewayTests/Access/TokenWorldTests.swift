import CRDModels
import Foundation
import KubernetesAPI
import MCPProtocol
import MCPTransport
import Policy
import TestSupport
import Testing

@testable import Gateway

/// `TestSupport` has another one.
private typealias AccessRules = Gateway.AccessRules

/// From the bytes of a token to the decision, in random worlds of issuers, tokens and rules. What is expected is decided from the plan of
/// each token, without reading it.
@Suite("Tokens in random worlds") struct TokenWorldTests {
    private static let tenants = ["acme", "globex"]
    private static let urls = ["https://one.example", "https://two.example"]
    private static let mints = [TokenMint(id: "k"), TokenMint(id: "k")]

    /// How tenants come from tokens of an issuer.
    private enum Mapping: CaseIterable {
        case claim, groups, fixed, everything

        var setting: TenantMapping {
            switch self {
            case .claim: TenantMapping(claim: "tenant")
            case .groups:
                TenantMapping(
                    rules: TokenWorldTests.tenants.map {
                        TenantRule(claim: "groups", values: ["\($0)-members"], tenants: [$0])
                    }
                )
            case .fixed: TenantMapping(names: ["acme"])
            case .everything: TenantMapping(names: ["*"])
            }
        }

        /// Whether a token that says this belongs to a tenant.
        func isMember(of tenant: String, claimed: String, groups: [String]) -> Bool {
            switch self {
            case .claim: claimed == tenant
            case .groups: groups.contains("\(tenant)-members")
            case .fixed: tenant == "acme"
            case .everything: true
            }
        }
    }

    /// What is wrong with a token.
    private enum Defect: CaseIterable {
        case none, expired, future, audience, foreignKey, foreignIssuer, unsigned, changed, unknownKey
    }

    private func some<Element>(_ all: [Element], _ random: inout SeededGenerator) -> Element {
        all[Int.random(in: 0..<all.count, using: &random)]
    }

    @Test("only what a token, its issuer and the rules of the tenant allow succeeds, in 1,000 worlds")
    func worlds() async throws {
        let base = ProcessInfo.processInfo.environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0x7043_0000
        let count = ProcessInfo.processInfo.environment["MOORAGE_FUZZ_CASES"].flatMap { UInt64($0) } ?? 1_000
        var answers = [true: 0, false: 0]
        for seed in base..<base + count {
            let (expected, actual) = try await world(seed)
            #expect(expected == actual, "seed \(seed)")
            for answer in expected { answers[answer, default: 0] += 1 }
        }
        #expect((answers[true] ?? 0) > count / 2 && (answers[false] ?? 0) > count / 2)
    }

    private func world(_ seed: UInt64) async throws -> (expected: [Bool], actual: [Bool]) {
        var random = SeededGenerator(seed: seed)
        let mappings = Self.urls.map { _ in some(Mapping.allCases, &random) }
        var answers: [String: HTTPExchangeResponse] = [:]
        var issuers: [TokenIssuer] = []
        for (index, url) in Self.urls.enumerated() {
            answers["\(url)/keys"] = HTTPExchangeResponse(status: 200, body: HTTPExchangeBody(Self.mints[index].jwks))
            issuers.append(
                TokenIssuer(
                    issuer: url,
                    audiences: ["gateway-\(index)"],
                    jwksURL: "\(url)/keys",
                    tenants: mappings[index].setting
                )
            )
        }
        // Each tenant lets one client use tools that start with its own name, or everybody everything.
        let isOpen = Self.tenants.map { _ in Bool.random(using: &random) }
        let rules = Self.tenants.enumerated().map { index, tenant in
            AccessRules(
                isOpen[index]
                    ? nil
                    : TenantAccess(allow: [
                        AccessRule(
                            from: [AccessSource(clients: ["client-\(tenant)"])],
                            to: [AccessTarget(tools: ["\(tenant)_*"])]
                        )
                    ])
            )
        }
        var plans: [(token: String, tenant: Int, tool: String, scopes: Set<String>)] = []
        var expected: [Bool] = []
        for _ in 0..<4 {
            let (issuer, tenant, defect) = (
                Int.random(in: 0..<2, using: &random), Int.random(in: 0..<2, using: &random),
                Bool.random(using: &random) ? Defect.none : some(Defect.allCases, &random)
            )
            let claimed = some(Self.tenants + ["*", "other"], &random)
            let groups = Self.tenants.map { "\($0)-members" }.filter { _ in Bool.random(using: &random) }
            let client = "client-\(some(Self.tenants, &random))"
            let scope = some(["", "read", "read write"], &random)
            let tool = "\(some(Self.tenants, &random))_find"
            let needed: Set<String> = some([[], ["read"], ["write"]], &random)
            let claims = Access.claims([
                "iss": .string(Self.urls[issuer]), "aud": .string("gateway-\(issuer)"), "tenant": .string(claimed),
                "groups": .array(groups.map { .string($0) }), "client_id": .string(client), "scope": .string(scope),
                "sub": .string("s\(Int.random(in: 0..<1_000, using: &random))"),
            ])
            plans.append((try token(claims, issuer, defect), tenant, tool, needed))
            let name = Self.tenants[tenant]
            let isMember = mappings[issuer].isMember(of: name, claimed: claimed, groups: groups)
            let isAllowed = isOpen[tenant] || (client == "client-\(name)" && tool == "\(name)_find")
            let hasScopes = needed.isEmpty || (needed == ["read"] && scope != "") || scope == "read write"
            expected.append(defect == .none && isMember && isAllowed && hasScopes)
        }
        let settings = GatewayAuthentication(issuers: issuers)
        let server = KeyServer(answers)
        let results = Results()
        try await withAuthenticator(settings, server: server) { [plans] gate in
            for plan in plans {
                let caller = try? await gate.authenticate(token: plan.token)
                let decision = caller.map {
                    rules[plan.tenant].decide(
                        caller: $0,
                        tenant: Self.tenants[plan.tenant],
                        namespace: "mcp-\(Self.tenants[plan.tenant])",
                        server: AccessRules.Server(name: "search"),
                        part: .tool(plan.tool),
                        requiredScopes: plan.scopes
                    )
                }
                await results.append(decision?.isAllowed == true)
            }
        }
        return (expected, await results.all)
    }

    private actor Results {
        private(set) var all: [Bool] = []
        func append(_ result: Bool) { all.append(result) }
    }

    private func token(_ claims: RawJSON, _ issuer: Int, _ defect: Defect) throws -> String {
        let mint = Self.mints[issuer]
        let now = Access.now.secondsSinceEpoch
        switch defect {
        case .none: return try mint.token(claims)
        case .expired: return try mint.token(claims.setting("iat", to: nil).setting("exp", to: .integer(now - 60)))
        case .future: return try mint.token(claims.setting("nbf", to: .integer(now + 61)))
        case .audience: return try mint.token(claims.setting("aud", to: .string("gateway-\(1 - issuer)")))
        case .foreignKey: return try Self.mints[1 - issuer].token(claims)
        case .foreignIssuer: return try mint.token(claims.setting("iss", to: "https://three.example"))
        case .unsigned: return try mint.token(claims, header: ["alg": "none", "kid": "k"])
        case .changed:
            let parts = try mint.token(claims).split(separator: ".")
            let other = Base64URL.encode(claims.setting("jti", to: "x").bytes)
            return "\(parts[0]).\(other).\(parts[2])"
        case .unknownKey: return try mint.token(claims, header: ["alg": "ES256", "kid": "K"])
        }
    }
}
