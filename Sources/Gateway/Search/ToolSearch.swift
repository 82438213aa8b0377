internal import MCPProtocol
internal import MCPTransport

/// The two tools that are listed in place of all others where clients search.
enum ToolSearch {
    /// Searches for tools.
    static let findName = "find_tool"
    /// Calls a tool that was found.
    static let callName = "call_tool"
    /// How many tools are found if the caller does not say.
    static let defaultLimit = 5
    /// How many tools are found at most.
    static let maximumLimit = 50

    static let tools: [RawJSON] = [
        Tool(
            name: findName,
            title: "Find tools",
            description: """
                Searches the tools of this server by words, and returns those that fit best, with the schemas of their arguments. \
                Call a tool that was found with \(callName).
                """,
            inputSchema: [
                "type": "object",
                "properties": [
                    "query": ["type": "string", "description": "What the tool should do, in a few words."],
                    "limit": [
                        "type": "integer", "minimum": 1, "maximum": .integer(Int64(maximumLimit)),
                        "description": .string("How many tools to return. Defaults to \(defaultLimit)."),
                    ],
                ],
                "required": ["query"],
            ],
            annotations: ["readOnlyHint": true, "openWorldHint": false]
        ).raw,
        Tool(
            name: callName,
            title: "Call a tool",
            description: "Calls a tool that \(findName) has found.",
            inputSchema: [
                "type": "object",
                "properties": [
                    "name": ["type": "string", "description": "The name of the tool."],
                    "arguments": ["type": "object", "description": "Its arguments, as its schema says."],
                ],
                "required": ["name"],
            ]
        ).raw,
    ]
}

/// The tool that a request calls: the one it names, or the one that it asks `call_tool` to call.
struct CalledTool: Sendable {
    /// The name, as clients of the route know it.
    let name: String
    /// The request, as if it called the tool itself.
    let message: JSONRPCRequest
    /// Whether it searches for tools.
    let isSearch: Bool
    /// Whether the tool is called with `call_tool`.
    let isFound: Bool

    /// - Throws: `MessageFieldError` if the name is missing, or an argument of `call_tool` is not valid.
    init(_ request: ServerRequest, _ route: Route) throws(MessageFieldError) {
        let params = request.message.params
        guard let name = params?["name"]?.stringValue else {
            throw MessageFieldError(field: "params.name", problem: "must be a string")
        }
        isSearch = route.searchesTools && name == ToolSearch.findName
        isFound = route.searchesTools && name == ToolSearch.callName
        guard isFound else {
            (self.name, message) = (name, request.message)
            return
        }
        guard let found = params?[path: ["arguments", "name"]]?.stringValue else {
            throw MessageFieldError(
                field: "params.arguments.name",
                problem: "must be the name of a tool that \(ToolSearch.findName) has found"
            )
        }
        let arguments = params?[path: ["arguments", "arguments"]]
        guard arguments == nil || arguments?.kind == .object else {
            throw MessageFieldError(field: "params.arguments.arguments", problem: "must be an object")
        }
        self.name = found
        message = request.message.with(
            params: params?.setting("name", to: .string(found)).setting("arguments", to: arguments)
        )
    }
}

extension GatewayHandler {
    /// `find_tool`: of the tools that the caller may see, those that fit best.
    func findTools(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        let arguments = request.message.params?["arguments"]
        guard let query = arguments?["query"]?.stringValue, !query.isEmpty else {
            throw MessageFieldError(field: "params.arguments.query", problem: "must be a text of at least one word")
        }
        var limit = ToolSearch.defaultLimit
        if let wanted = arguments?["limit"] {
            guard let number = wanted.integerValue, (1...Int64(ToolSearch.maximumLimit)).contains(number) else {
                throw MessageFieldError(
                    field: "params.arguments.limit",
                    problem: "must be an integer from 1 to \(ToolSearch.maximumLimit)"
                )
            }
            limit = Int(number)
        }
        let tools = await items(of: .tools, request, call).flatMap(\.items)
        let found = ToolRanking(tools.map(toolTerms.terms)).best(limit, for: query).map { tools[$0] }
        let content: RawJSON = ["tools": .array(found)]
        let text = found.isEmpty ? "No tool fits. Use other words." : content.text
        let result = CallToolResult(text: text, version: request.version).raw
            .setting("structuredContent", to: content)
        return JSONRPCResponse(
            id: request.id,
            result: request.era == .modern ? result.withServerInfo(info) : result
        )
    }
}
