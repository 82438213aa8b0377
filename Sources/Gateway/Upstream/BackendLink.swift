internal import MCPProtocol

/// What is done with the messages that a backend sends before its answer.
struct CallMessages: Sendable {
    /// Passes a notification on.
    var notify: @Sendable (JSONRPCNotification) async throws -> Void = { _ in }
    /// Passes a request of the backend on to the client; the answer comes back another way. `nil` if there is no client that could
    /// answer: the backend gets an error.
    var ask: (@Sendable (JSONRPCRequest) async throws -> Void)?
    /// Where the client is in the stream of a legacy backend; `nil` if the client could not come back to it.
    var trail: EventTrail?

    /// Notes the id of an event of the backend.
    func note(_ eventID: String?, _ isAlone: Bool) async throws {
        guard isAlone, let eventID else { return trail?.next(eventID) ?? () }
        try await trail?.mark(eventID)
    }
}

/// A way to one backend: for one session of a client, or for all requests of one principal.
protocol BackendLink: Sendable {
    /// What was agreed on with the backend, by whoever found out what it speaks.
    var agreement: ClientNegotiation.Agreement { get }

    /// Sends a request and waits for the response. If the task is cancelled, so is the request.
    ///
    /// - Throws: `UpstreamFailure` if there is no answer, `CancellationError`.
    func call(
        _ request: JSONRPCRequest,
        _ parameterHeaders: ParameterHeaders,
        _ messages: CallMessages
    ) async throws -> JSONRPCResponse

    /// Passes a notification of the client on; errors are logged.
    func notify(_ notification: JSONRPCNotification) async
    /// Passes the client's response to a request of the backend on; errors are logged.
    func respond(_ response: JSONRPCResponse) async

    /// Reads what the backend says on its own account, until the task is cancelled.
    ///
    /// - Parameter filter: what of it is wanted, where the backend has to be asked for it.
    func listen(_ filter: SubscriptionFilter, _ messages: CallMessages) async throws

    /// The link is not used any more.
    ///
    /// - Parameter endsSession: whether the session with the backend ends as well.
    func close(endsSession: Bool) async
}
