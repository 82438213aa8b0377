import Foundation
import Gateway
import HTTPTypes
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Policy
import Subprocess
import TestSupport
import Testing

/// Checkers of others judge the gateway with everything before it that it has.
@Suite("Judges of the gateway", .enabled(if: Judges.canRun, Judges.comment))
struct JudgeTests {
    /// The authorization server of mcp-authlab, with tokens that are signed with a public key, which it publishes.
    private static let authorizationServer = """
        import sys
        from joserfc import jwt
        from joserfc.jwk import ECKey
        from mcp_authlab import fixture, jwtutil

        port, resource = sys.argv[1:]
        key = ECKey.generate_key("P-256", parameters={"kid": "judge", "use": "sig", "alg": "ES256"})
        header = {"alg": "ES256", "typ": "JWT", "kid": "judge"}
        jwtutil.encode = lambda claims, secret, alg="": jwt.encode(header, claims, key)

        class Handler(fixture.Handler):
            def _as_doc(self):
                return {**super()._as_doc(), "jwks_uri": self.st.as_url + "/keys"}

            def do_GET(self):
                if self.path == "/keys":
                    self._json(200, {"keys": [key.as_dict(private=False)]})
                else:
                    super().do_GET()

        fixture.Handler = Handler
        url = "http://127.0.0.1:" + port
        state = fixture.FixtureState(fixture.Profile(), resource, url, auto_consent=True)
        fixture.FixtureServer(("127.0.0.1", int(port)), state).serve_forever()
        """

    private static func withAuthorizationServer(
        resource: String,
        _ body: (_ url: String) async throws -> Void
    ) async throws {
        let port = String(TestPort.random())
        _ = try await Subprocess.run(
            .name("env"),
            arguments: [
                "PYTHONPATH=\(Judges.folder)/mcp", "PYTHONDONTWRITEBYTECODE=1", "python3", "-c",
                authorizationServer, port, resource,
            ],
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            let url = "http://127.0.0.1:\(port)"
            try await eventually("the authorization server answers", within: .seconds(60)) {
                let answer = try? await get(url + "/keys")
                return answer?.contains("judge") ?? false
            }
            try await body(url)
        }
    }

    private static func get(_ url: String) async throws -> String {
        let exchange = try HTTPClientExchange()
        let outcome: Result<String, any Error>
        do {
            let response = try await exchange.send(HTTPExchangeRequest(method: .get, url: url))
            var bytes: [UInt8] = []
            for try await chunk in response.body { bytes += chunk }
            outcome = .success(String(decoding: bytes, as: UTF8.self))
        } catch {
            outcome = .failure(error)
        }
        await exchange.shutdown()
        return try outcome.get()
    }

    /// A gateway with tokens, scopes, limits and an approved contract before a server of both eras.
    private static func withGateway(
        issuer: String,
        port: Int,
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let settings = GatewayAuthentication(
            issuers: [
                TokenIssuer(
                    issuer: issuer,
                    audiences: ["https://unused.example"],
                    tenants: TenantMapping(
                        rules: [TenantRule(claim: "sub", values: ["demo-user"], tenants: ["acme"])]
                    )
                )
            ]
        )
        let authenticator = try ConfiguredAuthenticator(settings, .init(logger: RunningGateway.quiet))
        var shield = GatewayGuard()
        shield.authenticator = authenticator
        shield.authorizationServers = [issuer]
        shield.origin = "http://127.0.0.1:\(port)"
        shield.limiter = LocalLimiter()
        let tools = try DemoService.content().tools.map(\.definition.raw)
        let catalogue = Catalogue(
            try tools.map { definition in
                try .init(definition: definition, requiredScopes: definition["name"] == "add" ? ["math"] : [])
            }
        )
        let rules = RouteRules(
            namespace: "mcp-acme",
            tenant: "acme",
            access: AccessRules(nil),
            mode: .enforced,
            callsPerMinutePerServer: 100_000,
            callsPerMinutePerClient: 100_000
        )
        let guarded = shield
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await authenticator.run() }
            try await RunningGateway.run(
                [.init("mcp-acme/demo", try DemoService.make())],
                port: port,
                shield: guarded
            ) { backends in
                var backend = backends[0]
                backend.catalogue = catalogue
                backend.namespace = "mcp-acme"
                return RouteTable([Route(path: "/mcp-acme/demo/mcp", backend: backend, rules: rules)])
            } body: { gateway in
                try await body(gateway)
            }
            group.cancelAll()
        }
    }

    @Test("mcp-authlab, with its authorization server: grade A, and no check fails")
    func authlab() async throws {
        let port = TestPort.random()
        let resource = "http://127.0.0.1:\(port)/mcp-acme/demo/mcp"
        try await Self.withAuthorizationServer(resource: resource) { issuer in
            let token = try await Self.get("\(issuer)/dev/token?aud=\(resource)&scope=mcp:tools")
            let foreign = try await Self.get("\(issuer)/dev/token?aud=https://other.example/mcp")
            try await Self.withGateway(issuer: issuer, port: port) { gateway in
                let outcome = try await Judges.python(
                    "mcp",
                    [
                        Judges.folder + "/mcp/bin/mcp-authlab", "scan", "--no-login", "--token", token,
                        "--foreign-token", foreign, "--tool", "add", "--format", "json", "--fail-under", "A",
                        resource,
                    ]
                )
                let report = try RawJSON(parsing: outcome.output)
                let results = report["results"]?.elements ?? []
                let failed = results.filter { ["fail", "error"].contains($0["status"]?.stringValue) }
                #expect(failed.isEmpty, "\(failed)")
                #expect(outcome.isSuccess, "\(outcome.output) \(outcome.errors)")
                let passed = results.filter { $0["status"] == "pass" }.compactMap { $0["id"]?.stringValue }
                for check in [
                    "CHAL-01", "CHAL-02", "PRM-01", "PRM-02", "PRM-03", "PRM-04", "TOK-01", "TOK-02", "TOK-03",
                    "TOK-04", "TOK-05", "TOK-06", "SCOPE-01", "SESS-01", "SESS-02", "ORIG-01", "VER-01",
                ] {
                    #expect(passed.contains(check), "\(check): \(report)")
                }
            }
        }
    }

    @Test(
        "mcp-fuzzer through the gateway, with a seed: no crash and no hang, and the gateway still serves",
        arguments: ["/demo/mcp", "/mcp"]
    )
    func fuzzer(path: String) async throws {
        let service = try DemoService.make()
        // These two wait, as they should.
        service.update { content in content.tools.removeAll { ["ask", "wait"].contains($0.definition.name) } }
        let seed = UInt64.random(in: 0...1_000_000)
        try await RunningGateway.run([.init("demo", service)]) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0]), Route(path: "/mcp", joining: backends)])
        } body: { gateway in
            let outcome = try await Judges.fuzz(gateway.url(path), seed: seed)
            #expect(
                outcome.output == "completed, 5 tools, []\n",
                "seed \(seed): \(outcome.output) \(outcome.errors)"
            )
            #expect(try await gateway.modern(path, "tools/list").status == 200)
        }
    }
}
