import MCPProtocol
import Synchronization

extension MCPService {
    /// Changes what the service offers, and notifies clients of each list that is different now.
    public func update(_ change: @Sendable (inout ServiceContent) -> Void) {
        let changed = state.withLock { state in
            let before = state.content
            change(&state.content)
            return Listing.allCases.filter { before.items(of: $0) != state.content.items(of: $0) }
        }
        guard options.announcesChanges else { return }
        var methods: [Method] = []
        for listing in changed where !methods.contains(listing.changedNotification) {
            methods.append(listing.changedNotification)
        }
        for method in methods { announce(JSONRPCNotification(method: method.rawValue)) { _ in true } }
    }

    /// Notifies the clients that have subscribed to a resource that it has changed.
    public func resourceUpdated(_ uri: String) {
        let notification = JSONRPCNotification(
            method: Method.resourcesUpdated.rawValue,
            params: ["uri": .string(uri)]
        )
        announce(notification) { $0.resources.contains(uri) }
    }

    private func announce(_ notification: JSONRPCNotification, to isConcerned: (SessionState) -> Bool) {
        let (sessions, listeners) = state.withLock { state in
            (
                state.sessions.values.filter { $0.session.isReady && isConcerned($0) }.map(\.session),
                Array(state.listeners.values)
            )
        }
        for session in sessions { session.offer(notification) }
        for listener in listeners {
            // A subscriber that is behind starts again, and then asks for what it needs.
            if case .dropped = listener.yield(notification) { listener.finish() }
        }
    }

    /// Serves `subscriptions/listen` until the client leaves or the service shuts down.
    func listen(_ request: ServerRequest) async throws -> JSONRPCResponse {
        var subscription = try ServerSubscription(request.message)
        let (changes, continuation) = AsyncStream<JSONRPCNotification>.makeStream(
            bufferingPolicy: .bufferingOldest(options.maximumPendingChanges)
        )
        // Before the acknowledgement, so that no change after it is missed.
        let number = state.withLock { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            if state.isShutDown { continuation.finish() }
            return state.nextListener
        }
        defer { state.withLock { $0.listeners[number] = nil } }
        try await request.notify(subscription.acknowledge(capabilities(in: .modern)))
        for await change in changes {
            if let message = subscription.message(for: change) { try await request.notify(message) }
        }
        try Task.checkCancellation()
        guard let end = subscription.end(serverInfo: info) else { throw CancellationError() }
        return end
    }

    func subscribe(_ request: ServerRequest, _ isWanted: Bool) throws -> RawJSON {
        guard options.allowsResourceSubscriptions, let session = request.session else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        let uri = try string("uri", request)
        let content = content
        let exists =
            content.resources.contains { $0.definition.uri == uri }
            || content.resourceTemplates.contains { $0.template.match(uri) != nil }
        guard !isWanted || exists else {
            throw ProtocolError(
                .legacyResourceNotFound,
                "Resource not found: \(uri)",
                data: ["uri": .string(uri)],
                id: request.id
            )
        }
        let isDone = state.withLock { state in
            guard isWanted else {
                state.sessions[session.id]?.resources.remove(uri)
                return true
            }
            let count = state.sessions[session.id]?.resources.count ?? 0
            guard count < options.maximumSubscriptions else { return false }
            state.sessions[session.id]?.resources.insert(uri)
            return true
        }
        guard isDone else {
            throw ProtocolError(
                .invalidRequest,
                "The session has \(options.maximumSubscriptions) subscriptions; end one first",
                id: request.id
            )
        }
        return [:]
    }

    // MARK: - Sessions

    public func sessionOpened(_ session: ServerSession) async {
        state.withLock { $0.sessions[session.id] = SessionState(session: session) }
    }

    public func sessionEnded(_ session: ServerSession) async {
        state.withLock { $0.sessions[session.id] = nil }
    }

    public func shutDown() async {
        let listeners = state.withLock { state in
            state.isShutDown = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
