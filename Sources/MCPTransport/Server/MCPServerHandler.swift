public import MCPProtocol

/// What answers the requests of a server, behind any transport. The transport has checked each message against the rules of its
/// revision; the handler decides what it means.
///
/// Requests run at the same time, each in a task of its own. The task is cancelled when the client cancels the request, when the
/// request's time is over, and when the server stops.
public protocol MCPServerHandler: Sendable {
    /// Answers a request. `initialize` comes here as well; its answer opens the session. `ping` of the legacy era does not.
    ///
    /// The response is sent byte for byte. A `ProtocolError` that is thrown becomes an error response, and any other error is logged and
    /// becomes "Internal error".
    func respond(to request: ServerRequest) async throws -> JSONRPCResponse

    /// Takes a notification of the client, `notifications/cancelled` included, which the transport has acted on already.
    ///
    /// - Parameter session: of the legacy era, or `nil`.
    func receive(_ notification: JSONRPCNotification, session: ServerSession?) async

    /// Takes a response to a request that was sent as raw bytes with ``ServerSession/send(_:)`` or ``ServerRequest/send(_:)``.
    func receive(_ response: JSONRPCResponse, session: ServerSession) async

    /// A session begins; its `initialize` follows.
    func sessionOpened(_ session: ServerSession) async

    /// A session is over: by the client, by its idle time, or because `initialize` failed or the server stops.
    func sessionEnded(_ session: ServerSession) async

    /// A session is not kept here any more, and its client, or another server, may continue it: what is behind it stays. Only with
    /// ``StreamableHTTPConfiguration/sealer``.
    func sessionReleased(_ session: ServerSession) async

    /// The client has opened the stream of a session with GET.
    ///
    /// - Parameter attachment: of that request; see ``ServerRequest/attachment``.
    func streamOpened(of session: ServerSession, attachment: (any Sendable)?)

    /// The connection that carried the stream of a session is gone.
    func streamClosed(of session: ServerSession)

    /// The client comes back to a stream with an event id that the handler has given out (`Last-Event-ID`).
    ///
    /// - Parameter attachment: of that request; see ``ServerRequest/attachment``.
    /// - Returns: how the stream goes on; `nil` if the id is not one of the handler's, or what follows it cannot be had.
    func resume(
        after eventID: String,
        session: ServerSession,
        attachment: (any Sendable)?
    ) async -> StreamResumption?

    /// The server stops: end what would last, such as subscriptions. Requests in flight have the grace period to finish.
    func shutDown() async
}

extension MCPServerHandler {
    public func receive(_ notification: JSONRPCNotification, session: ServerSession?) async {}
    public func receive(_ response: JSONRPCResponse, session: ServerSession) async {}
    public func sessionOpened(_ session: ServerSession) async {}
    public func sessionEnded(_ session: ServerSession) async {}
    public func sessionReleased(_ session: ServerSession) async { await sessionEnded(session) }
    public func streamOpened(of session: ServerSession, attachment: (any Sendable)?) {}
    public func streamClosed(of session: ServerSession) {}
    public func resume(
        after eventID: String,
        session: ServerSession,
        attachment: (any Sendable)?
    ) async -> StreamResumption? { nil }
    public func shutDown() async {}
}

/// How a stream goes on that a client resumes.
public enum StreamResumption: Sendable {
    /// It is the stream of the session, which is opened again; the handler sends what the client has missed.
    case session
    /// It is the answer to a request: the work writes what follows, and ends when there is nothing more. It is cancelled when the client
    /// leaves.
    case answer(@Sendable (ResumedStream) async throws -> Void)
}

/// The answer to a request that a client resumes.
public struct ResumedStream: Sendable {
    let stream: OutboundStream
    let version: ProtocolVersion

    /// Sends a message; the response is the last one.
    ///
    /// - Throws: `CancellationError` if the client is gone.
    public func send(_ message: JSONRPCMessage, eventID: String?) async throws {
        try await stream.send(message, eventID: eventID)
    }

    /// Sends an event id without a message, as ``ServerRequest/mark(eventID:)``.
    public func mark(eventID: String) async throws {
        guard version == .v2025_11_25 else { return }
        try await stream.send(nil, eventID: eventID)
    }
}
