internal import HTTPTypes
internal import Logging
internal import MCPProtocol
internal import Synchronization

/// A connection over Streamable HTTP in either era. Each request is a POST of its own.
final class StreamableHTTPConnection: ClientConnection {
    /// The answer to a POST of a request.
    struct Answer: Sendable {
        var status: Int
        var headers: HeaderFields
        /// `nil` if there is none in the response: then the status counts.
        var response: JSONRPCResponse?
    }

    let core: ClientCore
    let url: String
    let messages: HTTPMessages
    let version: ProtocolVersion
    let era: ProtocolVersion.Era
    /// `nil` in the modern era.
    let session: ClientSessionHolder?
    /// Legacy era only.
    let sessionStream = SessionStream()

    init(
        core: ClientCore,
        url: String,
        messages: HTTPMessages,
        version: ProtocolVersion,
        session: LegacyClientSession?
    ) {
        self.core = core
        self.url = url
        self.messages = messages
        self.version = version
        era = version.era ?? .legacy
        self.session = session.map { ClientSessionHolder($0) }
    }

    func send(_ request: JSONRPCRequest, parameterHeaders: ParameterHeaders) async throws -> JSONRPCResponse {
        if era == .modern {
            let headers: HeaderFields
            do throws(MessageFieldError) {
                headers = try .modern(for: request, parameterHeaders: parameterHeaders)
            } catch {
                throw MCPClientError(
                    .invalidRequest,
                    "\(core.name): the request cannot be sent: \(error)",
                    underlying: error
                )
            }
            let answer = try await post(request, headers: headers)
            guard let response = answer.response, answer.status == 200 else { throw refusal(answer, request) }
            return response
        }
        return try await inSession { headers -> Attempt<JSONRPCResponse> in
            let answer = try await post(request, headers: headers)
            // A session that has ended is told by the status, whatever is in the body.
            guard let response = answer.response, answer.status == 200 else {
                return .status(answer.status, refusal(answer, request))
            }
            return .done(response)
        }
    }

    private func refusal(_ answer: Answer, _ request: JSONRPCRequest) -> MCPClientError {
        if answer.status == 200 {
            let type = answer.headers[all: HeaderName.contentType].first ?? "none"
            return MCPClientError(
                .invalidMessage,
                "\(core.name): the response has the content type \(type.prefix(200).debugDescription), and must have "
                    + "\(MediaType.json) or \(MediaType.eventStream)",
                httpStatus: 200
            )
        }
        var error = MCPClientError.status(answer.status, core.name, headers: answer.headers)
        guard let refusal = answer.response?.error else { return error }
        // What is about access is about access, also with an error of JSON-RPC in the body.
        if answer.status != 401, answer.status != 403 {
            return .refused(refusal, request.method, core.name, status: answer.status)
        }
        error.jsonRPCError = refusal
        return error
    }

    /// Sends a request and reads the answer, from the body or from the stream that answers it, which is resumed if need be.
    func post(_ request: JSONRPCRequest, headers: HeaderFields) async throws -> Answer {
        try await Self.post(request, to: url, headers: headers, era: era, messages: messages) { [self] lastEventID in
            try await open(lastEventID: lastEventID)
        } reply: { [self] response in
            try await reply(response)
        }
    }

    static func post(
        _ request: JSONRPCRequest,
        to url: String,
        headers: HeaderFields,
        era: ProtocolVersion.Era,
        messages: HTTPMessages,
        resume: (String) async throws -> HTTPMessages.Response,
        reply: @escaping @Sendable (JSONRPCResponse) async throws -> Void
    ) async throws -> Answer {
        let response = try await messages.send(.post, url, headers: headers, body: Array(request.bytes))
        var answer = Answer(status: response.status, headers: response.headers)
        switch ResponseForm(status: response.status, headers: response.headers, toRequest: true) {
        case .accepted, .status: return answer
        case .message:
            let bytes = try await messages.collect(response.body)
            do {
                var stream = AnswerStream(for: request.id, era: era)
                guard case .response(let found) = try stream.receive(messages.core.parse(bytes)) else {
                    throw ProtocolError(.invalidRequest, "The body is not a response")
                }
                answer.response = found
            } catch {
                // The body of an error may be of a proxy.
                guard response.status == 200 else { return answer }
                if let error = error as? ProtocolError {
                    throw MCPClientError.invalid(error.message, messages.core.name, underlying: error)
                }
                throw error
            }
            return answer
        case .eventStream:
            answer.response = try await AnswerReader(request: request, era: era, messages: messages, reply: reply)
                .read(response.body, resume: resume)
            return answer
        }
    }

    /// Answers a request of the server; legacy only.
    func reply(_ response: JSONRPCResponse) async throws {
        try await postWithoutAnswer(Array(response.bytes))
    }

    func notify(_ notification: JSONRPCNotification) async throws {
        guard era == .modern else {
            try await postWithoutAnswer(Array(notification.json.bytes))
            return
        }
        var headers = HeaderFields.legacyPost(version: nil, sessionID: nil)
        headers.set(HeaderName.protocolVersion, version.rawValue)
        headers.set(HeaderName.method, notification.method)
        let meta: RawJSON = .string(version.rawValue)
        let params = (notification.params ?? [:]).setting(path: ["_meta", MetadataKey.protocolVersion], to: meta)
        let body = notification.with(params: params).bytes
        let response = try await messages.send(.post, url, headers: headers, body: Array(body))
        guard (200..<300).contains(response.status) else {
            throw MCPClientError.status(response.status, core.name, headers: response.headers)
        }
    }

    private func postWithoutAnswer(_ body: [UInt8]) async throws {
        try await inSession { headers -> Attempt<Void> in
            let response = try await messages.send(.post, url, headers: headers, body: body)
            guard (200..<300).contains(response.status) else {
                return .status(
                    response.status,
                    MCPClientError.status(response.status, core.name, headers: response.headers)
                )
            }
            return .done(())
        }
    }

    func close() async {
        // First, or the end of the stream would open the session again.
        try? await TimeLimit.run(core.limits.closeTime, clock: core.clock) { [sessionStream] in
            await sessionStream.stop()
        }
        guard let id = session?.current.sessionID else { return }
        let headers = HeaderFields.legacyGet(version: version, sessionID: id)
        do {
            // Servers that do not let clients end sessions answer with 405.
            try await TimeLimit.run(core.limits.closeTime, clock: core.clock) { [self] in
                _ = try await messages.send(.delete, url, headers: headers)
            }
        } catch {
            core.logger.debug("the session was not ended at the server", metadata: ["error": "\(error)"])
        }
    }
}
