package import MCPProtocol
package import MCPTransport

/// A service with everything that a service can have, which the tests and the foreign clients use.
package enum DemoService {
    package static func make(versions: SupportedVersions = .all, pageSize: Int = 100) throws -> MCPService {
        var options = MCPService.Options()
        options.pageSize = pageSize
        options.caching = CachingHints(timeToLiveMilliseconds: 5_000, scope: .public)
        return MCPService(
            info: Implementation(name: "demo", version: "1.0.0", title: "Demo"),
            instructions: "Use the tool add to add numbers.",
            versions: versions,
            content: try content(),
            options: options
        )
    }

    package static func content() throws -> ServiceContent {
        ServiceContent(
            tools: try tools(),
            prompts: [
                ServicePrompt(
                    Prompt(
                        name: "greet",
                        title: "Greeting",
                        description: "Greets a person.",
                        arguments: [.init(name: "name", description: "Whom to greet.", isRequired: true)]
                    )
                ) { call in
                    .messages([("user", "Say hello to \(call.string("name") ?? "").")], description: "A greeting.")
                },
                ServicePrompt(Prompt(name: "summary", description: "Asks for a summary.")) { _ in
                    .messages([("user", "Summarize the conversation.")])
                },
            ],
            resources: [
                ServiceResource(
                    Resource(
                        uri: "memo://readme",
                        name: "readme",
                        title: "Read me",
                        description: "What this server is.",
                        mimeType: "text/plain"
                    )
                ) { call in .contents(uri: call.name, mimeType: "text/plain", text: "A demonstration.") }
            ],
            resourceTemplates: [
                ServiceResourceTemplate(
                    ResourceTemplate(
                        uriTemplate: "memo://notes/{id}",
                        name: "note",
                        description: "A note by its number.",
                        mimeType: "text/plain"
                    )
                ) { call in
                    guard let id = call.string("id").flatMap({ Int($0) }), (1...9).contains(id) else {
                        throw ResourceNotFound(uri: call.name)
                    }
                    return .contents(uri: call.name, mimeType: "text/plain", text: "Note \(id).")
                }
            ],
            complete: { completion in
                ["Ada", "Alan", "Barbara", "Grace"].filter { $0.hasPrefix(completion.value) }
            }
        )
    }

    /// The result of the tools that answer with one text.
    private static let said: RawJSON = [
        "type": "object", "properties": ["said": ["type": "string"]], "required": ["said"],
    ]

    private static func say(_ text: String) -> ServiceResult { .structured(["said": .string(text)]) }

    private static func tools() throws -> [ServiceTool] {
        let number: RawJSON = ["type": "number"]
        return [
            try ServiceTool(
                Tool(
                    name: "add",
                    title: "Add",
                    description: "Adds two numbers.",
                    inputSchema: [
                        "type": "object", "properties": ["a": number, "b": number], "required": ["a", "b"],
                    ],
                    outputSchema: ["type": "object", "properties": ["sum": number], "required": ["sum"]],
                    annotations: ["readOnlyHint": true]
                )
            ) { call in
                guard let a = call.arguments["a"]?.doubleValue, let b = call.arguments["b"]?.doubleValue else {
                    throw ToolFailure("a and b must be numbers")
                }
                return .structured(["sum": .number(a + b)])
            },
            try ServiceTool(
                Tool(
                    name: "echo",
                    description: "Returns its argument.",
                    inputSchema: ["type": "object", "properties": ["text": ["type": "string"]]],
                    outputSchema: said
                )
            ) { call in say(call.string("text") ?? "") },
            try ServiceTool(
                Tool(
                    name: "count",
                    description: "Counts, with progress and log messages.",
                    inputSchema: ["type": "object", "properties": ["to": ["type": "integer"]]],
                    outputSchema: said
                )
            ) { call in
                let last = min(100, max(1, call.arguments["to"]?.integerValue ?? 3))
                for number in 1...last {
                    try await call.report(progress: Double(number), total: Double(last), message: "at \(number)")
                    try await call.log(.info, ["number": .integer(number)], logger: "count")
                }
                return say("counted to \(last)")
            },
            try ServiceTool(
                Tool(
                    name: "region",
                    description: "Repeats the region, which a header repeats as well.",
                    inputSchema: [
                        "type": "object",
                        "properties": ["region": ["type": "string", "x-mcp-header": "Region"]],
                    ],
                    outputSchema: said
                )
            ) { call in say(call.string("region") ?? "none") },
            try ServiceTool(
                Tool(
                    name: "ask",
                    description: "Asks the user for a name and a color.",
                    inputSchema: ["type": "object"],
                    outputSchema: said
                )
            ) { call in
                var answers: [String] = []
                for field in ["name", "color"] {
                    let schema: RawJSON = [
                        "type": "object", "properties": .object([(field, ["type": "string"] as RawJSON)]),
                        "required": .array([.string(field)]),
                    ]
                    let answer = try await call.input(
                        field,
                        .elicitationCreate,
                        params: ["message": .string("Which \(field)?"), "requestedSchema": schema]
                    )
                    guard answer["action"]?.stringValue == "accept" else { return say("declined") }
                    answers.append(answer[path: ["content", field]]?.stringValue ?? "")
                }
                return say(answers.joined(separator: " likes "))
            },
            try ServiceTool(
                Tool(name: "fail", description: "Fails.", inputSchema: ["type": "object"], outputSchema: said)
            ) { _ in throw ToolFailure("This tool always fails.") },
            try ServiceTool(
                Tool(
                    name: "wait",
                    description: "Waits until it is cancelled.",
                    inputSchema: ["type": "object"],
                    outputSchema: said
                )
            ) { call in
                try await call.report(progress: 1)
                let (never, continuation) = AsyncStream<Void>.makeStream()
                defer { continuation.finish() }
                for await _ in never {}
                throw CancellationError()
            },
        ]
    }
}
