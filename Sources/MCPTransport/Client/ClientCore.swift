internal import Logging
internal import MCPProtocol
internal import Synchronization

/// What all transports of a client share: ids, the requests in flight in both directions, and where the server's messages go.
final class ClientCore: Sendable {
    private struct State {
        var ids = RequestIDSequence()
        var outgoing: OutgoingRequests
        var incoming: IncomingRequests
        /// Where the progress of a request goes.
        var progress: [RequestID: @Sendable (ProgressParams) async -> Void] = [:]
        /// How to stop the work on a request of the server.
        var stops: [RequestID: AsyncStream<Void>.Continuation] = [:]
        /// Refusals that are being sent.
        var refusals = 0
        var observers: [Int: @Sendable (JSONRPCNotification) async -> Void] = [:]
        var lastObserver = 0
    }

    /// The URL or the command, for messages.
    let name: String
    let options: MCPClientOptions
    let handlers: MCPClientHandlers
    let clock: any Clock<Duration>
    let logger: Logger
    let background = BackgroundTasks()
    private let state: Mutex<State>

    init(
        _ endpoint: MCPEndpoint,
        options: MCPClientOptions,
        handlers: MCPClientHandlers,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        name = endpoint.description
        self.options = options
        self.handlers = handlers
        self.clock = clock
        var logger = logger
        logger[metadataKey: "server"] = "\(name)"
        self.logger = logger
        let limit = options.limits.requestsInFlight
        state = Mutex(
            State(
                outgoing: OutgoingRequests(cancelling: .notification, maximumInFlight: limit),
                incoming: IncomingRequests(era: .legacy, maximumInFlight: limit)
            )
        )
    }

    var limits: ClientLimits { options.limits }

    // MARK: - Requests of the client

    func nextID() -> RequestID { state.withLock { $0.ids.next() } }

    /// The metadata of requests of the modern era.
    func metadata(_ version: ProtocolVersion) -> RequestMetadata {
        RequestMetadata(
            protocolVersion: version,
            clientCapabilities: options.capabilities,
            clientInfo: options.clientInfo
        )
    }

    /// Called once, when era and transport are known.
    func agreed(_ agreement: ClientNegotiation.Agreement) {
        let closesStreams = agreement.version.era == .modern && agreement.transport == .streamableHTTP
        state.withLock {
            $0.outgoing = OutgoingRequests(
                cancelling: closesStreams ? .closingStream : .notification,
                maximumInFlight: limits.requestsInFlight
            )
        }
    }

    func start(_ request: JSONRPCRequest, onProgress: (@Sendable (ProgressParams) async -> Void)? = nil) throws {
        do {
            try state.withLock {
                try $0.outgoing.start(request)
                $0.progress[request.id] = onProgress
            }
        } catch let refusal as OutgoingRequests.Refusal {
            if case .tooMany(let limit) = refusal {
                throw MCPClientError.limit(.requestsInFlight, name, "\(limit) requests have no answer yet")
            }
            throw MCPClientError(
                .invalidRequest,
                "\(name): the request cannot be sent: \(refusal)",
                underlying: refusal
            )
        }
    }

    func finished(_ response: JSONRPCResponse) {
        state.withLock {
            _ = $0.outgoing.receive(response)
            if let id = response.id { $0.progress[id] = nil }
        }
    }

    func stop(_ id: RequestID, reason: String) -> OutgoingRequests.StopAction {
        state.withLock {
            $0.progress[id] = nil
            return $0.outgoing.cancel(id, reason: reason)
        }
    }

    // MARK: - What the server sends

    /// The progress in a notification, and the request that it is about.
    ///
    /// - Returns: `nil` if it has none, or nobody waits for it.
    func progress(in notification: JSONRPCNotification) -> (request: RequestID, deliver: @Sendable () async -> Void)? {
        guard notification.method == Method.progress.rawValue, let progress = try? ProgressParams(of: notification)
        else { return nil }
        return state.withLock { state in
            guard case .deliver(let id) = state.outgoing.receive(progress), let handler = state.progress[id]
            else { return nil }
            return (id, { await handler(progress) })
        }
    }

    /// Hands a notification to all its handlers. Returns when they are done with it.
    func deliver(_ notification: JSONRPCNotification) async {
        await progress(in: notification)?.deliver()
        await deliverWithoutProgress(notification)
    }

    /// Hands a notification to its handlers other than the one for progress. Returns when they are done with it.
    func deliverWithoutProgress(_ notification: JSONRPCNotification) async {
        if notification.method == Method.cancelled.rawValue, let params = try? CancelledParams(of: notification) {
            state.withLock { $0.incoming.cancel(params.requestID) ? $0.stops[params.requestID] : nil }?.finish()
        }
        for observer in state.withLock({ Array($0.observers.values) }) { await observer(notification) }
        await handlers.notification(notification)
    }

    /// Answers a request of the server, in the background.
    func answer(_ request: JSONRPCRequest, reply: @escaping @Sendable (JSONRPCResponse) async throws -> Void) {
        let (stop, continuation) = AsyncStream<Void>.makeStream()
        let refusal = state.withLock { state -> ProtocolError? in
            do throws(ProtocolError) {
                try state.incoming.receive(request)
                state.stops[request.id] = continuation
                return nil
            } catch {
                return error
            }
        }
        if let refusal {
            // A flood of requests must not become a flood of answers.
            let isAnswered = state.withLock { state in
                guard state.refusals < 10 else { return false }
                state.refusals += 1
                return true
            }
            guard isAnswered else { return }
            background.add { [self] in
                await send(refusal.response, reply)
                state.withLock { $0.refusals -= 1 }
            }
            return
        }
        background.add { [self] in
            let outcome = await work(on: request, until: stop)
            // It counts as in flight until its answer is sent.
            defer {
                state.withLock {
                    $0.stops[request.id] = nil
                    _ = $0.incoming.complete(request.id)
                }
            }
            guard state.withLock({ $0.incoming.mayNotify(about: request.id) }), let outcome else { return }
            switch outcome {
            case .result(let result): await send(JSONRPCResponse(id: request.id, result: result), reply)
            case .error(let error): await send(JSONRPCResponse(id: request.id, error: error), reply)
            }
        }
    }

    private func work(on request: JSONRPCRequest, until stop: AsyncStream<Void>) async -> JSONRPCResponse.Outcome? {
        if request.method == Method.ping.rawValue { return .result([:]) }
        return await withTaskGroup(of: JSONRPCResponse.Outcome?.self) { group in
            group.addTask { await self.handlers.request(request) }
            group.addTask {
                for await _ in stop {}
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func send(
        _ response: JSONRPCResponse,
        _ reply: @escaping @Sendable (JSONRPCResponse) async throws -> Void
    ) async {
        do {
            try await TimeLimit.run(limits.requestTime, clock: clock) { try await reply(response) }
        } catch {
            logger.debug("the answer to a request of the server was not sent", metadata: ["error": "\(error)"])
        }
    }

    /// Has a closure called with each notification, until ``removeObserver(_:)``.
    func addObserver(_ observer: @escaping @Sendable (JSONRPCNotification) async -> Void) -> Int {
        state.withLock {
            $0.lastObserver += 1
            $0.observers[$0.lastObserver] = observer
            return $0.lastObserver
        }
    }

    func removeObserver(_ id: Int) { state.withLock { $0.observers[id] = nil } }

    // MARK: - Errors

    /// Reads a message of the server.
    func parse(_ bytes: [UInt8]) throws -> JSONRPCMessage {
        do throws(ProtocolError) {
            return try JSONRPCMessage(parsing: bytes, limits: limits.message)
        } catch {
            // The error of the message does not say which limit it was.
            do throws(JSONSyntaxError) {
                _ = try RawJSON(parsing: bytes, limits: limits.message)
            } catch {
                if case .tooManyBytes(let limit) = error.reason {
                    throw MCPClientError.limit(.messageBytes, name, "a message has more than \(limit) bytes")
                }
                if error.exceedsLimit { throw MCPClientError.limit(.depth, name, "a message is too complex: \(error)") }
            }
            throw MCPClientError.invalid(error.message, name, underlying: error)
        }
    }

    func timedOut(_ what: String, after limit: Duration) -> MCPClientError {
        MCPClientError(.timedOut, "\(name): \(what) within \(limit); check the server's log, or raise the time limit")
    }
}
