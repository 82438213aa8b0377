import MCPProtocol
import Policy
import Testing

@testable import Gateway

@Suite("Which tenants a caller belongs to") struct TenantMapperTests {
    private func tenants(_ mapping: TenantMapping, _ claims: RawJSON) -> Set<String> {
        TenantMapper(mapping).tenants(claims)
    }

    @Test("by a list, by a claim, and by rules; all together")
    func union() {
        let mapping = TenantMapping(
            names: ["base"],
            claim: "https://example.com/tenants",
            rules: [
                TenantRule(claim: "groups", values: ["/acme", "x"], tenants: ["acme"]),
                TenantRule(claim: "/realm_access/roles", values: ["root"], tenants: ["*"]),
                TenantRule(claim: "level", values: ["3", "true"], tenants: ["level"]),
            ]
        )
        #expect(tenants(mapping, [:]) == ["base"])
        #expect(tenants(mapping, ["https://example.com/tenants": "a", "groups": ["/acme"]]) == ["base", "a", "acme"])
        #expect(tenants(mapping, ["https://example.com/tenants": ["a", "b"]]) == ["base", "a", "b"])
        #expect(tenants(mapping, ["realm_access": ["roles": ["root"]]]) == ["base", "*"])
        #expect(tenants(mapping, ["level": 3]) == ["base", "level"])
        #expect(tenants(mapping, ["level": true]) == ["base", "level"])
    }

    @Test(
        "a claim's value is a name of a tenant, and nothing else",
        arguments: [
            "*", "", "A", "a b", "a/b", "a.b", "-a", "a-", "acme\u{0}", "acmé", String(repeating: "a", count: 64),
        ]
    )
    func values(value: String) {
        #expect(tenants(TenantMapping(claim: "tenant"), ["tenant": .string(value)]).isEmpty)
        #expect(tenants(TenantMapping(claim: "tenant"), ["tenant": [.string(value), "ok"]]) == ["ok"])
    }

    @Test("values that only look alike do not match")
    func lookalikes() {
        let mapping = TenantMapping(rules: [TenantRule(claim: "g", values: ["caf\u{E9}"], tenants: ["a"])])
        #expect(tenants(mapping, ["g": "caf\u{E9}"]) == ["a"])
        #expect(tenants(mapping, ["g": "cafe\u{301}"]).isEmpty)
        #expect(tenants(mapping, ["g": "Caf\u{E9}"]).isEmpty)
        #expect(tenants(mapping, ["G": "caf\u{E9}"]).isEmpty)
        #expect(tenants(mapping, ["g": ["x": "caf\u{E9}"]]).isEmpty)
    }

    @Test("paths of claims")
    func paths() {
        let claims: RawJSON = ["a.b": "1", "a": ["b": "2", "c/d": "3", "e~f": "4"], "": "5"]
        func values(_ path: String) -> [String]? { ClaimPath(path)?.values(in: claims) }
        #expect(values("a.b") == ["1"])
        #expect(values("/a/b") == ["2"])
        #expect(values("/a/c~1d") == ["3"])
        #expect(values("/a/e~0f") == ["4"])
        #expect(values("a") == [])
        #expect(values("/a/b/c") == [])
        for invalid in ["", "/", "/a/", "//a", "/a~2", "/a~"] { #expect(ClaimPath(invalid) == nil, "\(invalid)") }
    }
}

@Suite("Verified tokens that are remembered") struct TokenCacheTests {
    @Test("a token is remembered until it expires")
    func expiry() {
        var cache = TokenCache<Int>(limit: 10)
        cache.insert(1, for: [1], until: 100)
        #expect(cache.value(for: [1], now: 99.9) == 1)
        #expect(cache.value(for: [2], now: 0) == nil)
        #expect(cache.value(for: [1], now: 100) == nil)
        #expect(cache.count == 0)
    }

    @Test("the cache stays within its limit, and keeps what is used")
    func limit() {
        var cache = TokenCache<Int>(limit: 100)
        cache.insert(-1, for: [255, 255, 255], until: .infinity)
        for index in 0..<1_000 {
            cache.insert(index, for: [UInt8(index & 0xFF), UInt8(index >> 8)], until: .infinity)
            #expect(cache.count <= 100)
            #expect(cache.value(for: [255, 255, 255], now: 0) == -1)
        }
        cache.remove([255, 255, 255])
        #expect(cache.value(for: [255, 255, 255], now: 0) == nil)
        var none = TokenCache<Int>(limit: 0)
        none.insert(1, for: [1], until: .infinity)
        #expect(none.value(for: [1], now: 0) == nil)
    }
}
