internal import MCPProtocol
internal import MCPTransport

/// A prompt of the bridge: it gathers live data, and says what to do with them.
struct BridgePrompt: Sendable {
    let name: String
    let title: String
    let description: String
    let arguments: [Prompt.Argument]
    /// The text of the prompt.
    let fill: @Sendable (_ values: [String: String], BridgeContext) async throws -> String

    func servicePrompt(_ context: BridgeContext) -> ServicePrompt {
        ServicePrompt(Prompt(name: name, title: title, description: description, arguments: arguments)) { call in
            var values: [String: String] = [:]
            for argument in arguments {
                guard let value = call.string(argument.name), !value.isEmpty else { continue }
                guard Parameter.isName(value) else {
                    throw ProtocolError(
                        .invalidParams,
                        "the argument \(argument.name) is \(Arguments.shown(.string(value))), and must be a name of Kubernetes",
                        id: call.request.id
                    )
                }
                values[argument.name] = value
            }
            do {
                let given = values
                let text = try await context.perform(name) { try await fill(given, context) }
                return .messages([("user", text)], description: description)
            } catch let failure as ToolFailure {
                throw ProtocolError(.internalError, failure.message, id: call.request.id)
            }
        }
    }

    static let all: [BridgePrompt] = [.triageNow, .capacityCheck, .crashLoopPlaybook]
}
