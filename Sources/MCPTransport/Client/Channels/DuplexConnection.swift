internal import Logging
internal import MCPProtocol
internal import Synchronization

/// A connection over a channel on which all messages travel: stdio, or HTTP+SSE.
final class DuplexConnection: ClientConnection {
    /// What arrives for a request: its progress, and then its response.
    private enum Arrival: Sendable {
        case progress(@Sendable () async -> Void)
        case response(JSONRPCResponse)
    }

    private typealias ArrivalStream = AsyncThrowingStream<Arrival, any Error>
    typealias MessageStream = AsyncThrowingStream<JSONRPCMessage, any Error>

    private struct State {
        /// `nil` until the negotiation is over.
        var version: ProtocolVersion?
        var era: ProtocolVersion.Era { version?.era ?? .legacy }
        var failure: MCPClientError?
        var pending: [RequestID: ArrivalStream.Continuation] = [:]
        var subscriptions: [RequestID: (ClientSubscription, MessageStream.Continuation)] = [:]
        var watchers: [Int: AsyncThrowingStream<Never, any Error>.Continuation] = [:]
        var lastWatcher = 0
    }

    let core: ClientCore
    /// Sends the bytes of one message.
    private let write: @Sendable (RawJSON) async throws -> Void
    /// Ends the channel, and waits for its end.
    private let end: @Sendable () async -> Void
    private let notifications: AsyncStream<JSONRPCNotification>.Continuation
    private let state = Mutex(State())

    init(
        core: ClientCore,
        write: @escaping @Sendable (RawJSON) async throws -> Void,
        end: @escaping @Sendable () async -> Void
    ) {
        self.core = core
        self.write = write
        self.end = end
        // The channel is read on while a handler works: it may wait for an answer on the same channel.
        let (stream, continuation) = AsyncStream<JSONRPCNotification>.makeStream(
            bufferingPolicy: .bufferingOldest(core.limits.waitingNotifications)
        )
        notifications = continuation
        core.background.add { for await notification in stream { await core.deliverWithoutProgress(notification) } }
    }

    /// The version is known.
    func agreed(_ version: ProtocolVersion) { state.withLock { $0.version = version } }

    // MARK: - Sending

    func send(_ request: JSONRPCRequest, parameterHeaders: ParameterHeaders) async throws -> JSONRPCResponse {
        let (stream, continuation) = ArrivalStream.makeStream(
            bufferingPolicy: .bufferingOldest(core.limits.waitingNotifications + 1)
        )
        try state.withLock {
            if let failure = $0.failure { throw failure }
            $0.pending[request.id] = continuation
        }
        defer { state.withLock { $0.pending[request.id] = nil } }
        try await write(request.json)
        for try await arrival in stream {
            switch arrival {
            // Here, so that it is delivered before the response, and waits for no handler of anything else.
            case .progress(let deliver): await deliver()
            case .response(let response): return response
            }
        }
        try Task.checkCancellation()
        throw MCPClientError(.closed, "\(core.name): the connection is closed")
    }

    func notify(_ notification: JSONRPCNotification) async throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        try await write(notification.json)
    }

    func close() async {
        fail(MCPClientError(.closed, "\(core.name): the connection is closed"))
        await end()
    }

    // MARK: - Receiving

    /// Takes a message from the channel.
    ///
    /// - Throws: `MCPClientError` if the channel cannot be read on.
    func receive(_ message: JSONRPCMessage) throws {
        if let owner = state.withLock({ state in
            state.subscriptions.values.first { $0.0.owns(message) }?.1
        }) {
            guard case .dropped = owner.yield(message) else { return }
            owner.finish(throwing: overflow)
            return
        }
        switch message {
        case .response(let response):
            let waiting = response.id.flatMap { id in state.withLock { $0.pending[id] } }
            guard let waiting else {
                core.logger.debug("the server sent a response that nothing waits for")
                return
            }
            if case .dropped = waiting.yield(.response(response)) { throw overflow }
            waiting.finish()
        case .request(let request):
            guard state.withLock({ $0.era }) == .legacy else {
                core.logger.warning(
                    "the server sent a request, which it must not do in this protocol version; it is ignored",
                    metadata: ["method": "\(request.method)"]
                )
                return
            }
            core.answer(request) { [write] in try await write($0.json) }
        case .notification(let notification):
            if let progress = core.progress(in: notification),
                let waiting = state.withLock({ $0.pending[progress.request] }),
                case .dropped = waiting.yield(.progress(progress.deliver))
            {
                throw overflow
            }
            if case .dropped = notifications.yield(notification) { throw overflow }
        }
    }

    private var overflow: MCPClientError {
        .limit(
            .waitingNotifications,
            core.name,
            "\(core.limits.waitingNotifications) notifications wait for the handler"
        )
    }

    /// The channel is gone, and with it every answer. The first reason counts.
    func fail(_ error: MCPClientError) {
        let state = state.withLock { state in
            if state.failure == nil { state.failure = error }
            let before = state
            (state.pending, state.subscriptions, state.watchers) = ([:], [:], [:])
            return before
        }
        for continuation in state.pending.values { continuation.finish(throwing: error) }
        for (_, continuation) in state.subscriptions.values { continuation.finish(throwing: error) }
        for continuation in state.watchers.values { continuation.finish(throwing: error) }
        notifications.finish()
    }

    // MARK: - Changes

    func listen(_ filter: SubscriptionFilter, _ report: @escaping @Sendable (MCPChange) throws -> Void) async throws {
        if let version = state.withLock({ $0.version }), version.era == .modern {
            try await subscribe(filter, version, report)
        } else {
            try await watch(filter, report)
        }
    }

    private func subscribe(
        _ filter: SubscriptionFilter,
        _ version: ProtocolVersion,
        _ report: (MCPChange) throws -> Void
    ) async throws {
        let request = filter.request(id: core.nextID(), metadata: core.metadata(version))
        var subscription = ClientSubscription(id: request.id, requested: filter)
        let (stream, continuation) = MessageStream.makeStream(
            bufferingPolicy: .bufferingOldest(core.limits.waitingNotifications)
        )
        try state.withLock {
            if let failure = $0.failure { throw failure }
            $0.subscriptions[request.id] = (subscription, continuation)
        }
        defer { state.withLock { $0.subscriptions[request.id] = nil } }
        try await write(request.json)
        do {
            for try await message in stream where try await subscription.take(message, core, report) { return }
        } catch {
            cancel(request.id)
            throw error
        }
        cancel(request.id)
        try Task.checkCancellation()
    }

    private func cancel(_ id: RequestID) {
        let notification = CancelledParams(requestID: id).notification
        core.background.add { [write, core] in
            _ = try? await TimeLimit.run(core.limits.closeTime, clock: core.clock) {
                try await write(notification.json)
            }
        }
    }

    /// In the legacy era, changes come without asking.
    private func watch(_ filter: SubscriptionFilter, _ report: @escaping @Sendable (MCPChange) throws -> Void)
        async throws
    {
        let (stream, continuation) = AsyncThrowingStream<Never, any Error>.makeStream()
        let id = try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.lastWatcher += 1
            state.watchers[state.lastWatcher] = continuation
            return state.lastWatcher
        }
        let observer = core.addObserver { notification in
            guard filter.includes(notification) else { return }
            do {
                try report(.changed(notification))
            } catch {
                continuation.finish(throwing: error)
            }
        }
        defer {
            core.removeObserver(observer)
            state.withLock { $0.watchers[id] = nil }
        }
        try report(.listening(filter))
        for try await _ in stream {}
    }
}
