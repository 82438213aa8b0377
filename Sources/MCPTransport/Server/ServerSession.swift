public import MCPProtocol
import Synchronization

/// A session of the legacy era: from `initialize` to its end over HTTP, or a stdio connection.
public final class ServerSession: Sendable {
    struct State {
        var machine: LegacyServerSession
        var incoming: IncomingRequests
        var outgoing: OutgoingRequests
        var ids = RequestIDSequence()
        var answers: [RequestID: AsyncStream<JSONRPCResponse>.Continuation] = [:]
        /// How to stop the requests in flight.
        var cancellations: [RequestID: Signal] = [:]
        var client: InitializeParams?
        var continuation: [UInt8] = []
        /// The version that the answer to `initialize` has set, which the handler may have chosen itself.
        var version: ProtocolVersion
        var lastUsed: Duration
        /// Requests in flight and open streams: a session that has any is not idle.
        var uses = 0
        var replayStreams: [OutboundStream] = []
        var nextStream = 1
        /// Fires when a request is done, once the session is closing.
        var closing: Signal?
    }

    /// The name of the session. Over HTTP it is the value of `Mcp-Session-Id`, which is a secret of the client: do not log it.
    public let id: String
    /// A name for logs, which is not a secret.
    public let logID: String
    /// Who has opened it.
    public let principal: Principal

    /// The stream for what belongs to no request: that of GET, or the stdio connection.
    let stream: OutboundStream
    let state: Mutex<State>
    let limits: ServerLimits
    let opened: Duration
    private let time: ServerTime
    private let onClose: @Sendable (ServerSession) -> Void

    init(
        id: String,
        logID: String,
        principal: Principal,
        versions: SupportedVersions,
        limits: ServerLimits,
        time: ServerTime,
        stream: OutboundStream,
        onClose: @escaping @Sendable (ServerSession) -> Void
    ) {
        self.id = id
        self.logID = logID
        self.principal = principal
        self.limits = limits
        self.time = time
        self.stream = stream
        self.onClose = onClose
        opened = time.now
        state = Mutex(
            State(
                machine: LegacyServerSession(versions: versions),
                incoming: IncomingRequests(era: .legacy, maximumInFlight: limits.maximumRequestsPerSession),
                outgoing: OutgoingRequests(cancelling: .notification),
                version: .v2025_03_26,
                lastUsed: time.now
            )
        )
    }

    /// The version of the session.
    public var version: ProtocolVersion { state.withLock { $0.version } }
    /// What the client can do. Nothing before `initialize`.
    public var clientCapabilities: ClientCapabilities {
        state.withLock { $0.client?.capabilities } ?? ClientCapabilities()
    }
    /// Who the client says it is.
    public var clientInfo: Implementation? { state.withLock { $0.client?.clientInfo } }
    /// Whether the client has said that it is ready, so that the server may send requests.
    public var isReady: Bool { state.withLock { $0.machine.isOpen } }

    /// The session has ended before the client answered.
    public struct Ended: Error, Sendable, CustomStringConvertible {
        public var description: String { "the session has ended" }
    }

    /// The server cannot make another request of the client now.
    public struct TooManyRequests: Error, Sendable, CustomStringConvertible {
        /// Why.
        public let description: String
    }

    /// What the handler needs to continue the session in another process, where ids of sessions contain them
    /// (``StreamableHTTPConfiguration/sealer``). It is set before `initialize` is answered, and kept small.
    public var continuation: [UInt8] {
        get { state.withLock { $0.continuation } }
        set { state.withLock { $0.continuation = newValue } }
    }

    /// What another server needs to continue the session; `nil` before `initialize` and after the end.
    var sealed: SealedSession? {
        state.withLock { state in
            guard let client = state.client, state.machine.version != nil else { return nil }
            return SealedSession(
                id: id,
                version: state.version,
                clientCapabilities: client.capabilities,
                clientInfo: client.clientInfo,
                continuation: state.continuation
            )
        }
    }

    /// Continues a session that another server has opened.
    func restore(_ sealed: SealedSession, versions: SupportedVersions) {
        state.withLock { state in
            state.machine = LegacyServerSession(resuming: sealed.version, versions: versions)
            state.version = sealed.version
            state.continuation = sealed.continuation
            state.client = InitializeParams(
                protocolVersion: sealed.version,
                capabilities: sealed.clientCapabilities,
                clientInfo: sealed.clientInfo ?? Implementation(name: "unknown", version: "0")
            )
        }
    }

    // MARK: - To the client

    /// Sends a message that belongs to no request: on the stream that the client has opened with GET, or will; over stdio at once.
    ///
    /// - Parameter eventID: the id of the event, for handlers that resume streams themselves.
    public func send(_ message: JSONRPCMessage, eventID: String? = nil) async throws {
        try await stream.send(message, eventID: eventID)
    }

    /// Whether a request of the client is worked on here.
    public func isInFlight(_ id: RequestID) -> Bool { state.withLock { $0.incoming.inFlight.contains(id) } }

    /// Sends a notification without waiting.
    ///
    /// - Returns: `false` if the client reads so slowly that it was not sent.
    @discardableResult public func offer(_ notification: JSONRPCNotification) -> Bool {
        stream.offer(.notification(notification))
    }

    /// Makes a request of the client and waits for its response, for at most ``ServerLimits/clientResponseTime``.
    ///
    /// - Throws: `Ended` if the session ends before; `CancellationError`; an error if the time is over.
    public func ask(_ method: Method, params: RawJSON?) async throws -> JSONRPCResponse {
        try await ask(method, params: params, on: stream)
    }

    func ask(_ method: Method, params: RawJSON?, on stream: OutboundStream) async throws -> JSONRPCResponse {
        let (answers, continuation) = AsyncStream<JSONRPCResponse>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let request = try state.withLock { state in
            let request = JSONRPCRequest(id: state.ids.next(), method: method.rawValue, params: params)
            do throws(OutgoingRequests.Refusal) {
                try state.outgoing.start(request)
            } catch {
                throw TooManyRequests(description: "\(error)")
            }
            state.answers[request.id] = continuation
            return request
        }
        do {
            try await stream.send(.request(request))
            return try await time.limit(limits.clientResponseTime) {
                for await answer in answers { return answer }
                try Task.checkCancellation()
                throw Ended()
            }
        } catch {
            let action = state.withLock { state in
                state.answers[request.id] = nil
                return error is TimeLimitExceeded
                    ? state.outgoing.timedOut(request.id) : state.outgoing.cancel(request.id)
            }
            if case .send(let notification) = action { stream.offer(.notification(notification)) }
            throw error
        }
    }

    /// Ends the session, because what serves it is gone. Requests in flight still get the answers that the handler returns; new ones are
    /// refused as in a session that has ended. A stdio server stops.
    public func close() {
        let isFirst = state.withLock { state in
            guard state.closing == nil else { return false }
            state.closing = Signal()
            return true
        }
        if isFirst { onClose(self) }
    }

    /// Whether ``close()`` was called.
    var isClosing: Bool { state.withLock { $0.closing != nil } }

    /// Waits until no request is in flight, once the session is closing.
    func idle() async {
        while true {
            let signal = state.withLock { $0.incoming.inFlight.isEmpty ? nil : $0.closing }
            guard let signal, await signal.wait() else { return }
        }
    }

    // MARK: - From the client

    /// Takes a response of the client.
    ///
    /// - Returns: `false` if it answers no request that ``ask(_:params:)`` has made.
    func deliver(_ response: JSONRPCResponse) -> Bool {
        let answer = state.withLock { state -> AsyncStream<JSONRPCResponse>.Continuation?? in
            switch state.outgoing.receive(response) {
            case .deliver(let request): return .some(state.answers.removeValue(forKey: request.id))
            case .late: return .some(nil)
            case .unknown: return nil
            }
        }
        guard let answer else { return false }
        answer?.yield(response)
        return true
    }

    /// The client cancels a request.
    func cancel(_ notification: JSONRPCNotification) {
        guard let params = try? CancelledParams(of: notification) else { return }
        state.withLock { state in
            guard state.incoming.cancel(params.requestID) else { return }
            state.cancellations[params.requestID]?.finish()
        }
    }

    /// Starts the work on a request.
    func begin(_ request: JSONRPCRequest, cancellation: Signal) throws(ProtocolError) {
        try state.withLock { state throws(ProtocolError) in
            try state.incoming.receive(request)
            state.cancellations[request.id] = cancellation
            state.uses += 1
        }
    }

    /// The work on a request is done.
    ///
    /// - Returns: whether its response is sent.
    func complete(_ id: RequestID) -> Bool {
        state.withLock { state in
            state.cancellations[id] = nil
            state.uses -= 1
            state.lastUsed = time.now
            defer { state.closing?.fire() }
            return state.incoming.complete(id)
        }
    }

    /// The client has used the session.
    func touch() { state.withLock { $0.lastUsed = time.now } }

    /// A stream of the session is opened or closed.
    func use(_ change: Int) {
        state.withLock { state in
            state.uses += change
            state.lastUsed = time.now
        }
    }

    /// Whether the session was idle for too long.
    func isExpired() -> Bool {
        state.withLock { $0.uses == 0 && time.now - $0.lastUsed >= limits.sessionIdleTime }
    }

    /// Ends the session: cancels its requests and closes its streams.
    ///
    /// - Returns: `false` if it was over already.
    func end() -> Bool {
        let isFirst = state.withLock { state in
            guard state.machine.end() else { return false }
            for signal in state.cancellations.values { signal.finish() }
            for answer in state.answers.values { answer.finish() }
            state.answers = [:]
            _ = state.outgoing.connectionLost()
            state.replayStreams = []
            return true
        }
        stream.finish()
        return isFirst
    }

    // MARK: - Streams

    /// A stream for the answer to a request.
    func makeAnswerStream() -> OutboundStream {
        let number = state.withLock { state in
            defer { state.nextStream += 1 }
            return state.nextStream
        }
        return OutboundStream(number: number, limits: limits.legacyStream)
    }

    /// Keeps a stream, so that the client can resume it.
    func keep(_ stream: OutboundStream) {
        guard limits.maximumReplayEvents > 0 else { return }
        state.withLock { state in
            state.replayStreams.append(stream)
            let surplus = state.replayStreams.count - limits.maximumReplayStreams - state.incoming.inFlight.count
            if surplus > 0 { state.replayStreams.removeFirst(surplus) }
        }
    }

    /// The stream of an event id.
    func stream(number: Int) -> OutboundStream? {
        number == 0 ? stream : state.withLock { state in state.replayStreams.first { $0.number == number } }
    }
}

extension ServerLimits {
    /// The queue of a stream that can be resumed.
    var legacyStream: OutboundQueue.Limits {
        OutboundQueue.Limits(
            unread: maximumUnreadMessages,
            replayEvents: maximumReplayEvents,
            replayBytes: maximumReplayBytes
        )
    }

    /// The queue of a stream that ends with its connection.
    var passingStream: OutboundQueue.Limits {
        OutboundQueue.Limits(unread: maximumUnreadMessages, replayEvents: 0, replayBytes: 0)
    }
}
