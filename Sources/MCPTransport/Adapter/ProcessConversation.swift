internal import Logging
internal import MCPProtocol
internal import Observability
internal import Synchronization

/// The messages to and from one process: which answer belongs to which request, and what belongs to none.
final class ProcessConversation: Sendable {
    /// What becomes of what the process sends without being asked.
    typealias Unsolicited = @Sendable (JSONRPCMessage) async -> Void
    /// What becomes of a notification about a request.
    typealias Notify = @Sendable (JSONRPCNotification) async -> Void

    private struct Pending {
        let answer: PendingAnswer
        let token: ProgressToken?
        let notify: Notify
    }

    private enum Phase {
        case starting
        case ready(ClientNegotiation.Agreement?)
        case ended(AdaptedProcess.End)
    }

    private struct State {
        var process: AdaptedProcess?
        var phase = Phase.starting
        var isClosed = false
        var pending: [RequestID: Pending] = [:]
        var tokens: [ProgressToken: RequestID] = [:]
        var ids = RequestIDSequence()
        /// Requests, sessions and subscriptions.
        var uses = 0
        var lastUsed: Duration
        var unsolicited: Unsolicited?
        var observers: [Int: @Sendable (JSONRPCNotification) -> Void] = [:]
        var lastObserver = 0
        var parameterHeaders: [String: ParameterHeaders] = [:]
        var subscribers: [String: Int] = [:]
    }

    /// A name for logs.
    let number: Int
    let logger: Logger
    /// Whether the adapter opens the session with the process itself; otherwise a client's `initialize` does.
    private let negotiates: Bool
    private let configuration: AdapterConfiguration
    private let time: ServerTime
    private let metrics: AdapterMetrics
    private let runner: RequestRunner
    private let remembered: ClientNegotiation.Agreement?
    private let ready = Signal()
    private let ended = Signal()
    private let state: Mutex<State>

    init(
        number: Int,
        negotiates: Bool,
        remembered: ClientNegotiation.Agreement?,
        _ configuration: AdapterConfiguration,
        time: ServerTime,
        runner: RequestRunner,
        logger: Logger,
        metrics: AdapterMetrics
    ) {
        self.number = number
        self.negotiates = negotiates
        self.remembered = remembered
        self.configuration = configuration
        self.time = time
        self.runner = runner
        self.logger = logger
        self.metrics = metrics
        state = Mutex(State(lastUsed: time.now))
    }

    // MARK: - Life

    /// Runs the process until it is gone.
    func run() async -> AdaptedProcess.End {
        var versions = SupportedVersions.all
        var end: AdaptedProcess.End
        repeat {
            let process = AdaptedProcess(configuration, time: time, logger: logger, metrics: metrics)
            let isClosed = state.withLock { state in
                state.process = process
                return state.isClosed
            }
            if isClosed { process.close() }
            let refusal: String?
            (end, refusal) = await run(process, versions)
            if case .ended = end, isStarting, negotiates, remembered == nil, !versions.modern.isEmpty {
                // An old server may end at a request that it does not know.
                versions = SupportedVersions(versions.legacy)
                failPending()
                continue
            }
            if let refusal, isStarting, case .closed = end { end = .refused(refusal) }
            break
        } while true
        state.withLock { $0.phase = .ended(end) }
        failPending()
        ready.finish()
        ended.finish()
        return end
    }

    private func run(_ process: AdaptedProcess, _ versions: SupportedVersions) async -> (AdaptedProcess.End, String?) {
        await withTaskGroup(of: (AdaptedProcess.End?, String?).self) { group in
            group.addTask {
                let end = await process.run { await self.receive($0) }
                self.failPending()
                return (end, nil)
            }
            if negotiates {
                group.addTask { (nil, await self.negotiate(process, versions)) }
            } else {
                state.withLock { $0.phase = .ready(nil) }
                ready.finish()
            }
            var end = AdaptedProcess.End.closed
            var refusal: String?
            for await part in group {
                if let ended = part.0 { end = ended }
                if let problem = part.1 {
                    refusal = problem
                    await process.waitForStatus()
                    process.close()
                }
            }
            return (end, refusal)
        }
    }

    /// Opens the session with the process.
    ///
    /// - Returns: why there is none.
    private func negotiate(_ process: AdaptedProcess, _ versions: SupportedVersions) async -> String? {
        var negotiation = ClientNegotiation(versions: versions, transport: .stdio, remembered: remembered)
        var action = negotiation.start()
        let metadata = RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: configuration.clientInfo)
        while true {
            let request: JSONRPCRequest
            var limit = configuration.startTime
            switch action {
            case .discover(let version):
                var metadata = metadata
                metadata.protocolVersion = version
                request = DiscoverResult.request(id: nextID(), metadata: metadata)
                if !versions.legacy.isEmpty { limit = configuration.discoverTime }
            case .initialize(let version):
                request = InitializeParams(
                    protocolVersion: version,
                    capabilities: ClientCapabilities(),
                    clientInfo: configuration.clientInfo
                ).request(id: nextID())
            case .openEventStream: return "it does not speak MCP"
            case .fail(let failure): return "\(failure)"
            case .ready(let agreement):
                if agreement.version.era == .legacy {
                    try? await process.write(JSONRPCNotification.initialized.json)
                }
                state.withLock { $0.phase = .ready(agreement) }
                ready.finish()
                logger.info(
                    "a process is ready",
                    metadata: ["version": "\(agreement.version)", "server": "\(agreement.serverInfo?.name ?? "")"]
                )
                return nil
            }
            do {
                action = negotiation.receive(
                    .response(try await time.limit(limit) { try await self.exchange(request) })
                )
            } catch is TimeLimitExceeded {
                action = negotiation.receive(.timedOut)
            } catch {
                action = negotiation.receive(.connectionFailed)
            }
        }
    }

    private var isStarting: Bool {
        state.withLock { state in
            if case .starting = state.phase { !state.isClosed } else { false }
        }
    }

    /// Waits until requests can be made.
    ///
    /// - Returns: what the adapter has agreed on with the process, if it has.
    /// - Throws: `ProtocolError` if the process cannot be used.
    @discardableResult func waitUntilReady() async throws -> ClientNegotiation.Agreement? {
        await ready.wait()
        try Task.checkCancellation()
        switch state.withLock({ $0.phase }) {
        case .ready(let agreement): return agreement
        case .ended(let end): throw Self.failure(end)
        case .starting: throw CancellationError()
        }
    }

    /// Ends the process.
    func close() {
        state.withLock { state in
            state.isClosed = true
            return state.process
        }?.close()
    }

    /// Whether no new requests may come here.
    var isClosed: Bool {
        state.withLock { state in
            if case .ended = state.phase { true } else { state.isClosed }
        }
    }

    /// Why the process is gone; `nil` while it is there.
    var end: AdaptedProcess.End? {
        state.withLock { state in
            if case .ended(let end) = state.phase { end } else { nil }
        }
    }

    /// Waits until the process is gone.
    func waitUntilEnded() async { await ended.wait() }

    /// Since when nothing uses the process; `nil` if something does.
    var idleSince: Duration? { state.withLock { $0.uses == 0 ? $0.lastUsed : nil } }

    /// A request, session or subscription begins or ends to use the process.
    func use(_ change: Int) {
        state.withLock { state in
            state.uses += change
            state.lastUsed = time.now
        }
    }

    private func failPending() {
        let pending = state.withLock { state in
            defer { (state.pending, state.tokens) = ([:], [:]) }
            return state.pending.values
        }
        for entry in pending { entry.answer.fail() }
    }

    private static func failure(_ end: AdaptedProcess.End) -> ProtocolError {
        ProtocolError(.internalError, "The request was not answered: \(end)", httpStatus: 503)
    }

    // MARK: - Requests

    func nextID() -> RequestID { state.withLock { $0.ids.next() } }

    /// Makes a request under the id that it has, and waits for the answer. If the task is cancelled, so is the request.
    ///
    /// - Parameters:
    ///   - token: under which the process reports progress.
    ///   - notify: takes what the process says about the request; the next message is read after it.
    /// - Throws: `ProtocolError` if the process is gone.
    func exchange(
        _ request: JSONRPCRequest,
        token: ProgressToken? = nil,
        notify: @escaping Notify = { _ in }
    ) async throws -> JSONRPCResponse {
        let answer = PendingAnswer()
        let process = try state.withLock { state in
            if case .ended(let end) = state.phase { throw Self.failure(end) }
            guard let process = state.process, !state.isClosed else { throw Self.failure(.closed) }
            guard state.pending[request.id] == nil else {
                throw ProtocolError(.invalidRequest, "Invalid request: the id is in use")
            }
            state.pending[request.id] = Pending(answer: answer, token: token, notify: notify)
            if let token { state.tokens[token] = request.id }
            return process
        }
        use(1)
        defer { use(-1) }
        do {
            try await process.write(request.json)
            if let response = await answer.wait() { return response }
            try Task.checkCancellation()
            // The last message may have been read before the end is known.
            throw Self.failure(process.end ?? .closed)
        } catch {
            let isOpen = state.withLock { state in
                if let token { state.tokens[token] = nil }
                return state.pending.removeValue(forKey: request.id) != nil
            }
            if isOpen, Task.isCancelled, !Self.isOpening(request) {
                let notification = CancelledParams(requestID: request.id).notification
                _ = runner.submit { try? await process.write(notification.json) }
            }
            throw error
        }
    }

    /// Whether a request opens a session: such a request is not cancelled.
    private static func isOpening(_ request: JSONRPCRequest) -> Bool {
        [Method.initialize, .discover].contains(Method(rawValue: request.method))
    }

    /// Makes a request under an id and a progress token of its own, since other clients use the same process.
    ///
    /// - Parameter notify: takes what the process says about the request. A client that reads slowly misses some of it, so that it does not
    ///   hold up the others.
    func call(_ request: JSONRPCRequest, notify: @escaping @Sendable (JSONRPCNotification) async throws -> Void)
        async throws
        -> JSONRPCResponse
    {
        let id = nextID()
        let token = try request.progressToken()
        var own = request.with(id: id)
        if token != nil { own = own.with(metadataFields: [(MetadataKey.progressToken, id.json)]) }
        guard token != nil || request.method == Method.subscriptionsListen.rawValue else {
            return try await exchange(own)
        }
        let (notifications, queue) = AsyncStream<JSONRPCNotification>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.maximumWaiting)
        )
        let mapped = own
        return try await withThrowingTaskGroup(of: JSONRPCResponse?.self) { group in
            group.addTask {
                for await notification in notifications {
                    try await notify(notification.restoring(id: request.id, token: token))
                }
                return nil
            }
            group.addTask {
                defer { queue.finish() }
                return try await self.exchange(mapped, token: token == nil ? nil : id) { queue.yield($0) }
            }
            var response: JSONRPCResponse?
            // What was said before the answer is passed on before it.
            for try await part in group { if let part { response = part } }
            guard let response else { throw CancellationError() }
            return response
        }
    }

    /// Notifications that wait for a client which reads slowly.
    private static let maximumWaiting = 64

    /// Whether the process has not answered a request yet.
    func isPending(_ id: RequestID) -> Bool { state.withLock { $0.pending[id] != nil } }

    /// Sends a message that needs no answer here.
    func send(_ message: RawJSON) async {
        do {
            try await state.withLock({ $0.process })?.write(message)
        } catch {
            logger.debug("a message does not reach the process", metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Messages of the process

    /// Sets who takes what the process sends without being asked. Without anybody, its requests are refused.
    func onUnsolicited(_ body: @escaping Unsolicited) { state.withLock { $0.unsolicited = body } }

    private func receive(_ message: JSONRPCMessage) async {
        switch message {
        case .response(let response):
            let pending = state.withLock { state in
                let pending = response.id.flatMap { state.pending.removeValue(forKey: $0) }
                if let token = pending?.token { state.tokens[token] = nil }
                return pending
            }
            guard let pending else {
                logger.debug("the process sent a response that nothing waits for")
                return
            }
            pending.answer.answer(response)
        case .notification(let notification):
            if let owner = owner(of: notification) { await owner.notify(notification) } else { await take(message) }
        case .request: await take(message)
        }
    }

    private func owner(of notification: JSONRPCNotification) -> Pending? {
        state.withLock { state in
            if notification.method == Method.progress.rawValue {
                return (try? ProgressParams(of: notification).token).flatMap { state.tokens[$0] }
                    .flatMap { state.pending[$0] }
            }
            return notification.params?[path: ["_meta", MetadataKey.subscriptionID]]
                .flatMap { try? RequestID($0) }.flatMap { state.pending[$0] }
        }
    }

    private func take(_ message: JSONRPCMessage) async {
        if let unsolicited = state.withLock({ $0.unsolicited }) { return await unsolicited(message) }
        switch message {
        case .request(let request) where request.method == Method.ping.rawValue:
            await send(JSONRPCResponse.pong(id: request.id).json)
        case .request(let request):
            await refuse(request, "the process serves several clients, or clients of 2026-07-28, which cannot be asked")
        case .notification(let notification) where notification.method == Method.message.rawValue:
            logger.info("\(notification.params?["data"]?.text ?? "")", metadata: ["stream": "log"])
        case .notification(let notification):
            for observer in state.withLock({ $0.observers.values }) { observer(notification) }
        case .response: break
        }
    }

    /// Answers a request of the process with an error.
    func refuse(_ request: JSONRPCRequest, _ reason: String) async {
        metrics.undeliverable.increment()
        logger.warning(
            "a request of the process cannot be delivered to a client",
            metadata: ["method": "\(request.method)", "reason": "\(reason)"]
        )
        let error = ProtocolError(
            .methodNotFound,
            "\(request.method) cannot be delivered to a client: \(reason)",
            id: request.id
        )
        await send(error.response.json)
    }

    /// Adds somebody who hears of changes.
    func observe(_ body: @escaping @Sendable (JSONRPCNotification) -> Void) -> Int {
        state.withLock { state in
            state.lastObserver += 1
            state.observers[state.lastObserver] = body
            state.uses += 1
            return state.lastObserver
        }
    }

    func removeObserver(_ number: Int) {
        state.withLock { state in
            guard state.observers.removeValue(forKey: number) != nil else { return }
            state.uses -= 1
            state.lastUsed = time.now
        }
    }

    // MARK: - What clients share

    /// Somebody begins or ends to follow a resource of a legacy process, which knows only one subscriber.
    func follow(_ uri: String, _ isWanted: Bool) async throws -> JSONRPCResponse? {
        let isChange = state.withLock { state in
            let before = state.subscribers[uri, default: 0]
            let after = max(0, before + (isWanted ? 1 : -1))
            state.subscribers[uri] = after == 0 ? nil : after
            return (before == 0) != (after == 0)
        }
        guard isChange else { return nil }
        let method: Method = isWanted ? .resourcesSubscribe : .resourcesUnsubscribe
        let request = JSONRPCRequest(id: nextID(), method: method.rawValue, params: ["uri": .string(uri)])
        let response: JSONRPCResponse
        do {
            response = try await exchange(request)
        } catch {
            if isWanted { state.withLock { $0.subscribers[uri] = nil } }
            throw error
        }
        if isWanted, response.error != nil { state.withLock { $0.subscribers[uri] = nil } }
        return response
    }

    /// Remembers which arguments the tools of a list want repeated in headers (M15).
    func rememberHeaders(of tools: RawJSON) {
        var found: [String: ParameterHeaders] = [:]
        for tool in tools["tools"]?.elements ?? [] {
            guard let name = tool["name"]?.stringValue, let schema = tool["inputSchema"] else { continue }
            found[name] = (try? ParameterHeaders(inputSchema: schema)) ?? ParameterHeaders()
        }
        state.withLock { $0.parameterHeaders.merge(found) { $1 } }
    }

    func parameterHeaders(of tool: String) -> ParameterHeaders? { state.withLock { $0.parameterHeaders[tool] } }
}

extension JSONRPCNotification {
    /// This notification with the progress token and the subscription id that the client has chosen.
    fileprivate func restoring(id: RequestID, token: ProgressToken?) -> JSONRPCNotification {
        guard let params else { return self }
        if method == Method.progress.rawValue, let token {
            return with(params: params.setting("progressToken", to: token.json))
        }
        guard params[path: ["_meta", MetadataKey.subscriptionID]] != nil else { return self }
        return with(params: params.setting(path: ["_meta", MetadataKey.subscriptionID], to: id.json))
    }
}
