import KubernetesAPI
import MCPProtocol
import MCPTestSupport
import Policy
import Testing

@testable import Gateway

@Suite("Tokens of another library", .enabled(if: TokenJudge.canRun, "joserfc is not installed: run `make tools`"))
struct ForeignTokenTests {
    private static let algorithms: [(algorithm: String, key: String)] = [
        ("RS256", "rsa"), ("RS384", "rsa"), ("RS512", "rsa"), ("PS256", "rsa"), ("PS384", "rsa"), ("PS512", "rsa"),
        ("ES256", "p256"), ("ES384", "p384"), ("ES512", "p521"), ("EdDSA", "ed25519"),
    ]

    private func order(
        _ key: String,
        _ algorithm: String,
        kid: String? = nil,
        _ changes: RawJSON = [:]
    ) -> TokenJudge.Order {
        TokenJudge.Order(
            key: key,
            header: ["alg": .string(algorithm), "typ": "JWT", "kid": .string(kid ?? key)],
            payload: Access.claims(changes).text
        )
    }

    /// An authenticator with these keys of the judge, by name; each has its name as its id.
    private func withGate(
        _ made: TokenJudge.Made,
        _ names: [String],
        algorithms: [SignatureAlgorithm]? = nil,
        tenants: TenantMapping = TenantMapping(claim: "tenant"),
        _ body: @escaping @Sendable (ConfiguredAuthenticator) async throws -> Void
    ) async throws {
        let keys = try names.map { name in
            try #require(made.keys[name]).setting("kid", to: .string(name)).setting("use", to: "sig")
        }
        let settings = GatewayAuthentication(
            issuers: [Access.issuerSettings(algorithms: algorithms, tenants: tenants)]
        )
        try await withAuthenticator(settings, server: KeyServer(jwks: TokenMint.jwks(keys)), body: body)
    }

    private func refusal(_ token: String, _ gate: ConfiguredAuthenticator) async -> String {
        do {
            return "accepted as \(try await gate.authenticate(token: token).id)"
        } catch {
            return (error as? AuthenticationFailure)?.message ?? "\(error)"
        }
    }

    @Test("every algorithm is verified, and a changed signature, payload or key is not accepted")
    func algorithms() async throws {
        let made = try await TokenJudge.make(Self.algorithms.map { order($0.key, $0.algorithm) })
        #expect(made.tokens.count == Self.algorithms.count)
        try await withGate(made, ["rsa", "p256", "p384", "p521", "ed25519"]) { gate in
            for (index, token) in made.tokens.enumerated() {
                let name = Self.algorithms[index].algorithm
                let caller = try await gate.authenticate(token: token)
                #expect(caller.subject == "alice" && caller.tenants == ["acme"], "\(name)")
                let parts = token.split(separator: ".").map(String.init)
                var signature = Base64URL.decode(parts[2].utf8) ?? []
                for index in [0, signature.count / 2, signature.count - 1] {
                    signature[index] ^= 1
                    let changed = "\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))"
                    #expect(await refusal(changed, gate).contains("signature"), "\(name)")
                    signature[index] ^= 1
                }
                let other = Base64URL.encode(Access.claims(["sub": "bob"]).bytes)
                #expect(await refusal("\(parts[0]).\(other).\(parts[2])", gate).contains("signature"), "\(name)")
            }
        }
    }

    @Test("keys and algorithms that are confused with each other")
    func confusion() async throws {
        let orders = [
            order("public", "HS256", kid: "rsa"), order("other", "RS256", kid: "rsa"), order("rsa", "PS256"),
            order("rsa-small", "RS256"), order("p256", "ES256", kid: "p384"), order("p256", "ES256", kid: "missing"),
            order("rsa", "RS256"),
        ]
        let made = try await TokenJudge.make(orders)
        try await withGate(made, ["rsa", "rsa-small", "p256", "p384"], algorithms: [.rs256, .es256, .es384]) { gate in
            #expect(await refusal(made.tokens[0], gate).contains("HS256"))
            #expect(await refusal(made.tokens[1], gate) == "the signature of the token is not valid")
            #expect(await refusal(made.tokens[2], gate).contains("PS256 is not accepted"))
            // The key of 1024 bits is left out.
            #expect(await refusal(made.tokens[3], gate).contains("does not publish"))
            #expect(await refusal(made.tokens[4], gate).contains("does not publish"))
            #expect(await refusal(made.tokens[5], gate).contains("does not publish"))
            #expect(await refusal(made.tokens[6], gate) == "accepted as \(Access.issuer)\nalice")
        }
    }

    @Test("payloads that other parsers read in two ways")
    func duplicates() async throws {
        let text = Access.claims().text.dropLast()
        let payloads = [#""sub":"bob""#, #""tenant":"globex""#, #""aud":"x""#, #""s\u0075b":"bob""#].map {
            "\(text),\($0)}"
        }
        let orders = payloads.map {
            TokenJudge.Order(key: "p256", header: ["alg": "ES256", "kid": "p256"], payload: $0)
        }
        let made = try await TokenJudge.make(orders)
        try await withGate(made, ["p256"]) { gate in
            for token in made.tokens { #expect(await refusal(token, gate).contains("duplicate")) }
        }
    }

    @Test("claims of Keycloak lead to tenants and scopes")
    func keycloak() async throws {
        let claims: RawJSON = [
            "typ": "Bearer", "azp": "claude", "client_id": .null, "scope": "openid email search:read", "tenant": .null,
            "realm_access": ["roles": ["offline_access", "mcp-globex"]], "groups": ["/acme/agents"],
            "aud": ["account", .string(Access.audience)],
        ]
        let made = try await TokenJudge.make([order("rsa", "RS256", claims)])
        let mapping = TenantMapping(
            rules: [
                TenantRule(claim: "/realm_access/roles", values: ["mcp-globex"], tenants: ["globex"]),
                TenantRule(claim: "groups", values: ["/acme/agents"], tenants: ["acme"]),
                TenantRule(claim: "groups", values: ["/acme"], tenants: ["wrong"]),
            ]
        )
        try await withGate(made, ["rsa"], tenants: mapping) { gate in
            let caller = try await gate.authenticate(token: made.tokens[0])
            #expect(caller.tenants == ["acme", "globex"])
            #expect(caller.clientID == "claude")
            #expect(caller.scopes == ["openid", "email", "search:read"])
        }
    }
}
