import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Observability
import Testing

/// Arguments that are checked against the contract before a server sees them.
@Suite("Arguments at the gateway")
struct ArgumentTests {
    private static let schema: RawJSON = [
        "type": "object", "properties": ["text": ["type": "string", "maxLength": 3]], "required": ["text"],
    ]

    private static func run(
        schema: RawJSON = schema,
        shield: GatewayGuard = .open,
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let definition: RawJSON = ["name": "echo", "inputSchema": schema]
        let catalogue = Catalogue([try .init(definition: definition)])
        try await RunningGateway.run([.init("demo", try DemoService.make())], shield: shield) { backends in
            var backend = backends[0]
            backend.catalogue = catalogue
            var checked = backend
            checked.validatesArguments = true
            return RouteTable([
                Route(path: "/checked/mcp", backend: checked), Route(path: "/joined/mcp", joining: [checked]),
                Route(path: "/unchecked/mcp", backend: backend),
            ])
        } body: { gateway in
            try await body(gateway)
        }
    }

    private static func call(
        _ gateway: RunningGateway,
        _ path: String,
        _ arguments: RawJSON?,
        _ version: ProtocolVersion
    ) async throws -> RawJSON {
        var options = MCPClientOptions()
        options.versions = SupportedVersions([version])
        return try await MCPClient.withConnection(to: .streamableHTTP(gateway.url(path)), options: options) { client in
            let name: RawJSON = path.hasPrefix("/joined") ? "demo_echo" : "echo"
            return try await client.request(.toolsCall, params: ["name": name, "arguments": arguments])
        }
    }

    @Test("arguments that do not match are answered in the result, where the model sees them")
    func newer() async throws {
        try await Self.run { gateway in
            for version in [ProtocolVersion.v2026_07_28, .v2025_11_25] {
                for path in ["/checked/mcp", "/joined/mcp"] {
                    let long = try await Self.call(gateway, path, ["text": "longer"], version)
                    let problem =
                        "Invalid params: the arguments are not valid: arguments/text must have at most 3 characters"
                    #expect(long["isError"] == true && long["content"]?.elements?.first?["text"] == .string(problem))
                    let none = try await Self.call(gateway, path, nil, version)
                    #expect(none.text.contains(#"arguments lacks the property \"text\""#), "\(none)")
                    let valid = try await Self.call(gateway, path, ["text": "abc"], version)
                    #expect(valid["isError"] != true && valid.text.contains("abc"))
                }
                let unchecked = try await Self.call(gateway, "/unchecked/mcp", ["text": "longer"], version)
                #expect(unchecked["isError"] != true && unchecked.text.contains("longer"))
            }
        }
    }

    @Test("clients of older versions get an error of JSON-RPC")
    func older() async throws {
        try await Self.run { gateway in
            for version in [ProtocolVersion.v2025_06_18, .v2025_03_26] {
                let error = await #expect(throws: MCPClientError.self) {
                    _ = try await Self.call(gateway, "/checked/mcp", ["text": 7], version)
                }
                #expect(error?.jsonRPCError?.code == .invalidParams)
                #expect(
                    error?.jsonRPCError?.message.hasSuffix("arguments/text must be a string, and is a number") ?? false
                )
            }
        }
    }

    @Test("a tool whose schema cannot be used cannot be called, and says why; the call counts as not valid")
    func unusable() async throws {
        let registry = MetricsRegistry()
        var shield = GatewayGuard.open
        shield.metrics = GatewayMetrics(registry: registry)
        let schema: RawJSON = ["type": "object", "properties": ["text": ["pattern": "(?=a)"]]]
        try await Self.run(schema: schema, shield: shield) { gateway in
            let result = try await Self.call(gateway, "/checked/mcp", ["text": "a"], .v2026_07_28)
            #expect(result["isError"] == true)
            let reason =
                "inputSchema/properties/text/pattern has a pattern that cannot be used: lookaround is not supported"
            #expect(result.text.contains(reason), "\(result)")
        }
        #expect(registry.exposition().contains(#"tool="echo",result="InvalidRequest"} 1"#))
    }
}
