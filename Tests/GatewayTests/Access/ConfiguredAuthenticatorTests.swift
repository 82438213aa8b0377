import Crypto
import Gateway
import KubernetesAPI
import MCPProtocol
import MCPTransport
import Policy
import Testing

@Suite("Who a caller is") struct ConfiguredAuthenticatorTests {
    private let mint = TokenMint()

    private var settings: GatewayAuthentication {
        GatewayAuthentication(issuers: [Access.issuerSettings()], impliedScopes: ["search:write": ["search:read"]])
    }

    @Test("a valid token says who the caller is, and which tenant it belongs to")
    func valid() async throws {
        let mint = mint
        try await withAuthenticator(settings, server: KeyServer(jwks: mint.jwks)) { (gate) async throws in
            let caller = try await gate.authenticate(token: mint.token(Access.claims(["scope": "search:write other"])))
            #expect(caller.issuer == Access.issuer)
            #expect(caller.subject == "alice")
            #expect(caller.clientID == "agent")
            #expect(caller.scopes == ["search:write", "search:read", "other"])
            #expect(caller.tenants == ["acme"])
            #expect(caller.claims["tenant"] == "acme")
            #expect(caller.serviceAccount == nil)
        }
    }

    /// Claims that make a token invalid, and what the message says.
    static let invalidClaims: [(RawJSON, String)] = [
        (["exp": .integer(Access.now.secondsSinceEpoch - 61)], "expired"),
        (["exp": .integer(Access.now.secondsSinceEpoch - 60)], "expired"),
        (["exp": .null], "no claim exp"), (["exp": "2030"], "exp is not a time"),
        (["exp": .number(1e18)], "exp is not a time"), (["exp": true], "exp is not a time"),
        (["nbf": .integer(Access.now.secondsSinceEpoch + 61)], "not valid yet"), (["nbf": []], "nbf is not a time"),
        (["iat": .integer(Access.now.secondsSinceEpoch + 61)], "issued in the future"),
        (
            [
                "iat": .integer(Access.now.secondsSinceEpoch + 30), "exp": .integer(Access.now.secondsSinceEpoch + 20),
            ], "expires before"
        ),
        (["iss": "https://evil.example"], "issuer"), (["iss": .null], "no claim iss"), (["iss": []], "no claim iss"),
        (["iss": .string(Access.issuer + "/")], "issuer"),
        (["aud": "https://other.example"], "audience"), (["aud": .null], "audience"), (["aud": []], "audience"),
        (["aud": ["https://other.example", "x"]], "audience"), (["aud": 5], "aud is not a string"),
        (["aud": ["https://mcp.example.com", 5]], "aud is not a string"),
        (["aud": .string(Access.audience + "/")], "audience"), (["aud": "HTTPS://mcp.example.com"], "audience"),
        (["sub": .null], "no valid claim sub"), (["sub": ""], "no valid claim sub"), (["sub": 7], "no valid claim sub"),
        (["sub": "a\nb"], "no valid claim sub"), (["sub": .string(String(repeating: "a", count: 1_025))], "claim sub"),
        (["scope": 7], "scope is not a string"), (["scope": "a \"b"], "invalid scope"),
        (["client_id": 7], "client_id is not a string"),
        (["cnf": ["jkt": "abc"]], "bound to a key in a way"), (["cnf": "x"], "bound to a key in a way"),
        (["cnf": ["x5t#S256": "AAAA"]], "bound to another client certificate"),
        (["cnf": ["x5t#S256": "AAAA", "jkt": "abc"]], "bound to a key in a way"),
    ]

    @Test("a token with a claim that is missing, malformed, foreign or out of time is refused")
    func claims() async throws {
        let mint = mint
        try await withAuthenticator(settings, server: KeyServer(jwks: mint.jwks)) { (gate) async throws in
            for (changes, reason) in Self.invalidClaims {
                let token = try mint.token(Access.claims(changes))
                let error = await #expect(throws: AuthenticationFailure.self, "\(changes)") {
                    try await gate.authenticate(token: token)
                }
                #expect(error?.code == .invalidToken)
                #expect(error?.message.contains(reason) == true, "\(changes): \(error?.message ?? "")")
            }
        }
    }

    @Test(
        "forms of claims that are valid",
        arguments: [
            ["aud": ["other", "https://mcp.example.com"]],
            ["exp": .integer(Access.now.secondsSinceEpoch - 59), "iat": .null],
            ["exp": .number(Double(Access.now.secondsSinceEpoch) + 0.5)],
            ["nbf": .integer(Access.now.secondsSinceEpoch + 60)], ["iat": .integer(Access.now.secondsSinceEpoch + 60)],
            ["iat": .null], ["scope": .null], ["scope": ""], ["client_id": .null],
        ] as [RawJSON]
    )
    func validForms(changes: RawJSON) async throws {
        let mint = mint
        try await withAuthenticator(settings, server: KeyServer(jwks: mint.jwks)) { (gate) async throws in
            #expect(try await gate.authenticate(token: mint.token(Access.claims(changes))).subject == "alice")
        }
    }

    @Test("scopes are read from scope, or from scp as a text or an array; the client from client_id or azp")
    func names() async throws {
        let mint = mint
        try await withAuthenticator(settings, server: KeyServer(jwks: mint.jwks)) { (gate) async throws in
            func caller(_ changes: RawJSON) async throws -> Caller {
                try await gate.authenticate(token: mint.token(Access.claims(changes)))
            }
            #expect(try await caller(["scope": .null, "scp": ["a", "b c"]]).scopes == ["a", "b", "c"])
            #expect(try await caller(["scope": .null, "scp": "a b"]).scopes == ["a", "b"])
            #expect(try await caller(["scope": "a", "scp": "b"]).scopes == ["a"])
            #expect(try await caller(["client_id": .null, "azp": "app"]).clientID == "app")
            #expect(try await caller(["azp": "app"]).clientID == "agent")
        }
    }

    @Test("a token for exactly the resource that is called is accepted, and not for another one")
    func resource() async throws {
        let mint = mint
        try await withAuthenticator(settings, server: KeyServer(jwks: mint.jwks)) { (gate) async throws in
            let token = try mint.token(Access.claims(["aud": "https://gw.example/acme/search/mcp"]))
            #expect(
                try await gate.authenticate(token: token, resource: "https://gw.example/acme/search/mcp").subject
                    == "alice"
            )
            // Also once the token is in the cache.
            for other in ["https://gw.example/acme/other/mcp", "https://gw.example/acme/search/mcp/", nil] {
                await #expect(throws: AuthenticationFailure.self) {
                    try await gate.authenticate(token: token, resource: other)
                }
            }
        }
    }

    @Test("a token is accepted until it expires, also from the cache")
    func expiry() async throws {
        let (mint, calendar) = (mint, Calendar())
        try await withAuthenticator(settings, server: KeyServer(jwks: mint.jwks), calendar: calendar) {
            (gate) async throws in
            let token = try mint.token(Access.claims())
            _ = try await gate.authenticate(token: token)
            calendar.advance(by: 359)
            _ = try await gate.authenticate(token: token)
            calendar.advance(by: 1)
            let error = await #expect(throws: AuthenticationFailure.self) { try await gate.authenticate(token: token) }
            #expect(error?.message == "the token has expired")
        }
    }

    @Test("a key that the issuer withdraws ends its tokens, also those in the cache")
    func withdrawal() async throws {
        let (mint, other) = (mint, TokenMint(id: "other"))
        let server = KeyServer(jwks: mint.jwks)
        try await withAuthenticator(settings, server: server, fasterBy: 10_000) { (gate) async throws in
            let token = try mint.token(Access.claims())
            _ = try await gate.authenticate(token: token)
            server.answer(Access.answers(other.jwks))
            try await eventuallyRefused { try await gate.authenticate(token: token) }
            #expect(try await gate.authenticate(token: other.token(Access.claims())).subject == "alice")
        }
    }

    private func eventuallyRefused(_ body: () async throws -> Caller) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            do { _ = try await body() } catch is AuthenticationFailure { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the token is still accepted")
    }

    @Test("poisoned keys and an issuer that cannot be reached leave the keys that are known in use")
    func outage() async throws {
        let mint = mint
        let server = KeyServer(jwks: mint.jwks)
        try await withAuthenticator(settings, server: server, fasterBy: 10_000) { (gate) async throws in
            for answer in ["<html>", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA","kid":"key-1"}]}"#, nil] {
                server.answer(answer.map { Access.answers(Array($0.utf8)) } ?? [:])
                try await waitForRequest(server)
                #expect(try await gate.authenticate(token: mint.token(Access.claims())).subject == "alice")
                #expect(gate.issuerStatuses.first?.keys == 1)
            }
            #expect(gate.issuerStatuses.first?.failure?.contains("cannot connect") == true)
        }
    }

    /// Waits until keys were requested twice, so that the first of these requests has been evaluated.
    private func waitForRequest(_ server: KeyServer) async throws {
        let count = server.requests.count + 4
        let deadline = ContinuousClock.now + .seconds(60)
        while server.requests.count < count, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test("an issuer whose keys were never read makes its tokens uncheckable, not invalid")
    func unreachable() async throws {
        let mint = mint
        try await withAuthenticator(settings) { (gate) async throws in
            let error = await #expect(throws: AuthenticationFailure.self) {
                try await gate.authenticate(token: mint.token(Access.claims()))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.httpStatus == 503)
        }
    }

    @Test("each issuer's tokens are verified with its own keys, and mapped by its own rules")
    func issuers() async throws {
        let (first, second) = (mint, TokenMint())
        let other = "https://other.example"
        var answers = Access.answers(first.jwks)
        answers["https://other.example/jwks"] = HTTPExchangeResponse(status: 200, body: HTTPExchangeBody(second.jwks))
        let issuers = [
            Access.issuerSettings(),
            TokenIssuer(
                issuer: other,
                audiences: ["b"],
                jwksURL: "https://other.example/jwks",
                tenants: TenantMapping(names: ["globex"])
            ),
        ]
        try await withAuthenticator(GatewayAuthentication(issuers: issuers), server: KeyServer(answers)) {
            (gate) async throws in
            let claims = Access.claims(["iss": .string(other), "aud": "b", "tenant": "acme"])
            #expect(try await gate.authenticate(token: second.token(claims)).tenants == ["globex"])
            // The ids of the keys are the same, and the keys are not.
            await #expect(throws: AuthenticationFailure.self) {
                try await gate.authenticate(token: first.token(claims))
            }
            await #expect(throws: AuthenticationFailure.self) {
                try await gate.authenticate(token: second.token(Access.claims()))
            }
            // An audience of one issuer is not one of the other.
            await #expect(throws: AuthenticationFailure.self) {
                try await gate.authenticate(token: first.token(Access.claims(["aud": "b"])))
            }
        }
    }

    @Test("static tokens are known by their hash, and expire")
    func staticTokens() async throws {
        @Sendable func hash(_ token: String) -> String {
            SHA256.hash(data: Array(token.utf8)).map { byte in
                let text = String(byte, radix: 16, uppercase: true)
                return text.count == 1 ? "0" + text : text
            }.joined()
        }
        let settings = GatewayAuthentication(
            staticTokens: [
                StaticToken(name: "ci", sha256: hash("secret-1"), tenants: ["acme"], scopes: ["search:read"]),
                StaticToken(name: "old", sha256: hash("secret-2"), tenants: ["*"], expires: Access.now),
                StaticToken(
                    name: "new",
                    sha256: hash("secret-3").lowercased(),
                    tenants: ["*"],
                    expires: Timestamp(secondsSinceEpoch: Access.now.secondsSinceEpoch + 1)
                ),
            ]
        )
        try await withAuthenticator(settings) { (gate) async throws in
            let caller = try await gate.authenticate(token: "secret-1")
            #expect(caller.id == "static-token\nci")
            #expect(caller.tenants == ["acme"] && caller.scopes == ["search:read"])
            #expect(try await gate.authenticate(token: "secret-3").belongs(to: "anything"))
            for token in ["secret-2", "secret-4", "secret-", hash("secret-1")] {
                let error = await #expect(throws: AuthenticationFailure.self) {
                    try await gate.authenticate(token: token)
                }
                #expect(error?.code == .invalidToken)
            }
        }
    }

    @Test("client certificates are accepted by name or hash, and never after a bad token")
    func certificates() async throws {
        let hash = [UInt8](repeating: 0xAB, count: 32)
        let rules = [
            ClientCertificateRule(
                names: ["URI:spiffe://example.com/agents/*"],
                tenants: ["acme"],
                scopes: ["search:read"]
            ),
            ClientCertificateRule(sha256: [String(repeating: "AB", count: 32)], tenants: ["globex"]),
            ClientCertificateRule(names: ["CN:both"], sha256: [String(repeating: "cd", count: 32)], tenants: ["both"]),
        ]
        let settings = GatewayAuthentication(
            clientCertificates: ClientCertificateAuthentication(authoritiesFile: "/ca.pem", rules: rules)
        )
        try await withAuthenticator(settings) { (gate) async throws in
            func caller(_ names: Set<String>, _ sha256: [UInt8], _ values: [String] = []) async throws -> Caller {
                let certificate = ClientCertificate(names: names, sha256: sha256)
                return try await gate.authenticate(Credentials(authorization: values, certificate: certificate))
            }
            let named = try await caller(["CN:x", "URI:spiffe://example.com/agents/7"], [1])
            #expect(named.id == "certificate\nURI:spiffe://example.com/agents/7")
            #expect(named.tenants == ["acme"] && named.scopes == ["search:read"])
            #expect(try await caller(["CN:x"], hash).tenants == ["globex"])
            // A name of another kind, another case, and one half of a rule.
            let unknown: [Set<String>] = [
                ["CN:spiffe://example.com/agents/7"], ["DNS:URI:spiffe://example.com/agents/7"],
                ["URI:spiffe://EXAMPLE.com/agents/7"], ["CN:both"], [],
            ]
            for names in unknown {
                await #expect(throws: AuthenticationFailure.self) { try await caller(names, [2]) }
            }
            await #expect(throws: AuthenticationFailure.self) { try await caller(["CN:x"], hash, ["Bearer bad"]) }
            await #expect(throws: AuthenticationFailure.self) { try await gate.authenticate(Credentials()) }
        }
    }

    @Test("a token that is bound to a certificate is valid with this certificate only")
    func boundTokens() async throws {
        let mint = mint
        let hash = [UInt8](repeating: 7, count: 32)
        try await withAuthenticator(settings, server: KeyServer(jwks: mint.jwks)) { (gate) async throws in
            let thumbprint = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
            let token = try mint.token(Access.claims(["cnf": .object([("x5t#S256", .string(thumbprint))])]))
            func caller(_ sha256: [UInt8]?) async throws -> Caller {
                let certificate = sha256.map { ClientCertificate(names: [], sha256: $0) }
                return try await gate.authenticate(
                    Credentials(authorization: ["Bearer \(token)"], certificate: certificate)
                )
            }
            #expect(try await caller(hash).subject == "alice")
            for other in [nil, [UInt8](repeating: 8, count: 32), []] {
                await #expect(throws: AuthenticationFailure.self) { try await caller(other) }
            }
        }
    }

    @Test("without settings every call is refused, with a message that says what to set")
    func notConfigured() async throws {
        for settings in [nil, GatewayAuthentication(), GatewayAuthentication(mode: .required)] {
            try await withAuthenticator(settings) { (gate) async throws in
                for credentials in [Credentials(), Credentials(authorization: ["Bearer x"])] {
                    let error = await #expect(throws: AuthenticationFailure.self) {
                        try await gate.authenticate(credentials)
                    }
                    #expect(error?.code == .notConfigured)
                    #expect(error?.message.contains("gateway.authentication.issuers") == true)
                }
                #expect(gate.warnings.count == 1)
            }
        }
    }

    @Test("authentication that is switched off lets everybody in, and warns")
    func switchedOff() async throws {
        try await withAuthenticator(GatewayAuthentication(mode: AuthenticationMode.none)) { (gate) async throws in
            #expect(try await gate.authenticate(Credentials()) == .anonymous)
            #expect(try await gate.authenticate(token: "anything") == .anonymous)
            #expect(gate.isSwitchedOff)
            #expect(gate.warnings.first?.contains("switched off") == true)
        }
        #expect(Caller.anonymous.scopes.isEmpty)
    }
}
