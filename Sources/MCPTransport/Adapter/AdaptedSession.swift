internal import Logging
internal import MCPProtocol
internal import Synchronization

/// A session of a legacy client, and the process behind it.
protocol AdaptedSession: Sendable {
    var conversation: ProcessConversation { get }
    var session: ServerSession { get }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse
    func receive(_ notification: JSONRPCNotification) async
    func receive(_ response: JSONRPCResponse) async
    /// The session is over.
    func end() async
}

/// A session with a legacy process of its own: every message is passed on byte for byte.
final class DirectSession: AdaptedSession {
    private struct State {
        /// The requests that the process works on, in the order of their start.
        var inFlight: [ServerRequest] = []
        /// The requests of the process that the client has not answered.
        var open: Set<RequestID> = []
    }

    let conversation: ProcessConversation
    let session: ServerSession
    private let deliveryTime: Duration
    private let time: ServerTime
    private let runner: RequestRunner
    private let state = Mutex(State())

    init(
        _ session: ServerSession,
        _ conversation: ProcessConversation,
        deliveryTime: Duration,
        time: ServerTime,
        runner: RequestRunner
    ) {
        self.session = session
        self.conversation = conversation
        self.deliveryTime = deliveryTime
        self.time = time
        self.runner = runner
        conversation.onUnsolicited { [weak self] message in await self?.deliver(message) }
    }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        state.withLock { $0.inFlight.append(request) }
        defer {
            state.withLock { state in
                if let index = state.inFlight.firstIndex(where: { $0.id == request.id }) {
                    state.inFlight.remove(at: index)
                }
            }
        }
        return try await conversation.exchange(request.message, token: try request.message.progressToken()) {
            // The process waits while the client reads slowly.
            try? await request.notify($0)
        }
    }

    func receive(_ notification: JSONRPCNotification) async {
        // The cancellation of a request is passed on when its work is stopped.
        guard notification.method != Method.cancelled.rawValue else { return }
        await conversation.send(notification.json)
    }

    func receive(_ response: JSONRPCResponse) async {
        guard let id = response.id, state.withLock({ $0.open.remove(id) }) != nil else { return }
        await conversation.send(response.json)
    }

    func end() async { conversation.close() }

    /// Passes on what the process sends without being asked. Over HTTP such a message goes onto one of several streams; over stdio it
    /// does not say to which request it belongs. The latest request is the best guess.
    private func deliver(_ message: JSONRPCMessage) async {
        let latest = state.withLock { state in
            state.inFlight.last { request in
                request.acceptsMessages && request.method != .initialize && conversation.isPending(request.id)
            }
        }
        switch message {
        case .notification(let notification):
            if let latest, notification.method == Method.message.rawValue {
                try? await latest.notify(notification)
            } else {
                try? await session.send(message)
            }
        case .request(let request):
            state.withLock { _ = $0.open.insert(request.id) }
            if let latest {
                try? await latest.send(message)
            } else {
                try? await session.send(message)
                if !session.stream.hasReader { expireUnlessRead(request) }
            }
        case .response: break
        }
    }

    /// Answers a request of the process with an error if its client has no stream on which it could arrive.
    private func expireUnlessRead(_ request: JSONRPCRequest) {
        _ = runner.submit { [self] in
            try? await time.sleep(for: deliveryTime)
            guard !session.stream.hasReader, state.withLock({ $0.open.remove(request.id) }) != nil else { return }
            await conversation.refuse(request, "the client has not opened a stream with GET")
        }
    }
}

/// A session whose process speaks the other era, or has other clients as well.
final class TranslatedSession: AdaptedSession {
    private struct State {
        var logLevel: String?
        var resources: Set<String> = []
        var observer: Int?
        var listening: Signal?
        var isOver = false
    }

    let conversation: ProcessConversation
    let session: ServerSession
    private let agreement: ClientNegotiation.Agreement
    /// Whether the process belongs to this session.
    private let isOwner: Bool
    private let runner: RequestRunner
    private let state = Mutex(State())

    private static let maximumResources = 1_000

    init(
        _ session: ServerSession,
        _ conversation: ProcessConversation,
        _ agreement: ClientNegotiation.Agreement,
        isOwner: Bool,
        runner: RequestRunner
    ) {
        self.session = session
        self.conversation = conversation
        self.agreement = agreement
        self.isOwner = isOwner
        self.runner = runner
        conversation.use(1)
    }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        switch request.method {
        case .initialize:
            return JSONRPCResponse(
                id: request.id,
                result: EraTranslation.initialization(agreement, version: request.version)
            )
        case .resourcesSubscribe: return try await subscribe(request, true)
        case .resourcesUnsubscribe: return try await subscribe(request, false)
        case .loggingSetLevel where agreement.version.era == .modern:
            state.withLock { $0.logLevel = request.message.params?["level"]?.stringValue }
            return JSONRPCResponse(id: request.id, result: [:])
        case .loggingSetLevel, .tasksList, .tasksGet, .tasksResult, .tasksCancel:
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        default: break
        }
        guard agreement.version.era == .modern else {
            return try await conversation.call(request.message) { try await request.notify($0) }
        }
        return try await complete(request)
    }

    /// Makes a request of a process of 2026-07-28, and lets the client answer what the process asks for.
    private func complete(_ request: ServerRequest) async throws -> JSONRPCResponse {
        let metadata = RequestMetadata(
            protocolVersion: agreement.version,
            clientCapabilities: request.clientCapabilities,
            clientInfo: request.clientInfo,
            logLevel: state.withLock { $0.logLevel }
        )
        return try await EraTranslation.complete(
            request,
            request.message.with(metadata: metadata),
            nextID: { conversation.nextID() },
            call: { message in
                try await conversation.call(message) { try await request.notify(EraTranslation.legacy($0)) }
            }
        )
    }

    func receive(_ notification: JSONRPCNotification) async {
        guard notification.method == Method.initialized.rawValue else { return }
        listen()
    }

    func receive(_ response: JSONRPCResponse) async {}

    func end() async {
        let before = state.withLock { state in
            defer { state = State(isOver: true) }
            return state
        }
        guard !before.isOver else { return }
        before.listening?.finish()
        if let observer = before.observer { conversation.removeObserver(observer) }
        conversation.use(-1)
        if isOwner { return conversation.close() }
        guard agreement.version.era == .legacy else { return }
        for uri in before.resources {
            _ = runner.submit { [conversation] in _ = try? await conversation.follow(uri, false) }
        }
    }

    // MARK: - Changes

    private func subscribe(_ request: ServerRequest, _ isWanted: Bool) async throws -> JSONRPCResponse {
        guard agreement.capabilities.resourcesSubscribe else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        guard let uri = request.message.params?["uri"]?.stringValue else {
            throw MessageFieldError(field: "params.uri", problem: "must be a string")
        }
        let isChange = try state.withLock { state in
            guard isWanted else { return state.resources.remove(uri) != nil }
            guard state.resources.count < Self.maximumResources else {
                throw ProtocolError(
                    .invalidRequest,
                    "The session has \(Self.maximumResources) subscriptions; end one first",
                    id: request.id
                )
            }
            return state.resources.insert(uri).inserted
        }
        if isChange {
            if agreement.version.era == .modern {
                listen()
            } else if let error = try await conversation.follow(uri, isWanted)?.error {
                state.withLock { _ = $0.resources.remove(uri) }
                return JSONRPCResponse(id: request.id, error: error)
            }
        }
        return JSONRPCResponse(id: request.id, result: [:])
    }

    /// Passes changes on to the client from now on.
    private func listen() {
        guard agreement.version.era == .modern else {
            let isNew = state.withLock { $0.observer == nil && !$0.isOver }
            guard isNew else { return }
            let observer = conversation.observe { [weak self] notification in self?.announce(notification) }
            state.withLock { $0.observer = observer }
            return
        }
        let stop = Signal()
        let filter = state.withLock { state -> SubscriptionFilter? in
            state.listening?.finish()
            guard !state.isOver else { return nil }
            state.listening = stop
            return SubscriptionFilter(
                toolsListChanged: true,
                promptsListChanged: true,
                resourcesListChanged: true,
                resourceSubscriptions: state.resources
            ).honored(by: agreement.capabilities)
        }
        guard let filter, filter != SubscriptionFilter() else { return }
        let metadata = RequestMetadata(
            protocolVersion: agreement.version,
            clientCapabilities: session.clientCapabilities,
            clientInfo: session.clientInfo
        )
        let request = filter.request(id: "listen", metadata: metadata)
        _ = runner.submit { [conversation, session] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try? await conversation.call(request) { notification in
                        guard notification.method != Method.subscriptionsAcknowledged.rawValue else { return }
                        session.offer(EraTranslation.legacy(notification))
                    }
                }
                group.addTask { while await stop.wait() {} }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func announce(_ notification: JSONRPCNotification) {
        if notification.method == Method.resourcesUpdated.rawValue {
            guard let uri = notification.params?["uri"]?.stringValue,
                state.withLock({ $0.resources.contains(uri) })
            else { return }
        }
        session.offer(notification)
    }
}
