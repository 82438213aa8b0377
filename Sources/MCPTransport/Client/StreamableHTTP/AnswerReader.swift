internal import MCPProtocol

/// Reads the stream that answers one request, and passes on what else is on it.
struct AnswerReader: Sendable {
    let request: JSONRPCRequest
    let era: ProtocolVersion.Era
    let messages: HTTPMessages
    /// Sends the answer to a request of the server.
    let reply: @Sendable (JSONRPCResponse) async throws -> Void

    private var core: ClientCore { messages.core }

    /// - Parameter resume: opens the stream again after the event with this id.
    /// - Throws: `MCPClientError` with `connectionLost` if the answer is lost.
    func read(
        _ body: HTTPExchangeBody,
        resume: (String) async throws -> HTTPMessages.Response
    ) async throws -> JSONRPCResponse {
        var stream = AnswerStream(for: request.id, era: era)
        var answer: JSONRPCResponse?
        var body = body
        var lastEventID: String?
        var retry: Int64?
        var attempts = 0
        var budget = core.limits.streamBytes
        while true {
            var parser = messages.parser
            var failure: (any Error)?
            var hasProgressed = false
            do {
                try await messages.readEvents(body, &parser, maximumBytes: budget) { event in
                    guard event.type == "message" else { return false }
                    hasProgressed = true
                    budget -= event.data.count
                    answer = try await take(event.data, &stream)
                    return answer != nil
                }
            } catch let error as MCPClientError where error.code == .connectionLost {
                failure = error
            }
            if let answer { return answer }
            lastEventID = parser.lastEventID ?? lastEventID
            retry = parser.retryMilliseconds ?? retry
            guard case .resume(let id) = stream.ended(lastEventID: lastEventID) else {
                throw failure
                    ?? MCPClientError(
                        .connectionLost,
                        "\(core.name): the server ended the stream without an answer to \(request.method)"
                    )
            }
            attempts = hasProgressed ? 1 : attempts + 1
            guard attempts <= core.limits.resumptions else {
                throw MCPClientError.limit(
                    .resumptions,
                    core.name,
                    "the stream that answers \(request.method) broke \(attempts) times without a new message"
                )
            }
            try await core.clock.sleep(for: HTTPMessages.retryTime(retry))
            body = try await resume(id).body
        }
    }

    private func take(_ data: [UInt8], _ stream: inout AnswerStream) async throws -> JSONRPCResponse? {
        let event: AnswerStream.Event
        do {
            event = try stream.receive(core.parse(data))
        } catch let error as ProtocolError {
            throw MCPClientError.invalid(error.message, core.name, underlying: error)
        }
        switch event {
        case .notification(let notification): await core.deliver(notification)
        case .request(let request): core.answer(request, reply: reply)
        case .response(let response): return response
        }
        return nil
    }
}
