public import MCPProtocol

/// A call of a tool, a prompt or a resource.
public struct ServiceCall: Sendable {
    /// The request.
    public let request: ServerRequest
    /// The name of the tool or prompt, or the URI of the resource.
    public let name: String
    /// An object; empty if there are none.
    public let arguments: RawJSON
    /// The least severe log messages that the client wants.
    let logLevel: LogLevel?
    /// What the client has answered to earlier requests for input, by key.
    let answers: RawJSON

    /// An argument that is text, or `nil`.
    public func string(_ name: String) -> String? { arguments[name]?.stringValue }

    /// Reports progress, if the client has asked for it.
    public func report(progress: Double, total: Double? = nil, message: String? = nil) async throws {
        try await request.report(progress: progress, total: total, message: message)
    }

    /// Sends a log message, if the client wants messages of this level; legacy era.
    public func log(_ level: LogLevel, _ data: RawJSON, logger: String? = nil) async throws {
        guard let logLevel, level >= logLevel else { return }
        let params: RawJSON = [
            "level": .string(level.rawValue), "logger": logger.map(RawJSON.string), "data": data,
        ]
        try await request.notify(JSONRPCNotification(method: Method.message.rawValue, params: params))
    }

    /// Gets input from the client: the result of `elicitation/create`, `sampling/createMessage` or `roots/list`.
    ///
    /// In the legacy era this asks the client and waits. In the modern era the call ends with `input_required`, and starts anew when
    /// the client tries again with its answers; so do not change anything before the last input is there.
    ///
    /// - Parameter key: names the input; a call that needs several gives each its own.
    /// - Throws: `ProtocolError` if the client cannot do that, or refuses.
    public func input(_ key: String, _ method: Method, params: RawJSON? = nil) async throws -> RawJSON {
        if let missing = request.clientCapabilities.missing(for: method, params: params) {
            throw request.era == .modern
                ? ProtocolError.missingClientCapability(missing, id: request.id)
                : ProtocolError(.invalidRequest, "The client does not support \(method)", id: request.id)
        }
        if request.era == .modern {
            if let answer = answers[key] { return answer }
            throw InputRequired(key: key, method: method, params: params, answers: answers)
        }
        switch try await request.ask(method, params: params).outcome {
        case .result(let result): return result
        case .error(let error):
            throw ProtocolError(
                .internalError,
                "The client answered \(method) with an error: \(error.message)",
                id: request.id
            )
        }
    }
}

/// A call ends because it needs input that the client has not sent yet.
struct InputRequired: Error {
    let key: String
    let method: Method
    let params: RawJSON?
    /// What the client has answered already. A retry carries only the answers to the last result, so the others travel in its state. It is
    /// the client's own input, which the client may change in its answers as well.
    let answers: RawJSON

    var result: RawJSON {
        let isFirst = answers.members?.isEmpty ?? true
        let request: RawJSON = ["method": .string(method.rawValue), "params": params]
        return [
            "resultType": .string(ResultType.inputRequired.rawValue),
            "inputRequests": .object([(key, request)]),
            "requestState": isFirst ? nil : .string(answers.text),
        ]
    }

    /// The answers that a request carries.
    ///
    /// - Throws: `MessageFieldError` if it is a retry with a state that this service did not write.
    static func answers(in request: JSONRPCRequest) throws(MessageFieldError) -> RawJSON {
        var answers: RawJSON = [:]
        if let state = request.params?["requestState"] {
            guard let text = state.stringValue, let earlier = try? RawJSON(parsing: text), earlier.kind == .object
            else {
                throw MessageFieldError(field: "params.requestState", problem: "is not one that this server has sent")
            }
            answers = earlier
        }
        for member in request.params?["inputResponses"]?.members ?? [] {
            answers = answers.setting(member.name, to: member.value)
        }
        return answers
    }
}

/// How severe a log message is (2025-11-25, Logging; the levels of RFC 5424).
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, notice, warning, error, critical, alert, emergency

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
