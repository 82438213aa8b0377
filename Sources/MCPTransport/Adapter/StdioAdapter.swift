public import Logging
public import MCPProtocol
public import Observability
public import ServiceLifecycle
internal import Synchronization

/// Serves a command that speaks MCP on its standard input and output to clients of both eras: a handler for ``StreamableHTTPServer``.
///
/// ``run()`` must be running: the processes run there. In a `ServiceGroup` the adapter comes before the server, so that it stops after it.
public final class StdioAdapter: MCPServerHandler, Service {
    /// Whether the command works.
    public enum Health: Sendable, Hashable, CustomStringConvertible {
        /// The first process is starting.
        case starting
        /// The process that was started last has answered.
        case ready
        /// The process that was started last has not answered.
        case failing(String)

        public var description: String {
            switch self {
            case .starting: "the server's process is starting"
            case .ready: "ready"
            case .failing(let reason): reason
            }
        }
    }

    /// The command has never worked, and the adapter has given up (``AdapterConfiguration/maximumFailedStarts``).
    public struct CommandFailed: Error, Sendable, CustomStringConvertible {
        /// Why the process that was started last has not answered.
        public let description: String
    }

    private struct State {
        var health = Health.starting
        /// What the command speaks, once a process has said so.
        var agreement: ClientNegotiation.Agreement?
        var running: [Int: ProcessConversation] = [:]
        /// The processes that are not of one session: by principal, or one for all.
        var pool: [String: ProcessConversation] = [:]
        var sessions: [String: any AdaptedSession] = [:]
        var listeners: [Int: AsyncStream<JSONRPCNotification>.Continuation] = [:]
        var lastListener = 0
        var lastNumber = 0
        var received = 0
        /// Starts that have failed since one succeeded, and when the next may be.
        var failures = 0
        var nextStart = Duration.zero
        var isStopping = false
        /// Why no more processes are started.
        var givenUp: CommandFailed?
    }

    let configuration: AdapterConfiguration
    /// Fires when the adapter shall stop: it was told to, or has given up.
    private let ending = Signal()
    private let time: ServerTime
    private let logger: Logger
    private let metrics: AdapterMetrics
    let runner = RequestRunner()
    private let state = Mutex(State())

    /// - Parameters:
    ///   - clock: for all limits of time.
    ///   - logger: also of what processes write to their standard error.
    public init(
        _ configuration: AdapterConfiguration,
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.configuration = configuration
        self.logger = logger
        self.metrics = AdapterMetrics(registry: metrics)
        time = ServerTime(clock)
    }

    /// How a server must be configured for this handler.
    public var httpConfiguration: StreamableHTTPConfiguration {
        var http = StreamableHTTPConfiguration()
        http.versions = configuration.versions
        // What a process of 2026-07-28 adds to the core is its business.
        http.methods = nil
        http.limits.message = configuration.message
        http.limits.sessionIdleTime = configuration.idleTime
        http.limits.maximumSessions =
            configuration.processes == .shared ? http.limits.maximumSessions : configuration.maximumProcesses
        return http
    }

    /// Whether the command works.
    public var health: Health { state.withLock { $0.health } }

    /// How many messages clients have sent: while it stays the same, nobody uses the adapter.
    public var receivedMessages: Int { state.withLock { $0.received } }

    /// Paths for the probes of Kubernetes, for ``StreamableHTTPServer``: `/livez` says whether the adapter answers, `/healthz` whether
    /// the command works.
    public var plainPaths: [String: @Sendable () -> PlainAnswer] {
        [
            "/livez": { PlainAnswer(status: 200, text: "ok") },
            "/healthz": { [weak self] in
                let health = self?.health ?? .starting
                return health == .ready
                    ? PlainAnswer(status: 200, text: "ok") : PlainAnswer(status: 503, text: "\(health)")
            },
        ]
    }

    /// Lets this process reap what others leave behind, as the first process of a container must. Nothing else in the program may start
    /// processes then.
    public static func adoptOrphans() { ChildProcesses.shared.adoptOrphans() }

    /// Runs the processes until the task is cancelled or a graceful shutdown begins, and then ends them all.
    ///
    /// - Throws: ``CommandFailed`` if the command has never worked, and no more starts are tried.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await self.runner.run()
                    return true
                }
                group.addTask {
                    await self.keepReady()
                    return false
                }
                group.addTask {
                    while (try? await self.time.sleep(for: self.sweepInterval)) != nil { self.endIdleProcesses() }
                    return false
                }
                group.addTask {
                    guard await self.ending.wait() else { return false }
                    self.stop()
                    return false
                }
                while let isDone = await group.next(), !isDone {}
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.ending.fire()
        }
        if let failure = state.withLock({ $0.givenUp }) { throw failure }
    }

    private func stop() {
        let running = state.withLock { state in
            state.isStopping = true
            return Array(state.running.values)
        }
        for conversation in running { conversation.close() }
        runner.finish()
    }

    private var sweepInterval: Duration { max(.seconds(1), configuration.idleTime / 10) }

    // MARK: - Handler

    public func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        state.withLock { $0.received += 1 }
        guard let session = request.session else { return try await answerModern(request) }
        if request.method == .initialize { try await open(session) }
        guard let adapted = state.withLock({ $0.sessions[session.id] }) else {
            throw ProtocolError(.internalError, "The session's process has ended", id: request.id)
        }
        return try await adapted.respond(to: request)
    }

    public func receive(_ notification: JSONRPCNotification, session: ServerSession?) async {
        guard let session else { return }
        await state.withLock { state in
            state.received += 1
            return state.sessions[session.id]
        }?.receive(notification)
    }

    public func receive(_ response: JSONRPCResponse, session: ServerSession) async {
        await state.withLock { state in
            state.received += 1
            return state.sessions[session.id]
        }?.receive(response)
    }

    public func sessionEnded(_ session: ServerSession) async {
        await state.withLock { $0.sessions.removeValue(forKey: session.id) }?.end()
    }

    public func shutDown() async {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.finish() }
    }

    func addListener(_ listener: AsyncStream<JSONRPCNotification>.Continuation) -> Int {
        state.withLock { state in
            state.lastListener += 1
            state.listeners[state.lastListener] = listener
            return state.lastListener
        }
    }

    func removeListener(_ number: Int) { state.withLock { $0.listeners[number] = nil } }

    // MARK: - Sessions

    private func open(_ session: ServerSession) async throws {
        let adapted: any AdaptedSession
        if configuration.processes == .shared {
            let conversation = try await pool(for: session.principal)
            guard let agreement = try await conversation.waitUntilReady() else { throw CancellationError() }
            adapted = TranslatedSession(session, conversation, agreement, isOwner: false, runner: runner)
        } else {
            let agreement = try await knownAgreement()
            let isLegacy = agreement.version.era == .legacy
            let conversation = try await start(
                pool: nil,
                negotiates: !isLegacy,
                session: session
            )
            do {
                try await conversation.waitUntilReady()
            } catch {
                conversation.close()
                throw error
            }
            adapted =
                isLegacy
                ? DirectSession(
                    session,
                    conversation,
                    deliveryTime: configuration.deliveryTime,
                    time: time,
                    runner: runner
                )
                : TranslatedSession(session, conversation, agreement, isOwner: true, runner: runner)
        }
        state.withLock { $0.sessions[session.id] = adapted }
        // The process may have ended before the session was known here.
        if adapted.conversation.isClosed { session.close() }
    }

    /// What the command speaks. The first process finds out.
    private func knownAgreement() async throws -> ClientNegotiation.Agreement {
        if let agreement = state.withLock({ $0.agreement }) { return agreement }
        guard let agreement = try await pool(for: .anonymous).waitUntilReady() else { throw CancellationError() }
        return agreement
    }

    // MARK: - Processes

    /// The process for clients without a session of their own.
    func pool(for principal: Principal) async throws -> ProcessConversation {
        let key = configuration.processes == .shared ? "" : principal.id
        if let running = pooled(key) { return running }
        return try await start(pool: key, negotiates: true, session: nil)
    }

    private func pooled(_ key: String) -> ProcessConversation? {
        state.withLock { state in state.pool[key].flatMap { $0.isClosed ? nil : $0 } }
    }

    /// Starts a process.
    ///
    /// - Parameter key: where to put it, unless there is one by now.
    private func start(pool key: String?, negotiates: Bool, session: ServerSession?) async throws -> ProcessConversation
    {
        try await makeRoom()
        if let key, let running = pooled(key) { return running }
        let conversation = try state.withLock { state in
            guard !state.isStopping else { throw ProtocolError.unavailable("The server stops") }
            guard state.failures == 0 || time.now >= state.nextStart else {
                throw ProtocolError.unavailable("The server cannot be started: \(state.health)")
            }
            if let key, let running = state.pool[key], !running.isClosed { return (running, false) }
            guard state.running.count < configuration.maximumProcesses else { throw Self.full(configuration) }
            state.lastNumber += 1
            let number = state.lastNumber
            var logger = logger
            logger[metadataKey: "process"] = "\(number)"
            if let session { logger[metadataKey: "session"] = "\(session.logID)" }
            let conversation = ProcessConversation(
                number: number,
                negotiates: negotiates,
                remembered: state.agreement,
                configuration,
                time: time,
                runner: runner,
                logger: logger,
                metrics: metrics
            )
            state.running[number] = conversation
            if let key { state.pool[key] = conversation }
            return (conversation, true)
        }
        if conversation.1 {
            let isTaken = runner.submit { await self.run(conversation.0, negotiates: negotiates) }
            guard isTaken else { throw ProtocolError.unavailable("The server stops") }
        }
        return conversation.0
    }

    private static func full(_ configuration: AdapterConfiguration) -> ProtocolError {
        .unavailable("All \(configuration.maximumProcesses) processes of the server are in use; try again later")
    }

    /// Waits for a process that is ending, or ends one that nobody uses, when there are as many as there may be.
    private func makeRoom() async throws {
        while true {
            let ending = state.withLock { state -> ProcessConversation? in
                guard state.running.count >= configuration.maximumProcesses else { return nil }
                return state.running.values.first { $0.isClosed }
                    ?? state.pool.values.filter { $0.idleSince != nil && !$0.isClosed }
                    .min { ($0.idleSince ?? .zero) < ($1.idleSince ?? .zero) }
            }
            guard let ending else { return }
            ending.close()
            await ending.waitUntilEnded()
            try Task.checkCancellation()
            state.withLock { $0.running[ending.number] = nil }
        }
    }

    private func run(_ conversation: ProcessConversation, negotiates: Bool) async {
        if negotiates { _ = runner.submit { await self.noteStart(of: conversation) } }
        let end = await conversation.run()
        let sessions = state.withLock { state in
            state.running[conversation.number] = nil
            for (key, pooled) in state.pool where pooled === conversation { state.pool[key] = nil }
            return state.sessions.filter { $0.value.conversation === conversation }.map(\.key)
        }
        switch end {
        case .closed:
            metrics.ended(.closed)
            conversation.logger.debug("a process has ended")
        case .ended(let status):
            metrics.ended(.crashed)
            conversation.logger.error("a process has ended by itself", metadata: ["status": "\(status)"])
        case .lineTooLong:
            metrics.ended(.lineTooLong)
            conversation.logger.error("\(end)")
        case .notStarted, .refused:
            metrics.ended(.notStarted)
            failed(end)
            conversation.logger.error("\(end)")
        }
        for session in sessions { closeSession(session) }
    }

    private func closeSession(_ id: String) {
        guard let adapted = state.withLock({ $0.sessions[id] }) else { return }
        adapted.session.close()
    }

    /// Remembers what the first answer of a process says.
    private func noteStart(of conversation: ProcessConversation) async {
        do {
            guard let agreement = try await conversation.waitUntilReady() else { return }
            works(agreement)
        } catch {
            if case .some(.ended) = conversation.end { failed(conversation.end) }
        }
    }

    private func works(_ agreement: ClientNegotiation.Agreement) {
        state.withLock { state in
            state.agreement = agreement
            state.health = .ready
            state.failures = 0
        }
    }

    private func failed(_ end: AdaptedProcess.End?) {
        guard let end else { return }
        let hasGivenUp = state.withLock { state in
            state.health = .failing("\(end)")
            state.failures += 1
            let seconds = min(30, 1 << min(5, state.failures - 1))
            state.nextStart = time.now + .seconds(seconds)
            if state.agreement == nil, let maximum = configuration.maximumFailedStarts, state.failures >= maximum {
                state.givenUp = CommandFailed(description: "\(end)")
            }
            return state.givenUp != nil
        }
        if hasGivenUp { ending.fire() }
    }

    /// Starts a first process, which shows that the command works and finds out what it speaks, and tries again while that fails. The
    /// process then serves requests of 2026-07-28, or all clients of a shared process, and ends when it is idle.
    private func keepReady() async {
        while !Task.isCancelled {
            if health != .ready, let agreement = try? await pool(for: .anonymous).waitUntilReady() {
                works(agreement)
            }
            try? await time.sleep(for: .seconds(1))
        }
    }

    private func endIdleProcesses() {
        let idle = state.withLock { state in
            state.pool.values.filter { conversation in
                conversation.idleSince.map { time.now - $0 >= configuration.idleTime } ?? false
            }
        }
        for conversation in idle {
            conversation.logger.debug("a process was idle for too long")
            conversation.close()
        }
    }
}
