import CRDModels
import KubernetesAPI
import MCPProtocol
import Policy
import Testing

@testable import Gateway

@Suite("The registry at the gateway")
struct RegistryEndpointTests {
    /// Callers by token.
    private struct Tokens: Authenticator {
        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            guard let token = try credentials.bearerToken(maximumBytes: 100) else {
                throw AuthenticationFailure(.missingCredentials, "the request has no credentials")
            }
            return Caller(
                issuer: "https://issuer.example",
                subject: token,
                clientID: token,
                tenants: [String(token.prefix { $0 != "-" })]
            )
        }
    }

    private static func route(_ name: String, tenant: String, allow: [AccessRule]? = nil, isPublished: Bool = true)
        throws -> Route
    {
        var route = Route(
            path: "/\(name)/mcp",
            backend: Backend(id: name, target: .pods([]), namespace: tenant, unavailable: "none of its pods is ready"),
            rules: RouteRules(
                namespace: tenant,
                tenant: tenant,
                access: AccessRules(allow.map { TenantAccess(allow: $0) })
            )
        )
        guard isPublished else { return route }
        route.publication = Publication(
            name: name,
            description: name,
            number: "1.0.0",
            build: "abc",
            recorded: try #require(Timestamp("2026-11-27T06:00:00Z"))
        )
        return route
    }

    private static func table() throws -> RouteTable {
        let onlyAda = [AccessRule(from: [AccessSource(clients: ["globex-ada"])])]
        return RouteTable([
            try route("acme/clock", tenant: "acme"), try route("acme/weather", tenant: "acme"),
            try route("acme/draft", tenant: "acme", isPublished: false),
            try route("globex/payroll", tenant: "globex", allow: onlyAda),
        ])
    }

    private static func names(_ gateway: RunningGateway, _ token: String) async throws -> [String] {
        let answer = try await gateway.send("GET", "/v0.1/servers", ["Authorization": "Bearer \(token)"])
        #expect(answer.status == 200 && answer.headers[all: "Cache-Control"] == ["no-store"])
        return (answer.json?["servers"]?.elements ?? []).compactMap { $0[path: ["server", "name"]]?.stringValue }
    }

    @Test("a caller sees the servers that it may call, and nothing of others")
    func visibility() async throws {
        var shield = GatewayGuard()
        shield.authenticator = Tokens()
        shield.origin = "https://mcp.example.com"
        try await RunningGateway.run(Self.table(), shield: shield) { gateway in
            #expect(try await Self.names(gateway, "acme-eve") == ["acme/clock", "acme/weather"])
            #expect(try await Self.names(gateway, "globex-ada") == ["globex/payroll"])
            #expect(try await Self.names(gateway, "globex-bob") == [])
            #expect(try await gateway.send("GET", "/v0.1/servers").status == 401)
            for (token, path, status) in [
                ("acme-eve", "/v0.1/servers/acme%2Fweather/versions/latest", 200),
                ("acme-eve", "/v0.1/servers/globex%2Fpayroll/versions/latest", 404),
                ("acme-eve", "/v0.1/servers/globex%2Fnone/versions/latest", 404),
                ("globex-bob", "/v0.1/servers/globex%2Fpayroll/versions", 404),
                ("acme-eve", "/v0.1/servers/acme%2Fdraft/versions", 404), ("acme-eve", "/v0.1/servers?limit=x", 400),
            ] {
                let answer = try await gateway.send("GET", path, ["Authorization": "Bearer \(token)"])
                #expect(answer.status == status, "\(token) \(path): \(answer)")
            }
            // What a caller must not know of looks as if it did not exist.
            let hidden = try await gateway.send(
                "GET",
                "/v0.1/servers/globex%2Fpayroll/versions",
                ["Authorization": "Bearer acme-eve"]
            )
            let missing = try await gateway.send(
                "GET",
                "/v0.1/servers/globex%2Fnone/versions",
                ["Authorization": "Bearer acme-eve"]
            )
            #expect(hidden.body == missing.body)
            let post = try await gateway.send("POST", "/v0.1/servers", ["Authorization": "Bearer acme-eve"], [])
            #expect(post.status == 405)
            let entry = try await gateway.send(
                "GET",
                "/v0.1/servers/acme%2Fclock/versions/latest",
                ["Authorization": "Bearer acme-eve"]
            )
            let remote = entry.json?[path: ["server", "remotes"]]?.elements?.first
            #expect(remote?["url"]?.stringValue == "https://mcp.example.com/acme/clock/mcp")
            // No authorization server says where to get a token.
            #expect(remote?["headers"]?.elements?.first?["isSecret"]?.boolValue == true)
        }
    }

    @Test("a page in a browser gets nothing, whatever name it reaches the gateway by")
    func pages() async throws {
        try await RunningGateway.run(Self.table()) { gateway in
            let open = try await gateway.send("GET", "/v0.1/servers")
            #expect(open.status == 200 && !open.body.contains("Authorization"))
            let page = try await gateway.send("GET", "/v0.1/servers", ["Origin": "https://evil.example"])
            #expect(page.status == 403)
            let rebound = try await gateway.send("GET", "/v0.1/servers", ["Host": "evil.example"])
            #expect(rebound.status == 403)
        }
    }
}
