import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

@testable import Gateway

/// Several servers behind one endpoint.
@Suite("Joined servers")
struct JoinedTests {
    /// A server with one tool, which answers with the server's name, one prompt and one resource.
    private static func server(_ name: String) throws -> MCPService {
        MCPService(
            info: Implementation(name: name, version: "1"),
            instructions: "This is \(name).",
            versions: .all,
            content: ServiceContent(
                tools: [
                    try ServiceTool(Tool(name: "who", description: "Says who it is.", inputSchema: ["type": "object"]))
                    { _ in
                        .structured(["name": .string(name)])
                    }
                ],
                prompts: [ServicePrompt(Prompt(name: "hello")) { _ in .messages([("user", "Hello from \(name)")]) }],
                resources: [
                    ServiceResource(Resource(uri: "memo://\(name)", name: name)) { call in
                        .contents(uri: call.name, mimeType: "text/plain", text: "Memo of \(name)")
                    }
                ]
            )
        )
    }

    private static func run(
        _ ids: [String],
        additional: [Backend] = [],
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let versions: [SupportedVersions] = [
            .all, SupportedVersions([.v2026_07_28]), SupportedVersions(SupportedVersions.all.legacy),
        ]
        let servers = try ids.enumerated().map { index, id in
            RunningGateway.Behind(id, try server(id), versions: versions[index % 3])
        }
        try await RunningGateway.run(servers) { backends in
            RouteTable([Route(path: "/mcp", joining: backends + additional)])
        } body: { gateway in
            try await body(gateway)
        }
    }

    private static let gone = Backend(id: "gone", target: .streamableHTTP(url: "http://127.0.0.1:1/mcp"))

    private static func names(_ answer: RunningGateway.Answer, _ member: String) -> [String] {
        (answer.json?[path: ["result", member]]?.elements ?? []).compactMap { $0["name"]?.stringValue }
    }

    @Test("tools and prompts have the name of their server, and reach it; one that is gone hides nothing")
    func tools() async throws {
        try await Self.run(["a", "b", "c"], additional: [Self.gone]) { gateway in
            let tools = try await gateway.modern("/mcp", "tools/list")
            #expect(Self.names(tools, "tools") == ["a_who", "b_who", "c_who"])
            #expect(tools.json?[path: ["result", "cacheScope"]] == "private")
            for id in ["a", "b", "c"] {
                let call = try await gateway.modern(
                    "/mcp",
                    "tools/call",
                    ["name": .string("\(id)_who"), "arguments": [:]]
                )
                #expect(call.json?[path: ["result", "structuredContent", "name"]] == .string(id), "\(call)")
                let prompt = try await gateway.modern("/mcp", "prompts/get", ["name": .string("\(id)_hello")])
                #expect(prompt.body.contains("Hello from \(id)"), "\(prompt)")
                let memo = try await gateway.modern("/mcp", "resources/read", ["uri": .string("memo://\(id)")])
                #expect(memo.body.contains("Memo of \(id)"), "\(memo)")
            }
            let prompts = try await gateway.modern("/mcp", "prompts/list")
            #expect(Self.names(prompts, "prompts") == ["a_hello", "b_hello", "c_hello"])
        }
    }

    @Test(
        "a name that no server has is refused",
        arguments: ["who", "a_", "A_who", "a_who ", "d_who", "_who", "a__who", "a_wh\u{006F}\u{0308}"]
    )
    func unknown(name: String) async throws {
        try await Self.run(["a"]) { gateway in
            let call = try await gateway.modern("/mcp", "tools/call", ["name": .string(name), "arguments": [:]])
            #expect(call.json?[path: ["error", "code"]]?.integerValue == -32602, "\(call)")
        }
    }

    @Test("a server that is gone is reported as such, and not as a tool that does not exist")
    func gone() async throws {
        try await Self.run(["a"], additional: [Self.gone]) { gateway in
            let call = try await gateway.modern("/mcp", "tools/call", ["name": "gone_who", "arguments": [:]])
            #expect(call.status == 503)
            #expect(call.json?[path: ["error", "message"]] == "The server gone cannot be reached")
        }
    }

    @Test("health counts the servers that are configured and reachable, and their tools")
    func health() async throws {
        try await Self.run(["a", "b"], additional: [Self.gone]) { gateway in
            _ = try await gateway.modern("/mcp", "tools/list")
            let health = try await gateway.send("GET", "/health")
            #expect(health.status == 200)
            let json = try RawJSON(parsing: health.body)
            #expect(json["backends_configured"] == 3 && json["backends_connected"] == 2 && json["tools"] == 2)
            #expect(json["status"] == "degraded" && json["version"] == "0.1.0")
        }
    }

    @Test("prefixes are unique, and contain only what names of tools may contain")
    func prefixes() {
        let route = Route(
            path: "/mcp",
            joining: ["a b", "a_b", "a-b", "ü", ""].map { Backend(id: $0, target: .streamableHTTP(url: "http://x")) }
        )
        #expect(route.members.map(\.prefix) == ["a-b", "a-b-2", "a-b-3", "--", "server"])
        #expect(route.members.allSatisfy { Tool.isRecommendedName($0.advertisedName(of: .tool, "x") ?? "") })
        #expect(
            route.member(for: .tool, "a-b-2_x_y")?.index == 1 && route.member(for: .tool, "a-b-2_x_y")?.name == "x_y"
        )
    }

    @Test(
        "the official SDK's client in both eras",
        .enabled(if: Judges.canRun, Judges.comment),
        arguments: ["legacy", "auto"]
    )
    func officialClient(mode: String) async throws {
        try await Self.run(["a", "b", "c"], additional: [Self.gone]) { gateway in
            let outcome = try await Judges.python("mcp", ["-c", Self.program, mode, gateway.url()])
            #expect(outcome.output == "ok\n", "\(outcome.errors)")
        }
    }

    private static let program = """
        import asyncio, sys
        from mcp import Client

        async def run(mode, url):
            async with Client(url, mode=mode, read_timeout_seconds=20) as client:
                names = [tool.name for tool in (await client.list_tools()).tools]
                assert names == ["a_who", "b_who", "c_who"], names
                for name in "abc":
                    result = await client.call_tool(name + "_who", {})
                    assert result.structured_content == {"name": name}, result
                    prompt = await client.get_prompt(name + "_hello", {})
                    assert prompt.messages[0].content.text == "Hello from " + name
                    memo = await client.read_resource("memo://" + name)
                    assert memo.contents[0].text == "Memo of " + name
                assert "a: This is a." in (client.instructions or ""), client.instructions
            print("ok")

        asyncio.run(run(sys.argv[1], sys.argv[2]))
        """
}
