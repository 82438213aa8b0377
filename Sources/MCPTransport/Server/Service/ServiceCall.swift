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
    /// What the client answers to the last requests for input, by key.
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

    /// Something that a call needs from the client.
    public struct Input: Sendable {
        let key: String
        let method: Method
        let params: RawJSON?

        /// - Parameters:
        ///   - key: names the input; each input of a call has its own.
        ///   - method: `elicitation/create`, `sampling/createMessage` or `roots/list`.
        public init(_ key: String, _ method: Method, params: RawJSON? = nil) {
            self.key = key
            self.method = method
            self.params = params
        }
    }

    /// Gets input from the client: the result of `elicitation/create`, `sampling/createMessage` or `roots/list`.
    ///
    /// In the legacy era this asks the client and waits. In the modern era the call ends with `input_required`, and starts anew when
    /// the client tries again with its answers; so do not change anything before the last input is there.
    ///
    /// - Parameter key: names the input; a call that needs several gives each its own.
    /// - Throws: `ProtocolError` if the client cannot do that, or refuses; `MessageFieldError` if its answer is not one to this method.
    public func input(_ key: String, _ method: Method, params: RawJSON? = nil) async throws -> RawJSON {
        try await inputs([Input(key, method, params: params)])[key] ?? [:]
    }

    /// Gets several inputs. In the modern era the client is asked for all of them at once, in the legacy era for one after the other.
    ///
    /// - Returns: the answers, by key.
    /// - Throws: as ``input(_:_:params:)``.
    public func inputs(_ inputs: [Input]) async throws -> [String: RawJSON] {
        for input in inputs {
            if let missing = request.clientCapabilities.missing(for: input.method, params: input.params) {
                throw request.era == .modern
                    ? ProtocolError.missingClientCapability(missing, id: request.id)
                    : ProtocolError(.invalidRequest, "The client does not support \(input.method)", id: request.id)
            }
        }
        var results: [String: RawJSON] = [:]
        guard request.era == .modern else {
            for input in inputs { results[input.key] = try await ask(input) }
            return results
        }
        var answers = try InputRequired.earlierAnswers(in: request.message)
        for member in self.answers.members ?? [] { answers = answers.setting(member.name, to: member.value) }
        var unanswered: [Input] = []
        for input in inputs {
            if let answer = answers[input.key] {
                let path = "params.inputResponses.\(input.key)"
                results[input.key] = try InputResponse(answer, to: input.method, at: path).raw
            } else {
                unanswered.append(input)
            }
        }
        guard unanswered.isEmpty else { throw InputRequired(inputs: unanswered, answers: answers) }
        return results
    }

    private func ask(_ input: Input) async throws -> RawJSON {
        switch try await request.ask(input.method, params: input.params).outcome {
        case .result(let result):
            do throws(MessageFieldError) {
                return try InputResponse(result, to: input.method).raw
            } catch {
                throw ProtocolError(
                    .internalError,
                    "The client's answer to \(input.method) is not valid: \(error)",
                    id: request.id
                )
            }
        case .error(let error):
            throw ProtocolError(
                .internalError,
                "The client answered \(input.method) with an error: \(error.message)",
                id: request.id
            )
        }
    }
}

/// A call ends because it needs input that the client has not sent yet.
struct InputRequired: Error {
    let inputs: [ServiceCall.Input]
    /// What the client has answered already. A retry carries only the answers to the last result, so the others travel in its state. It is
    /// the client's own input, which the client may change in its answers as well.
    let answers: RawJSON

    var result: RawJSON {
        let isFirst = answers.members?.isEmpty ?? true
        let requests = inputs.map { input -> (String, RawJSON) in
            (input.key, ["method": .string(input.method.rawValue), "params": input.params])
        }
        return [
            "resultType": .string(ResultType.inputRequired.rawValue),
            "inputRequests": .object(requests),
            "requestState": isFirst ? nil : .string(answers.text),
        ]
    }

    /// The answers in the state that a retry returns. It is read when a call asks for input, because a call may also have a state of its own.
    ///
    /// - Throws: `MessageFieldError` if this service did not write it.
    static func earlierAnswers(in request: JSONRPCRequest) throws(MessageFieldError) -> RawJSON {
        guard let state = request.params?["requestState"] else { return [:] }
        guard let text = state.stringValue, let answers = try? RawJSON(parsing: text), let members = answers.members,
            members.allSatisfy({ $0.value.kind == .object })
        else {
            throw MessageFieldError(field: "params.requestState", problem: "is not one that this server has sent")
        }
        return answers
    }

    /// The answers that a retry carries. Whether one is an answer to what was asked is checked when it is used.
    ///
    /// - Throws: `MessageFieldError` if they are not objects.
    static func answers(in request: JSONRPCRequest) throws(MessageFieldError) -> RawJSON {
        guard let responses = request.params?["inputResponses"] else { return [:] }
        guard let members = responses.members else {
            throw MessageFieldError(field: "params.inputResponses", problem: "must be an object")
        }
        for member in members where member.value.kind != .object {
            throw MessageFieldError(field: "params.inputResponses.\(member.name)", problem: "must be an object")
        }
        return responses
    }
}

/// How severe a log message is (2025-11-25, Logging; the levels of RFC 5424).
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, notice, warning, error, critical, alert, emergency

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
