import CRDModels
import KubernetesAPI
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Policy
import Synchronization
import Testing

@testable import Gateway

/// Several servers behind one endpoint, with the names that a virtual server chooses.
@Suite("Virtual servers")
struct VirtualServerTests {
    /// The tools that were called, as `SERVER/TOOL`.
    private final class Calls: Sendable {
        let all = Mutex<[String]>([])
    }

    /// A server whose tools answer with its name, their own name and their arguments.
    private static func server(_ name: String, _ tools: [String], _ calls: Calls) throws -> MCPService {
        MCPService(
            info: Implementation(name: name, version: "1"),
            versions: .all,
            content: ServiceContent(
                tools: try tools.map { tool in
                    try ServiceTool(
                        Tool(
                            name: tool,
                            description: "Does \(tool) at \(name).",
                            inputSchema: ["type": "object", "properties": ["city": ["type": "string"]]]
                        )
                    ) { call in
                        calls.all.withLock { $0.append("\(name)/\(tool)") }
                        return .structured([
                            "server": .string(name), "tool": .string(tool), "arguments": call.arguments,
                        ])
                    }
                },
                prompts: [ServicePrompt(Prompt(name: "hello")) { _ in .messages([("user", "Hello from \(name)")]) }],
                resources: [
                    ServiceResource(Resource(uri: "memo://\(name)", name: name)) { call in
                        .contents(uri: call.name, mimeType: "text/plain", text: "Memo of \(name)")
                    }
                ]
            )
        )
    }

    private static func catalogue(_ tools: [String], of server: String) throws -> Catalogue {
        Catalogue(
            try tools.map {
                try Catalogue.Entry(
                    definition: [
                        "name": .string($0), "description": .string("Does \($0) at \(server)."),
                        "inputSchema": ["type": "object", "properties": ["city": ["type": "string"]]],
                    ]
                )
            }
        )
    }

    private static let offers = ["a": ["get", "list"], "b": ["get", "put", "wipe"]]

    private static func route(
        _ backends: [Backend],
        _ spec: MCPVirtualServerSpec,
        unrecorded: Set<String> = []
    ) throws -> Route {
        let servers = backends.map { backend in
            VirtualServerPlan.Server(
                name: backend.name,
                offer: unrecorded.contains(backend.name)
                    ? .unrecorded : .recorded(tools: offers[backend.name] ?? [], prompts: ["hello"])
            )
        }
        let plan = VirtualServerPlan(spec, servers: servers)
        var route = Route(
            path: "/mcp",
            members: try plan.members.compactMap { member in
                try backends.first { $0.name == member.name }.map {
                    Route.Member(
                        backend: $0,
                        prefix: member.prefix,
                        selection: MemberSelection(
                            member,
                            catalogue: member.isRecorded ? try catalogue(offers[$0.name] ?? [], of: $0.name) : nil
                        )
                    )
                }
            }
        )
        route.virtualServer = "assistant"
        route.searchesTools = spec.toolListing == .search
        return route
    }

    private static func run(
        _ spec: MCPVirtualServerSpec,
        unrecorded: Set<String> = [],
        _ body: @escaping @Sendable (RunningGateway, Calls) async throws -> Void
    ) async throws {
        let calls = Calls()
        // One of each era.
        let servers = [
            RunningGateway.Behind("team/a", try server("a", offers["a"] ?? [], calls)),
            RunningGateway.Behind(
                "team/b",
                try server("b", offers["b"] ?? [], calls),
                versions: SupportedVersions(SupportedVersions.all.legacy)
            ),
        ]
        try await RunningGateway.run(servers) { backends in
            do {
                return RouteTable([try route(backends, spec, unrecorded: unrecorded)])
            } catch {
                Issue.record("no route: \(error)")
                return RouteTable()
            }
        } body: {
            try await body($0, calls)
        }
    }

    private static func names(_ answer: RunningGateway.Answer, _ member: String = "tools") -> [String] {
        (answer.json?[path: ["result", member]]?.elements ?? []).compactMap { $0["name"]?.stringValue }
    }

    private static func call(
        _ gateway: RunningGateway,
        _ name: String,
        _ arguments: RawJSON = [:]
    ) async throws -> RunningGateway.Answer {
        try await gateway.modern("/mcp", "tools/call", ["name": .string(name), "arguments": arguments])
    }

    private static let everything = MCPVirtualServerSpec(serverSelector: LabelSelector())

    @Test(
        "tools are listed and called by the names that the virtual server chooses, prompts and resources reach their server"
    )
    func names() async throws {
        try await Self.run(Self.everything) { gateway, calls in
            let tools = try await gateway.modern("/mcp", "tools/list")
            #expect(Self.names(tools) == ["a_get", "list", "b_get", "put", "wipe"])
            for (name, called) in [("a_get", "a/get"), ("list", "a/list"), ("b_get", "b/get"), ("wipe", "b/wipe")] {
                let answer = try await Self.call(gateway, name)
                #expect(answer.json?[path: ["result", "structuredContent", "server"]] != nil, "\(answer)")
                #expect(calls.all.withLock { $0.last } == called)
            }
            let prompts = try await gateway.modern("/mcp", "prompts/list")
            #expect(Self.names(prompts, "prompts") == ["a_hello", "b_hello"])
            let prompt = try await gateway.modern("/mcp", "prompts/get", ["name": "b_hello"])
            #expect(prompt.body.contains("Hello from b"), "\(prompt)")
            let memo = try await gateway.modern("/mcp", "resources/read", ["uri": "memo://b"])
            #expect(memo.body.contains("Memo of b"), "\(memo)")
        }
    }

    @Test("what the spec picks, renames and describes anew is all that is published of a server")
    func picks() async throws {
        let spec = MCPVirtualServerSpec(
            servers: [
                VirtualServerMember(
                    name: "b",
                    tools: [
                        VirtualTool(name: "put", as: "store", title: "Store", description: "Stores something."),
                        VirtualTool(name: "get"),
                    ]
                ),
                VirtualServerMember(name: "a", tools: [VirtualTool(name: "list")]),
            ]
        )
        try await Self.run(spec) { gateway, calls in
            let tools = try await gateway.modern("/mcp", "tools/list")
            #expect(Self.names(tools) == ["get", "store", "list"])
            let first = tools.json?[path: ["result", "tools"]]?.elements?.dropFirst().first
            #expect(first?["title"] == "Store" && first?["description"] == "Stores something.")
            #expect(first?[path: ["inputSchema", "properties", "city", "type"]] == "string")
            let answer = try await Self.call(gateway, "store", ["city": "Kiel"])
            #expect(answer.json?[path: ["result", "structuredContent", "arguments", "city"]] == "Kiel", "\(answer)")
            #expect(calls.all.withLock { $0 } == ["b/put"])
            for hidden in ["wipe", "b_wipe", "put", "b_put", "a_get", "b_get", "Store", "stor\u{0435}"] {
                let answer = try await Self.call(gateway, hidden)
                #expect(answer.json?[path: ["error", "code"]]?.integerValue == -32602, "\(hidden): \(answer)")
            }
            #expect(calls.all.withLock { $0.count } == 1)
        }
    }

    @Test("of a server that nobody records, what it lists is published with its prefix, and collides with nothing")
    func unrecorded() async throws {
        let spec = MCPVirtualServerSpec(
            servers: [
                VirtualServerMember(name: "a", tools: [VirtualTool(name: "list", as: "b_get")]),
                VirtualServerMember(name: "b"),
            ]
        )
        try await Self.run(spec, unrecorded: ["b"]) { gateway, calls in
            let tools = try await gateway.modern("/mcp", "tools/list")
            #expect(Self.names(tools) == ["b_get", "b_put", "b_wipe"])
            _ = try await Self.call(gateway, "b_get")
            _ = try await Self.call(gateway, "b_put")
            #expect(calls.all.withLock { $0 } == ["a/list", "b/put"])
        }
    }

    @Test("where clients search, two tools are listed, and what is found is called under all rules")
    func search() async throws {
        var spec = Self.everything
        spec.toolListing = .search
        try await Self.run(spec) { gateway, calls in
            let tools = try await gateway.modern("/mcp", "tools/list")
            #expect(Self.names(tools) == ["find_tool", "call_tool"])
            let found = try await Self.call(gateway, "find_tool", ["query": "wiping things", "limit": 2])
            let text = found.json?[path: ["result", "structuredContent"]]
            #expect(text?["tools"]?.elements?.isEmpty == true, "\(found)")
            let wipe = try await Self.call(gateway, "find_tool", ["query": "wipe", "limit": 2])
            let first = wipe.json?[path: ["result", "structuredContent", "tools"]]?.elements?.first
            #expect(first?["name"] == "wipe" && first?["inputSchema"] != nil, "\(wipe)")
            let answer = try await Self.call(
                gateway,
                "call_tool",
                ["name": "wipe", "arguments": ["city": "Kiel"]]
            )
            #expect(answer.json?[path: ["result", "structuredContent", "arguments", "city"]] == "Kiel", "\(answer)")
            #expect(calls.all.withLock { $0 } == ["b/wipe"])
            // A name that is known is called as always.
            _ = try await Self.call(gateway, "list")
            #expect(calls.all.withLock { $0.last } == "a/list")
        }
    }

    @Test(
        "a search or a call with wrong arguments is refused, and says which",
        arguments: [
            ("find_tool", "{}", "params.arguments.query"), ("find_tool", #"{"query": ""}"#, "params.arguments.query"),
            ("find_tool", #"{"query": "x", "limit": 0}"#, "params.arguments.limit"),
            ("find_tool", #"{"query": "x", "limit": "3"}"#, "params.arguments.limit"),
            ("call_tool", "{}", "params.arguments.name"),
            ("call_tool", #"{"name": "wipe", "arguments": 3}"#, "params.arguments.arguments"),
            ("call_tool", #"{"name": "call_tool"}"#, "Unknown tool"),
        ]
    )
    func wrongArguments(tool: String, arguments: String, field: String) async throws {
        var spec = Self.everything
        spec.toolListing = .search
        try await Self.run(spec) { gateway, calls in
            let answer = try await Self.call(gateway, tool, try RawJSON(parsing: arguments))
            #expect(answer.json?[path: ["error", "code"]]?.integerValue == -32602, "\(answer)")
            #expect(answer.json?[path: ["error", "message"]]?.stringValue?.contains(field) == true, "\(answer)")
            #expect(calls.all.withLock { $0.isEmpty })
        }
    }

    @Test("without search, find_tool and call_tool are names like any other")
    func withoutSearch() async throws {
        try await Self.run(Self.everything) { gateway, _ in
            for name in ["find_tool", "call_tool"] {
                let answer = try await Self.call(gateway, name, ["query": "x", "name": "list"])
                #expect(answer.json?[path: ["error", "message"]] == .string("Unknown tool: \(name)"), "\(answer)")
            }
        }
    }
}
