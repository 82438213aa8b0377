internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// Knows which resources somebody has subscribed to, so that only those are compared with their last state.
final class SubscribedHandler: MCPServerHandler {
    private struct State {
        /// Legacy era: by session.
        var sessions: [String: Set<String>] = [:]
        /// 2026-07-28: by stream.
        var streams: [Int: Set<String>] = [:]
        var nextStream = 0
    }

    private let base: MCPService
    private let prepare: @Sendable (Set<String>) async -> Void
    private let state = Mutex(State())

    /// - Parameter prepare: is called with the resources of a subscription before it is acknowledged, so that a change after that can be
    ///   told from the state before.
    init(base: MCPService, prepare: @escaping @Sendable (Set<String>) async -> Void) {
        self.base = base
        self.prepare = prepare
    }

    /// The subscribed resources.
    var uris: Set<String> {
        state.withLock { state in
            state.streams.values.reduce(state.sessions.values.reduce([]) { $0.union($1) }) { $0.union($1) }
        }
    }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        switch request.method {
        case .subscriptionsListen:
            let uris = (try? SubscriptionFilter(params: request.message.params))?.resourceSubscriptions ?? []
            let stream = state.withLock { state in
                state.nextStream += 1
                state.streams[state.nextStream] = uris
                return state.nextStream
            }
            defer { state.withLock { $0.streams[stream] = nil } }
            await prepare(uris)
            return try await base.respond(to: request)
        case .resourcesSubscribe, .resourcesUnsubscribe:
            let response = try await base.respond(to: request)
            // Only what the service has accepted counts.
            guard let session = request.session, let uri = request.message.params?["uri"]?.stringValue else {
                return response
            }
            let isWanted = request.method == .resourcesSubscribe
            state.withLock { state in
                if isWanted {
                    state.sessions[session.id, default: []].insert(uri)
                } else {
                    state.sessions[session.id]?.remove(uri)
                }
            }
            if isWanted { await prepare([uri]) }
            return response
        default: return try await base.respond(to: request)
        }
    }

    func receive(_ notification: JSONRPCNotification, session: ServerSession?) async {
        await base.receive(notification, session: session)
    }

    func receive(_ response: JSONRPCResponse, session: ServerSession) async {
        await base.receive(response, session: session)
    }

    func sessionOpened(_ session: ServerSession) async { await base.sessionOpened(session) }

    func sessionEnded(_ session: ServerSession) async {
        state.withLock { $0.sessions[session.id] = nil }
        await base.sessionEnded(session)
    }

    func shutDown() async { await base.shutDown() }
}

/// The last states of subscribed resources.
final class SubscribedStates: Sendable {
    private let states = Mutex<[String: [UInt8]]>([:])

    /// Forgets all other resources.
    func keep(_ uris: Set<String>) { states.withLock { $0 = $0.filter { uris.contains($0.key) } } }

    /// Keeps a state, unless there is one.
    func establish(_ state: [UInt8], of uri: String) {
        states.withLock { states in
            if states[uri] == nil { states[uri] = state }
        }
    }

    /// Whether there is a state.
    func has(_ uri: String) -> Bool { states.withLock { $0[uri] != nil } }

    /// Keeps a state.
    ///
    /// - Returns: whether there was another one before.
    func replace(_ state: [UInt8], of uri: String) -> Bool {
        states.withLock { states in
            let old = states.updateValue(state, forKey: uri)
            return old != nil && old != state
        }
    }
}
