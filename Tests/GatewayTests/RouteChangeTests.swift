import CRDModels
import Gateway
import HTTPTypes
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Policy
import Synchronization
import Testing

/// Streams that last, while the routes change.
@Suite("Streams when routes change")
struct RouteChangeTests {
    private struct Tokens: Authenticator {
        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            Caller(issuer: "https://issuer.example", subject: "ann", clientID: "app", tenants: ["acme"])
        }
    }

    private static let path = "/mcp-acme/demo/mcp"

    private static func routes(
        _ backend: Backend,
        tools: [String],
        allowed clients: [String] = ["app"],
        perServer limit: Int? = nil
    ) throws -> RouteTable {
        var backend = backend
        backend.namespace = "mcp-acme"
        backend.catalogue = Catalogue(
            try tools.map { try .init(definition: ["name": .string($0), "inputSchema": ["type": "object"]]) }
        )
        let rules = RouteRules(
            namespace: "mcp-acme",
            tenant: "acme",
            access: AccessRules(TenantAccess(allow: [AccessRule(from: [AccessSource(clients: clients)])])),
            callsPerMinutePerServer: limit
        )
        return RouteTable([
            Route(path: path, backend: backend, rules: rules),
            Route(path: "/mcp-acme/mcp", joining: [backend], rules: rules),
        ])
    }

    private static func run(
        _ body: @escaping @Sendable (RunningGateway, Backend) async throws -> Void
    ) async throws {
        var shield = GatewayGuard()
        shield.authenticator = Tokens()
        let guarded = shield
        let made = Mutex<Backend?>(nil)
        try await RunningGateway.run([.init("mcp-acme/demo", try DemoService.make())], shield: guarded) { backends in
            made.withLock { $0 = backends[0] }
            return (try? routes(backends[0], tools: ["add"])) ?? RouteTable()
        } body: { gateway in
            try await body(gateway, try #require(made.withLock { $0 }))
        }
    }

    private static func options(_ version: ProtocolVersion) -> MCPClientOptions {
        var options = MCPClientOptions()
        options.versions = SupportedVersions([version])
        options.headers[.authorization] = "Bearer any"
        return options
    }

    @Test(
        "a change of the contract is reported to clients that listen; a change of limits is not",
        arguments: [ProtocolVersion.v2026_07_28, .v2025_11_25],
        [path, "/mcp-acme/mcp"]
    )
    func contractChanges(version: ProtocolVersion, path: String) async throws {
        try await Self.run { gateway, backend in
            let url = gateway.url(path)
            try await MCPClient.withConnection(to: .streamableHTTP(url), options: Self.options(version)) { client in
                #expect(try await client.list(.tools).count == 1)
                try await client.withChanges(SubscriptionFilter(toolsListChanged: true)) { changes in
                    var reported = 0
                    for try await change in changes {
                        switch change {
                        case .listening:
                            // The stream of a legacy session may still be opening.
                            try await Task.sleep(for: .milliseconds(200))
                            gateway.gateway.update(try Self.routes(backend, tools: ["add"], perServer: 5))
                            try await Task.sleep(for: .milliseconds(200))
                            gateway.gateway.update(try Self.routes(backend, tools: ["add", "echo"], perServer: 5))
                        case .changed:
                            reported += 1
                            #expect(try await client.list(.tools).count == reported + 1)
                            if reported == 2 { return }
                            gateway.gateway.update(try Self.routes(backend, tools: ["add", "echo", "count"]))
                        }
                    }
                    Issue.record("the stream ended after \(reported) changes")
                }
            }
        }
    }

    @Test(
        "when rules no longer let the caller in, its stream ends",
        arguments: [ProtocolVersion.v2026_07_28, .v2025_11_25]
    )
    func accessEnds(version: ProtocolVersion) async throws {
        try await Self.run { gateway, backend in
            let url = gateway.url(Self.path)
            let began = ContinuousClock.now
            await #expect(throws: (any Error).self) {
                try await MCPClient.withConnection(to: .streamableHTTP(url), options: Self.options(version)) { client in
                    try await client.withChanges(SubscriptionFilter(toolsListChanged: true)) { changes in
                        for try await change in changes {
                            guard case .listening = change else { continue }
                            try await Task.sleep(for: .milliseconds(200))
                            gateway.gateway.update(
                                try Self.routes(backend, tools: ["add"], allowed: ["other"])
                            )
                        }
                    }
                    // The stream has ended; and nothing else can be done.
                    _ = try await client.list(.tools)
                }
            }
            #expect(ContinuousClock.now - began < .seconds(20))
        }
    }
}
