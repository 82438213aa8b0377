internal import MCPProtocol
internal import MCPTransport

/// What a pod of the sandbox serves over MCP, from the annotation `sandbox.moorage.dev/mcp` of the pod or of one of its owners,
/// or from the configuration.
///
/// ```json
/// {"name": "weather", "version": "1.0", "path": "/mcp", "tools": [{"name": "forecast", "inputSchema": {"type": "object"}}]}
/// ```
struct StandInContract: Sendable {
    /// The annotation that sets a contract.
    static let annotation = "sandbox.moorage.dev/mcp"

    /// The path that is served; `nil` for every path.
    var path: String?
    /// The HTTP status with which every request is answered, instead of MCP.
    var status: Int?
    var info: Implementation
    var content: ServiceContent

    /// What pods serve that have no contract: one tool, which returns its arguments.
    static let builtIn = """
        {"name": "sandbox", "version": "1.0", "tools": [{"name": "echo", "description": "Returns its arguments.", \
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}]}
        """

    /// - Throws: `Invalid` with the reason if the text is not a contract.
    init(parsing text: String) throws(Invalid) {
        let raw: RawJSON
        do {
            raw = try RawJSON(parsing: text)
        } catch {
            throw Invalid("the contract is not valid JSON: \(error)")
        }
        let known = ["path", "status", "name", "version", "tools", "prompts", "resources", "resourceTemplates"]
        guard let members = raw.members else {
            throw Invalid("the contract must be an object, and is \(raw.text.prefix(40))")
        }
        if let unknown = members.map(\.name).first(where: { !known.contains($0) }) {
            throw Invalid("\(unknown.debugDescription) is not part of a contract: use \(known.joined(separator: ", "))")
        }
        path = raw["path"]?.stringValue
        status = raw["status"]?.integerValue.map { Int($0) }
        info = Implementation(
            name: raw["name"]?.stringValue ?? "sandbox",
            version: raw["version"]?.stringValue ?? "1.0"
        )
        do throws(MessageFieldError) {
            content = ServiceContent(
                tools: try Self.items(raw["tools"]).map { item throws(MessageFieldError) in try Self.tool(item) },
                prompts: try Self.items(raw["prompts"]).map { item throws(MessageFieldError) in try Self.prompt(item) },
                resources: try Self.items(raw["resources"]).map { item throws(MessageFieldError) in
                    try Self.resource(item)
                },
                resourceTemplates: try Self.items(raw["resourceTemplates"]).map { item throws(MessageFieldError) in
                    try Self.template(item)
                }
            )
        } catch {
            throw Invalid("the contract is not valid: \(error)")
        }
    }

    /// A contract that cannot be used.
    struct Invalid: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    private static func items(_ list: RawJSON?) -> [RawJSON] { list?.elements ?? [] }

    private static func tool(_ item: RawJSON) throws(MessageFieldError) -> ServiceTool {
        let item = item["inputSchema"] == nil ? item.setting("inputSchema", to: ["type": "object"]) : item
        let tool = try Tool(item)
        return try ServiceTool(tool) { call in
            let arguments = call.arguments
            return tool.outputSchema == nil ? .text(arguments.text) : .structured(arguments)
        }
    }

    private static func prompt(_ item: RawJSON) throws(MessageFieldError) -> ServicePrompt {
        let prompt = try Prompt(item)
        return ServicePrompt(prompt) { call in
            .messages([("user", "\(prompt.name) \(call.arguments.text)")], description: prompt.description)
        }
    }

    private static func resource(_ item: RawJSON) throws(MessageFieldError) -> ServiceResource {
        let resource = try Resource(item)
        return ServiceResource(resource) { _ in
            .contents(uri: resource.uri, mimeType: resource.mimeType, text: "\(resource.name) of the sandbox")
        }
    }

    private static func template(_ item: RawJSON) throws(MessageFieldError) -> ServiceResourceTemplate {
        let template = try ResourceTemplate(item)
        return ServiceResourceTemplate(template) { call in
            .contents(uri: call.name, mimeType: template.mimeType, text: call.arguments.text)
        }
    }
}
