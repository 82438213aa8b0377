internal import HTTPTypes
internal import MCPProtocol
internal import MCPTransport

/// Sends messages to one backend over Streamable HTTP, and reads its answers within the limits.
struct UpstreamHTTP: Sendable {
    /// The answer to a request.
    struct Answer: Sendable {
        var status: Int
        var headers: HeaderFields
        /// `nil` if there is none in the response; then only the status counts.
        var response: JSONRPCResponse?
    }

    /// What is done with the messages before the answer.
    typealias Take = @Sendable (AnswerStream.Event) async throws -> Void
    /// What is done with the ids of events: `nil` for a message without one. `isAlone` is true for an id without a message.
    typealias Note = @Sendable (_ eventID: String?, _ isAlone: Bool) async throws -> Void

    /// The backend, for messages.
    let name: String
    let url: String
    /// Credentials and other header fields for each request.
    let fields: HTTPFields
    let exchange: any HTTPExchange
    let limits: UpstreamLimits

    init(_ backend: Backend, url: String, exchange: any HTTPExchange, limits: UpstreamLimits) {
        name = backend.name
        self.url = url
        fields = backend.fields
        self.exchange = exchange
        self.limits = limits
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ headers: HeaderFields,
        _ body: [UInt8]?
    ) async throws -> HTTPExchangeResponse {
        var all = HTTPFields(headers)
        for (name, value) in RequestTrace.current?.context.headers ?? [] {
            if let name = HTTPField.Name(name) { all[name] = value }
        }
        for field in fields where all[field.name] == nil { all.append(field) }
        do {
            return try await exchange.send(HTTPExchangeRequest(method: method, url: url, headers: all, body: body))
        } catch {
            throw UpstreamFailure.reading(error, name)
        }
    }

    /// Sends a request and reads the answer.
    ///
    /// - Parameters:
    ///   - take: takes the messages before the answer; the next one is read after it.
    ///   - note: takes the id of each event before its message.
    ///   - resume: the headers of a GET that continues a stream after an event; `nil` if streams are not resumed.
    func post(
        _ request: JSONRPCRequest,
        _ headers: HeaderFields,
        era: ProtocolVersion.Era,
        take: Take,
        note: Note = { _, _ in },
        resume: ((String) -> HeaderFields)? = nil
    ) async throws -> Answer {
        let response = try await send(.post, headers, Array(request.bytes))
        var answer = Answer(status: response.status, headers: HeaderFields(response.headers))
        var stream = AnswerStream(for: request.id, era: era)
        switch ResponseForm(status: response.status, headers: answer.headers, toRequest: true) {
        case .accepted, .status: return answer
        case .message:
            let bytes = try await collect(response.body)
            guard let message = try? parse(bytes), case .response(let found) = try? stream.receive(message) else {
                // The body of an error may be of a proxy.
                guard response.status == 200 else { return answer }
                throw UpstreamFailure(.invalid, "\(name): the body is not the response to the request")
            }
            answer.response = found
            return answer
        case .eventStream:
            answer.response = try await read(response.body, &stream, take, note, resume)
            return answer
        }
    }

    private func read(
        _ body: HTTPExchangeBody,
        _ stream: inout AnswerStream,
        _ take: Take,
        _ note: Note,
        _ resume: ((String) -> HeaderFields)?
    ) async throws -> JSONRPCResponse {
        var body = body
        var lastEventID: String?
        var noted: String?
        var attempts = 0
        var budget = limits.streamBytes
        while true {
            var parser = EventStreamParser(limits: .init(maximumBytes: limits.message.maximumBytes + 64))
            var hasProgressed = false
            do {
                for try await chunk in body {
                    budget -= chunk.count
                    guard budget >= 0 else {
                        throw UpstreamFailure(
                            .invalid,
                            "\(name): the answer to one request has more than \(limits.streamBytes) bytes"
                        )
                    }
                    for event in try parser.feed(chunk) where event.type == "message" {
                        hasProgressed = true
                        let received = try stream.receive(parse(event.data))
                        try await note(event.id, false)
                        noted = event.id ?? noted
                        if case .response(let response) = received { return response }
                        try await take(received)
                    }
                    if let id = parser.lastEventID, !id.isEmpty, id != noted {
                        noted = id
                        try await note(id, true)
                    }
                }
                try Task.checkCancellation()
            } catch {
                let failure = reading(error)
                guard resume != nil, (failure as? UpstreamFailure)?.kind == .lost else { throw failure }
            }
            lastEventID = parser.lastEventID ?? lastEventID
            attempts = hasProgressed ? 1 : attempts + 1
            guard let resume, case .resume(let id) = stream.ended(lastEventID: lastEventID),
                attempts <= limits.resumptions
            else { throw UpstreamFailure(.lost, "\(name): the stream ended without an answer") }
            try await Task.sleep(for: .milliseconds(min(max(parser.retryMilliseconds ?? 1_000, 0), 30_000)))
            let response = try await send(.get, resume(id), nil)
            guard
                ResponseForm(status: response.status, headers: HeaderFields(response.headers), toRequest: true)
                    == .eventStream
            else { throw UpstreamFailure(.lost, "\(name): the stream cannot be resumed (\(response.status))") }
            body = response.body
        }
    }

    private func reading(_ error: any Error) -> any Error {
        switch error {
        case let error as ProtocolError: UpstreamFailure(.invalid, "\(name): \(error)")
        case let error as EventStreamParser.TooLarge: UpstreamFailure(.invalid, "\(name): \(error)")
        default: UpstreamFailure.reading(error, name)
        }
    }

    /// Sends a message that is only accepted.
    ///
    /// - Returns: the status of the response.
    func send(_ message: JSONRPCMessage, _ headers: HeaderFields) async throws -> Int {
        try await send(.post, headers, Array(message.bytes)).status
    }

    /// Opens the stream of a legacy session.
    ///
    /// - Returns: `nil` if the server has no such stream.
    func openStream(_ headers: HeaderFields) async throws -> HTTPExchangeBody? {
        let response = try await send(.get, headers, nil)
        let form = ResponseForm(status: response.status, headers: HeaderFields(response.headers), toRequest: true)
        if form == .eventStream { return response.body }
        if response.status == 405 { return nil }
        throw UpstreamFailure(.status(response.status), "\(name): HTTP status \(response.status) to GET")
    }

    /// Ends a legacy session.
    func endSession(_ headers: HeaderFields) async throws {
        _ = try await send(.delete, headers, nil)
    }

    /// Reads the messages of a stream until it ends.
    ///
    /// - Returns: the id of the last event.
    func readMessages(
        _ body: HTTPExchangeBody,
        note: Note = { _, _ in },
        _ take: (JSONRPCMessage) async throws -> Void
    ) async throws -> String? {
        var noted: String?
        var parser = EventStreamParser(limits: .init(maximumBytes: limits.message.maximumBytes + 64))
        do {
            for try await chunk in body {
                for event in try parser.feed(chunk) where event.type == "message" {
                    try await note(event.id, false)
                    noted = event.id ?? noted
                    try await take(parse(event.data))
                }
                if let id = parser.lastEventID, !id.isEmpty, id != noted {
                    noted = id
                    try await note(id, true)
                }
            }
            try Task.checkCancellation()
        } catch {
            let failure = reading(error)
            guard (failure as? UpstreamFailure)?.kind == .lost else { throw failure }
        }
        return parser.lastEventID
    }

    private func parse(_ bytes: [UInt8]) throws -> JSONRPCMessage {
        do throws(ProtocolError) {
            return try JSONRPCMessage(parsing: bytes, limits: limits.message)
        } catch {
            throw UpstreamFailure(.invalid, "\(name): \(error.message)")
        }
    }

    private func collect(_ body: HTTPExchangeBody) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                guard chunk.count <= limits.message.maximumBytes - bytes.count else {
                    throw UpstreamFailure(
                        .invalid,
                        "\(name): a message has more than \(limits.message.maximumBytes) bytes"
                    )
                }
                if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
            }
            try Task.checkCancellation()
        } catch {
            throw UpstreamFailure.reading(error, name)
        }
        return bytes
    }
}

extension Backend {
    /// The credentials and other header fields of each request.
    var fields: HTTPFields {
        var fields = HTTPFields()
        for header in headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        return fields
    }
}
