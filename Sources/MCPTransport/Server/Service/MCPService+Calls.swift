import MCPProtocol
import Synchronization

extension MCPService {
    func callTool(_ request: ServerRequest) async throws -> RawJSON {
        let params = try CallToolParams(of: request.message)
        guard let tool = content.tools.first(where: { $0.definition.name == params.name }) else {
            throw ProtocolError(.invalidParams, "Unknown tool: \(params.name.debugDescription)", id: request.id)
        }
        if request.era == .modern, let headers = request.headers {
            try tool.headers.check(headers, arguments: params.arguments, id: request.id)
        }
        do {
            let result = try await tool.call(try call(request, name: params.name, arguments: params.arguments))
            return adapted(result.raw, request)
        } catch let failure as ToolFailure {
            return CallToolResult(text: failure.message, isError: true, version: request.version).raw
        }
    }

    /// Structured content is an object before 2026-07-28; other values are left out, and are in the text.
    private func adapted(_ result: RawJSON, _ request: ServerRequest) -> RawJSON {
        guard request.era == .legacy, let structured = result["structuredContent"], structured.kind != .object else {
            return result
        }
        return result.setting("structuredContent", to: nil)
    }

    func getPrompt(_ request: ServerRequest) async throws -> RawJSON {
        let name = try string("name", request)
        let arguments = request.message.params?["arguments"]
        guard let prompt = content.prompts.first(where: { $0.definition.name == name }) else {
            throw ProtocolError(.invalidParams, "Unknown prompt: \(name.debugDescription)", id: request.id)
        }
        let call = try call(request, name: name, arguments: arguments)
        for member in call.arguments.members ?? [] where member.value.stringValue == nil {
            throw MessageFieldError(field: "params.arguments.\(member.name)", problem: "must be a string")
        }
        for argument in prompt.definition.arguments where argument.isRequired && call.arguments[argument.name] == nil {
            throw MessageFieldError(field: "params.arguments.\(argument.name)", problem: "is missing")
        }
        return try await prompt.get(call).raw
    }

    func readResource(_ request: ServerRequest) async throws -> RawJSON {
        let uri = try string("uri", request)
        do {
            let content = content
            if let resource = content.resources.first(where: { $0.definition.uri == uri }) {
                return try await resource.read(try call(request, name: uri, arguments: nil)).raw
            }
            for template in content.resourceTemplates {
                guard let values = template.template.match(uri) else { continue }
                let arguments = RawJSON.object(values.map { ($0.name, .string($0.value)) })
                return try await template.read(try call(request, name: uri, arguments: arguments)).raw
            }
            throw ResourceNotFound(uri: uri)
        } catch let error as ResourceNotFound {
            throw ProtocolError(
                request.era == .modern ? .invalidParams : .legacyResourceNotFound,
                "Resource not found: \(error.uri)",
                data: ["uri": .string(error.uri)],
                id: request.id
            )
        }
    }

    func complete(_ request: ServerRequest) async throws -> RawJSON {
        guard let complete = content.complete else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        func text(_ path: [String]) throws -> String {
            guard let text = request.message.params?[path: path]?.stringValue else {
                throw MessageFieldError(field: "params.\(path.joined(separator: "."))", problem: "must be a string")
            }
            return text
        }
        let reference: ServiceCompletion.Reference
        switch try text(["ref", "type"]) {
        case "ref/prompt": reference = .prompt(try text(["ref", "name"]))
        case "ref/resource": reference = .resource(try text(["ref", "uri"]))
        default:
            throw MessageFieldError(field: "params.ref.type", problem: "must be \"ref/prompt\" or \"ref/resource\"")
        }
        let values = try await complete(
            ServiceCompletion(
                reference: reference,
                argument: try text(["argument", "name"]),
                value: try text(["argument", "value"]),
                context: request.message.params?[path: ["context", "arguments"]]
            )
        )
        // The specification allows 100 values.
        let shown = values.prefix(100)
        return [
            "completion": [
                "values": .array(shown.map(RawJSON.string)), "total": .integer(Int64(values.count)),
                "hasMore": .bool(values.count > shown.count),
            ]
        ]
    }

    func setLogLevel(_ request: ServerRequest) throws -> RawJSON {
        guard options.logs, let session = request.session else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        guard let level = LogLevel(rawValue: try string("level", request)) else {
            let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw MessageFieldError(field: "params.level", problem: "must be one of: \(levels)")
        }
        state.withLock { $0.sessions[session.id]?.logLevel = level }
        return [:]
    }

    private func call(_ request: ServerRequest, name: String, arguments: RawJSON?) throws -> ServiceCall {
        let arguments = arguments ?? [:]
        guard arguments.kind == .object else {
            throw MessageFieldError(field: "params.arguments", problem: "must be an object")
        }
        return ServiceCall(
            request: request,
            name: name,
            arguments: arguments,
            logLevel: options.logs ? logLevel(of: request.session) : nil,
            answers: request.era == .modern ? try InputRequired.answers(in: request.message) : [:]
        )
    }

    private func logLevel(of session: ServerSession?) -> LogLevel? {
        session.flatMap { session in state.withLock { $0.sessions[session.id]?.logLevel } }
    }

    func string(_ name: String, _ request: ServerRequest) throws -> String {
        guard let value = request.message.params?[name] else {
            throw MessageFieldError(field: "params.\(name)", problem: "is missing")
        }
        guard let text = value.stringValue else {
            throw MessageFieldError(field: "params.\(name)", problem: "must be a string")
        }
        return text
    }
}
