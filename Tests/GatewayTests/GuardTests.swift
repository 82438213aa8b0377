import CRDModels
import ControllerRuntime
import Foundation
import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Observability
import Policy
import Testing

/// What stands before the servers, over real HTTP.
@Suite("The guard of the gateway")
struct GuardTests {
    /// Knows each caller by a token.
    private struct Tokens: Authenticator {
        let callers: [String: Caller]

        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            guard let token = try credentials.bearerToken(maximumBytes: 1_000) else {
                throw AuthenticationFailure(.missingCredentials, "the request has no credentials")
            }
            guard let caller = callers[token] else {
                throw AuthenticationFailure(.invalidToken, "the token is unknown")
            }
            return caller
        }
    }

    private static let issuer = "https://issuer.example"
    private static let callers: [String: Caller] = [
        "ann": Caller(issuer: issuer, subject: "ann", clientID: "app", scopes: ["math"], tenants: ["acme"]),
        "bob": Caller(issuer: issuer, subject: "bob", clientID: "app", tenants: ["acme"]),
        "eve": Caller(issuer: issuer, subject: "eve", clientID: "app", scopes: ["math"], tenants: ["other"]),
    ]

    private static func definition(_ name: String) throws -> RawJSON {
        try #require(DemoService.content().tools.first { $0.definition.name == name }).definition.raw
    }

    /// Publishes `add`, which needs a scope, and `echo`, with another description.
    private static func catalogue() throws -> Catalogue {
        Catalogue(
            [
                try .init(definition: definition("add"), requiredScopes: ["math"]),
                try .init(definition: definition("echo"), title: "Repeat", description: "Curated."),
            ],
            revisionDigest: "sha256:1"
        )
    }

    private static func run(
        access: TenantAccess? = nil,
        perServer: Int? = nil,
        perClient: Int? = nil,
        perTool: [String: Int] = [:],
        mode: LimitRequest.Mode = .enforced,
        shield: GatewayGuard = GatewayGuard(),
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        var shield = shield
        shield.authenticator = Tokens(callers: callers)
        shield.authorizationServers = [issuer]
        shield.origin = "https://mcp.example.com"
        shield.limiter = LocalLimiter()
        let catalogue = try catalogue()
        let rules = RouteRules(
            namespace: "mcp-acme",
            tenant: "acme",
            access: AccessRules(access),
            mode: mode,
            callsPerMinutePerServer: perServer,
            callsPerMinutePerClient: perClient
        )
        let guarded = shield
        try await RunningGateway.run([.init("mcp-acme/demo", try DemoService.make())], shield: guarded) { backends in
            var backend = backends[0]
            backend.catalogue = catalogue
            backend.namespace = "mcp-acme"
            backend.labels = ["tier": "public"]
            for (tool, limit) in perTool { backend.toolCallsPerMinute[Array(tool.utf8)] = limit }
            return RouteTable([
                Route(path: "/mcp-acme/demo/mcp", backend: backend, rules: rules),
                Route(path: "/mcp-acme/mcp", joining: [backend], rules: rules),
            ])
        } body: { gateway in
            try await body(gateway)
        }
    }

    private static let path = "/mcp-acme/demo/mcp"

    private static func call(
        _ gateway: RunningGateway,
        _ token: String?,
        _ tool: String = "echo",
        _ path: String = path
    ) async throws -> RunningGateway.Answer {
        try await gateway.modern(
            path,
            "tools/call",
            ["name": .string(tool), "arguments": ["text": "hi", "a": 1, "b": 2]],
            token: token
        )
    }

    @Test("without a token: 401 with where to get one; with a bad one, what is wrong with it")
    func authentication() async throws {
        try await Self.run { gateway in
            let missing = try await Self.call(gateway, nil)
            #expect(missing.status == 401)
            let challenge = missing.headers[all: "WWW-Authenticate"]
            let metadata = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp-acme/demo/mcp"
            #expect(challenge == ["Bearer resource_metadata=\"\(metadata)\""])
            let bad = try await Self.call(gateway, "nobody")
            #expect(bad.status == 401 && bad.headers[all: "WWW-Authenticate"][0].contains("error=\"invalid_token\""))
            let document = try await gateway.send("GET", "/.well-known/oauth-protected-resource/mcp-acme/demo/mcp")
            let json = try RawJSON(parsing: document.body)
            #expect(json["resource"] == "https://mcp.example.com/mcp-acme/demo/mcp")
            #expect(json["authorization_servers"] == ["https://issuer.example"] && json["scopes_supported"] == ["math"])
            let query = try await gateway.send("POST", Self.path + "?access_token=ann")
            #expect(query.status == 400)
            // What does not exist looks the same to somebody who is not known.
            #expect(try await Self.call(gateway, nil, "echo", "/mcp-acme/nothing/mcp").status == 401)
        }
    }

    @Test("to a caller of another tenant, a server does not exist")
    func otherTenant() async throws {
        try await Self.run { gateway in
            let there = try await Self.call(gateway, "eve")
            let nowhere = try await Self.call(gateway, "eve", "echo", "/mcp-acme/nothing/mcp")
            #expect(there.status == 404 && nowhere.status == 404 && there.body == nowhere.body)
            #expect(try await Self.call(gateway, "ann").status == 200)
        }
    }

    @Test(
        "only what is published is listed and can be called, as the curation has it",
        arguments: [path, "/mcp-acme/mcp"]
    )
    func curation(path: String) async throws {
        try await Self.run { gateway in
            let prefix = path == Self.path ? "" : "demo_"
            let list = try await gateway.modern(path, "tools/list", token: "bob")
            let tools = list.json?[path: ["result", "tools"]]?.elements ?? []
            #expect(tools.map { $0["name"]?.stringValue } == ["\(prefix)add", "\(prefix)echo"])
            #expect(tools.last?["description"] == "Curated." && tools.last?["title"] == "Repeat")
            #expect(try await Self.call(gateway, "ann", "\(prefix)echo", path).status == 200)
            for name in ["count", "ECHO", "echo ", "e\u{0301}cho"] {
                let call = try await Self.call(gateway, "ann", prefix + name, path)
                #expect(call.json?[path: ["error", "code"]]?.integerValue == -32602, "\(name): \(call)")
            }
        }
    }

    @Test("a tool that needs a scope says which, and with it can be called")
    func scopes() async throws {
        try await Self.run { gateway in
            let refused = try await Self.call(gateway, "bob", "add")
            #expect(refused.status == 403)
            let challenge = refused.headers[all: "WWW-Authenticate"].first ?? ""
            #expect(challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"math\""))
            #expect(refused.json?["id"]?.integerValue == 1)
            let allowed = try await Self.call(gateway, "ann", "add")
            #expect(allowed.json?[path: ["result", "structuredContent", "sum"]]?.integerValue == 3, "\(allowed)")
        }
    }

    @Test("access rules hide the tools that they do not allow, and refuse to call them")
    func rules() async throws {
        let echoForBob = AccessRule(
            from: [AccessSource(claims: [ClaimRequirement(claim: "sub", values: ["bob"])])],
            to: [AccessTarget(tools: ["echo"])]
        )
        try await Self.run(access: TenantAccess(allow: [echoForBob])) { gateway in
            // The claims of these callers are empty.
            let call = try await Self.call(gateway, "bob")
            #expect(call.status == 403)
        }
        let echo = AccessRule(from: [AccessSource(clients: ["app"])], to: [AccessTarget(tools: ["echo"])])
        try await Self.run(access: TenantAccess(allow: [echo])) { gateway in
            let list = try await gateway.modern(Self.path, "tools/list", token: "ann")
            let tools = list.json?[path: ["result", "tools"]]?.elements ?? []
            #expect(tools.map { $0["name"]?.stringValue } == ["echo"])
            #expect(try await Self.call(gateway, "ann", "add").status == 403)
            #expect(try await Self.call(gateway, "ann", "echo").status == 200)
            // Tools are all that the rule allows.
            let prompts = try await gateway.modern(Self.path, "prompts/list", token: "ann")
            #expect(prompts.json?[path: ["result", "prompts"]] == [])
            let prompt = try await gateway.modern(Self.path, "prompts/get", ["name": "summary"], token: "ann")
            #expect(prompt.status == 403)
        }
        try await Self.run(access: TenantAccess(allow: [])) { gateway in
            let call = try await Self.call(gateway, "ann")
            #expect(call.status == 403 && call.body.contains("access rules do not allow this server"), "\(call)")
        }
    }

    @Test("a limit is 429 with all that a client needs, counted for the server and for the client")
    func limits() async throws {
        try await Self.run(perServer: 3) { gateway in
            for _ in 0..<3 { #expect(try await Self.call(gateway, "ann").status == 200) }
            let refused = try await Self.call(gateway, "bob")
            #expect(refused.status == 429)
            #expect(refused.headers[all: "Retry-After"].first.flatMap { Int($0) } ?? 0 >= 1)
            let error = refused.json?["error"]
            #expect(error?["code"] == 429 && error?["message"] == "RATE_LIMITED" && refused.json?["id"] == 1)
            #expect(error?[path: ["data", "scope"]] == "server" && error?[path: ["data", "limit"]] == 3)
            // Lists do not count.
            #expect(try await gateway.modern(Self.path, "tools/list", token: "ann").status == 200)
        }
        try await Self.run(perServer: 1, mode: .unbounded) { gateway in
            for _ in 0..<3 {
                let call = try await Self.call(gateway, "ann")
                #expect(call.status == 200)
            }
        }
    }

    @Test("a tool's own limit counts for all callers at all paths, and names the tool as its scope")
    func toolLimit() async throws {
        try await Self.run(perServer: 3, perTool: ["echo": 2]) { gateway in
            #expect(try await Self.call(gateway, "ann").status == 200)
            #expect(try await Self.call(gateway, "bob", "demo_echo", "/mcp-acme/mcp").status == 200)
            let refused = try await Self.call(gateway, "ann")
            #expect(refused.status == 429)
            let data = refused.json?[path: ["error", "data"]]
            #expect(data?["scope"] == "tool" && data?["limit"] == 2 && data?["tool"] == "echo", "\(refused)")
            let joined = try await Self.call(gateway, "bob", "demo_echo", "/mcp-acme/mcp")
            #expect(joined.json?[path: ["error", "data", "tool"]] == "demo_echo", "\(joined)")
            // What was refused for the tool has not counted for the server, whose limit the other tool still meets.
            #expect(try await Self.call(gateway, "ann", "add").status == 200)
            let last = try await Self.call(gateway, "ann", "add")
            #expect(last.json?[path: ["error", "data", "scope"]] == "server", "\(last)")
        }
    }

    @Test("what was refused does not count")
    func refusedCallsDoNotCount() async throws {
        try await Self.run(perServer: 1) { gateway in
            for _ in 0..<3 {
                #expect(try await Self.call(gateway, "bob", "add").status == 403)
                _ = try await Self.call(gateway, "bob", "nothing")
            }
            #expect(try await Self.call(gateway, "bob").status == 200)
        }
    }

    @Test("calls and refusals are recorded with who, what and why, in a chain that holds")
    func audit() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "audit.jsonl").path()
        let registry = MetricsRegistry()
        let metrics = GatewayMetrics(registry: registry)
        let settings = GatewayAudit(sinks: [.file], file: GatewayAuditFile(path: file))
        let audit = AuditLog(settings, podName: "test", metrics: metrics)
        let shield = GatewayGuard(audit: audit, metrics: metrics)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await audit.run() }
            try await Self.run(perServer: 2, perTool: ["add": 1], shield: shield) { gateway in
                _ = try await Self.call(gateway, "ann", "add")
                _ = try await Self.call(gateway, "bob", "add")
                _ = try await Self.call(gateway, "ann", "add")
                _ = try await Self.call(gateway, "ann")
                _ = try await Self.call(gateway, "ann")
            }
            let deadline = ContinuousClock.now + .seconds(10)
            var lines: [RawJSON] = []
            while lines.count < 5, ContinuousClock.now < deadline {
                let text = (try? String(contentsOf: URL(filePath: file), encoding: .utf8)) ?? ""
                lines = text.split(separator: "\n").compactMap { try? RawJSON(parsing: String($0)) }
                try await Task.sleep(for: .milliseconds(20))
            }
            group.cancelAll()
            #expect(lines.map { $0["kind"] } == ["call", "refusal", "refusal", "call", "refusal"])
            #expect(lines.map { $0["result"] } == ["Success", "Forbidden", "RateLimited", "Success", "RateLimited"])
            #expect(lines.map { $0["principal"] } == ["ann", "bob", "ann", "ann", "ann"])
            #expect(lines.map { $0["tool"] } == ["add", "add", "add", "echo", "echo"])
            let reasons = lines.map { $0["reason"]?.stringValue }
            #expect(reasons[2] == "ToolCallsPerMinute of the tool")
            #expect(reasons[4] == "ToolCallsPerMinute of the server")
            for line in lines {
                #expect(line["tenant"] == "acme" && line["namespace"] == "mcp-acme" && line["server"] == "demo")
                #expect(line["client"] == "app" && line["era"] == "modern" && line["revisionDigest"] == "sha256:1")
                // The names of the arguments, not their values.
                #expect(line["arguments"] == ["a", "b", "text"])
                #expect(line["hash"] != nil && line["previous"] != nil)
            }
            let text = registry.exposition()
            #expect(text.contains("tool=\"echo\",result=\"Success\"} 1"), "\(text)")
        }
    }
}
