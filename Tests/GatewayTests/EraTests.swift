import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

/// Clients of both eras use servers of both eras through the gateway, and find what they find without it.
@Suite("The gateway between the eras", .enabled(if: Judges.canRun, Judges.comment))
struct EraTests {
    enum Server: String, CaseIterable, Sendable {
        case modern, legacy, both

        var versions: SupportedVersions {
            switch self {
            case .modern: SupportedVersions([.v2026_07_28])
            case .legacy: SupportedVersions(SupportedVersions.all.legacy)
            case .both: .all
            }
        }
    }

    @Test(
        "the official SDK's client does all that it can do without the gateway",
        arguments: Server.allCases,
        ["legacy", "auto"]
    )
    func officialClient(server: Server, mode: String) async throws {
        let service = try DemoService.make(versions: server.versions)
        try await RunningGateway.run([.init("demo", service, versions: server.versions)]) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0])])
        } body: { gateway in
            // A client without sessions cannot be asked by a server that has no other way.
            let asks = !(server == .legacy && mode == "auto")
            // A server of 2026-07-28 logs only what a request asks for.
            let isQuiet = server != .legacy
            let outcome = try await Judges.python(
                "mcp",
                ["-c", ForeignPrograms.mcp, mode, gateway.url("/demo/mcp")] + (asks ? [] : ["refused"])
                    + (isQuiet ? ["quiet"] : [])
            )
            #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)")
        }
    }

    @Test(
        "methods that 2026-07-28 has not are not found",
        arguments: ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"]
    )
    func removedMethods(method: String) async throws {
        try await RunningGateway.run([.init("demo", try DemoService.make())]) { backends in
            RouteTable([
                Route(path: "/demo/mcp", backend: backends[0]), Route(path: "/mcp", joining: backends),
            ])
        } body: { gateway in
            for path in ["/demo/mcp", "/mcp"] {
                let answer = try await gateway.modern(path, method)
                let code = answer.json?[path: ["error", "code"]]?.integerValue
                #expect(answer.status == 404 && code == -32601, "\(path): \(answer)")
            }
        }
    }

    /// Never acknowledges a subscription.
    private struct SilentService: MCPServerHandler {
        let service: MCPService

        func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
            guard request.method == .subscriptionsListen else { return try await service.respond(to: request) }
            try await Task.sleep(for: .seconds(60))
            throw CancellationError()
        }
    }

    @Test("a subscription is acknowledged at once, whatever the server does", arguments: ["/demo/mcp", "/mcp"])
    func silentServer(path: String) async throws {
        let service = SilentService(service: try DemoService.make())
        try await RunningGateway.run([.init("demo", service)]) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0]), Route(path: "/mcp", joining: backends)])
        } body: { gateway in
            let metadata = RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil)
            let request = SubscriptionFilter(toolsListChanged: true).request(id: "listen", metadata: metadata)
            struct Done: Error {}
            await #expect(throws: Done.self) {
                try await gateway.stream(path, .request(request), try .modern(for: request)) { message in
                    guard case .notification(let notification) = message else { return }
                    #expect(notification.method == "notifications/subscriptions/acknowledged")
                    #expect(notification.params?[path: ["notifications", "toolsListChanged"]] == true)
                    throw Done()
                }
            }
        }
    }

    @Test("FastMCP's client", arguments: [Server.modern, .legacy], ["legacy", "auto"])
    func fastMCP(server: Server, mode: String) async throws {
        // FastMCP's program asks the user.
        if server == .legacy, mode == "auto" { return }
        let service = try DemoService.make(versions: server.versions)
        try await RunningGateway.run([.init("demo", service, versions: server.versions)]) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0])])
        } body: { gateway in
            let outcome = try await Judges.python(
                "mcp",
                ["-c", ForeignPrograms.fastmcp, mode, gateway.url("/demo/mcp")]
            )
            #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)")
        }
    }

    @Test("mcpcheck, strictly: all checks of 2026-07-28 pass, whatever the server speaks", arguments: Server.allCases)
    func mcpcheck(server: Server) async throws {
        let service = try DemoService.make(versions: server.versions)
        try await RunningGateway.run([.init("demo", service, versions: server.versions)]) { backends in
            RouteTable([
                Route(path: "/demo/mcp", backend: backends[0]), Route(path: "/mcp", joining: backends),
            ])
        } body: { gateway in
            for path in ["/demo/mcp", "/mcp"] {
                let program = Judges.folder + "/mcp/bin/jbt-mcpcheck"
                let outcome = try await Judges.python(
                    "mcp",
                    [program, "--strict", "--json", "--legacy-probes", gateway.url(path)]
                )
                let report = try RawJSON(parsing: outcome.output)
                let checks = report["checks"]?.elements ?? []
                #expect(checks.count == 8)
                for check in checks { #expect(check["status"] == "pass", "\(path): \(check)") }
            }
        }
    }
}
