public import MCPProtocol

/// A request of a client that has passed the checks of its revision, with what is known about it.
public struct ServerRequest: Sendable {
    /// The request, byte for byte.
    public let message: JSONRPCRequest
    /// The version of the request or of its session. For `initialize` the one that the server's versions make of the client's.
    public let version: ProtocolVersion
    /// What the client can do.
    public let clientCapabilities: ClientCapabilities
    /// Who the client says it is.
    public let clientInfo: Implementation?
    /// What a request of 2026-07-28 says about itself.
    public let metadata: RequestMetadata?
    /// The session of a request of the legacy era.
    public let session: ServerSession?
    /// The header fields of the HTTP request; `nil` on stdio.
    public let headers: HeaderFields?
    /// Who makes the request.
    public let principal: Principal
    /// What whoever took the HTTP request has attached for the handler.
    public let attachment: (any Sendable)?

    let stream: OutboundStream
    let head: ResponseHead
    /// Whether the client accepts messages before the answer.
    let acceptsMessages: Bool

    /// The id.
    public var id: RequestID { message.id }
    /// The method.
    public var method: Method { Method(rawValue: message.method) }
    /// The era.
    public var era: ProtocolVersion.Era { metadata == nil ? .legacy : .modern }

    /// Sets the status and further header fields of the HTTP response, for a refusal such as 403 or 429. They have an effect if the
    /// answer is the only message, and not on stdio.
    public func setHead(status: Int, headers: HeaderFields = HeaderFields()) {
        head.set(status, headers)
    }

    /// A message was sent that MCP does not allow there.
    public struct NotAllowed: Error, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// Sends a message about this request before its answer. It waits while the client reads slowly.
    ///
    /// A client that accepts no event stream gets none of these messages.
    ///
    /// - Parameter eventID: the id of the event, for handlers that resume streams themselves (``MCPServerHandler/resume(after:session:attachment:)``).
    /// - Throws: `CancellationError` if the request is cancelled; `NotAllowed` for a response, which ``MCPServerHandler`` returns, and for a
    ///   request in the modern era (M11).
    public func send(_ message: JSONRPCMessage, eventID: String? = nil) async throws {
        switch message {
        case .response: throw NotAllowed(description: "a response is returned, not sent")
        case .request where session == nil:
            throw NotAllowed(description: "a server sends no requests in \(version); it answers input_required")
        default: break
        }
        try Task.checkCancellation()
        guard acceptsMessages else { return }
        try await stream.send(message, eventID: eventID)
    }

    /// Sends an event id without a message, with which the client can come back (2025-11-25, Transports, Sending Messages). Clients of
    /// older revisions, which would take it for a message that is not JSON, get none.
    ///
    /// - Throws: `CancellationError` if the request is cancelled.
    public func mark(eventID: String) async throws {
        guard acceptsMessages, version == .v2025_11_25 else { return }
        try await stream.send(nil, eventID: eventID)
    }

    /// Gives the event with the answer an id, if the answer comes in an event.
    public func setAnswerEventID(_ id: String?) { head.answerEventID = id }

    /// Waits until the connection of the client is gone, or the task is cancelled. In the legacy era, that does not cancel the request.
    public func waitUntilClientLeaves() async { await stream.waitUntilLeft() }

    /// The client has left, and somebody else will give it the answer when it resumes the stream: the request is over here without an
    /// answer.
    public struct ClientLeft: Error, Sendable, CustomStringConvertible {
        public init() {}
        public var description: String { "the client has left, and can resume the stream" }
    }

    /// Sends a notification about this request.
    public func notify(_ notification: JSONRPCNotification) async throws {
        try await send(.notification(notification))
    }

    /// Reports progress, if the client has asked for it.
    public func report(progress: Double, total: Double? = nil, message: String? = nil) async throws {
        guard let token = try self.message.progressToken() else { return }
        try await notify(
            ProgressParams(token: token, progress: progress, total: total, message: message).notification
        )
    }

    /// Makes a request of the client and waits for its response; legacy era. Clients that accept no event stream get it on the stream
    /// of their GET.
    public func ask(_ method: Method, params: RawJSON?) async throws -> JSONRPCResponse {
        guard let session else {
            throw NotAllowed(description: "a server sends no requests in \(version); it answers input_required")
        }
        return try await session.ask(method, params: params, on: acceptsMessages ? stream : session.stream)
    }
}
