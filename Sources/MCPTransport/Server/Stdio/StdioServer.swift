public import Logging
public import MCPProtocol
public import Observability
public import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server over standard input and output, one message a line, of both eras at once. Nothing else may write to standard output.
///
/// It ends when its input does, when its output is closed, or by a graceful shutdown; requests in flight have the grace period to finish.
/// While it runs, SIGPIPE is ignored in the whole process, so that a closed output is an error and not the end.
public final class StdioServer: Service {
    struct State {
        var modern: IncomingRequests
        var cancellations: [RequestID: Signal] = [:]
        var isOpened = false
    }

    let handler: any MCPServerHandler
    let rules: ServerRules
    let limits: ServerLimits
    let principal: Principal
    let logger: Logger
    let execution: RequestExecution
    let runner = RequestRunner()
    /// The session of the legacy era, which is the connection.
    let session: ServerSession
    let output: OutboundStream
    let state: Mutex<State>
    private let time: ServerTime
    private let shutdown = Signal()
    private let openChannel: @Sendable () throws -> any MessageChannel

    /// - Parameters:
    ///   - handler: answers the requests.
    ///   - methods: the requests of 2026-07-28 that are let through; `nil` lets all through.
    ///   - input: a file descriptor, which stays open.
    ///   - output: a file descriptor, which stays open.
    public convenience init(
        handler: any MCPServerHandler,
        versions: SupportedVersions = .all,
        methods: Set<Method>? = Method.clientRequests(in: .v2026_07_28),
        limits: ServerLimits = ServerLimits(),
        principal: Principal = .anonymous,
        input: Int32 = 0,
        output: Int32 = 1,
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.init(
            handler: handler,
            versions: versions,
            methods: methods,
            limits: limits,
            principal: principal,
            clock: clock,
            logger: logger,
            metrics: metrics
        ) {
            signal(SIGPIPE, SIG_IGN)
            return try DescriptorChannel(input: input, output: output)
        }
    }

    /// A server over any channel that carries one message a line in both directions.
    ///
    /// - Parameter openChannel: called once the server runs.
    package init(
        handler: any MCPServerHandler,
        versions: SupportedVersions = .all,
        methods: Set<Method>? = Method.clientRequests(in: .v2026_07_28),
        limits: ServerLimits = ServerLimits(),
        principal: Principal = .anonymous,
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry(),
        openChannel: @escaping @Sendable () throws -> any MessageChannel
    ) {
        self.handler = handler
        self.limits = limits
        self.principal = principal
        self.logger = logger
        time = ServerTime(clock)
        rules = ServerRules(versions: versions, limits: limits.message, methods: methods)
        execution = RequestExecution(
            handler: handler,
            time: time,
            limits: limits,
            logger: logger,
            metrics: ServerMetrics(registry: metrics)
        )
        self.output = OutboundStream(limits: limits.passingStream)
        session = ServerSession(
            id: "stdio",
            logID: "stdio",
            principal: principal,
            versions: versions,
            limits: limits,
            time: time,
            stream: self.output,
            onClose: { [shutdown] _ in shutdown.fire() }
        )
        let incoming = IncomingRequests(era: .modern, maximumInFlight: limits.maximumRequestsPerSession)
        state = Mutex(State(modern: incoming))
        self.openChannel = openChannel
    }

    private enum Event {
        case inputEnded, shutDown, requestsDone, graceOver, outputEnded
    }

    /// Serves until the end.
    ///
    /// - Throws: an error if reading or writing fails, other than by a closed output, or a line is too long.
    public func run() async throws {
        let channel = try openChannel()
        let reader = output.attach()
        let result: Result<Void, any Error>
        do {
            try await withGracefulShutdownHandler {
                try await serve(channel, reader)
            } onGracefulShutdown: {
                self.shutdown.fire()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await channel.shutDown()
        if session.end(), state.withLock({ $0.isOpened }) { await handler.sessionEnded(session) }
        if case .failure(let error as DescriptorChannel.Failure) = result, error.code == EPIPE { return }
        try result.get()
    }

    private func serve(
        _ channel: any MessageChannel,
        _ reader: OutboundStream.Reader
    ) async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await self.read(channel)
                return .inputEnded
            }
            group.addTask {
                try await self.write(channel, reader)
                return .outputEnded
            }
            group.addTask {
                await self.runner.run()
                return .requestsDone
            }
            group.addTask {
                await self.shutdown.wait()
                return .shutDown
            }
            var isStopping = false
            while let event = try await group.next() {
                switch event {
                case .inputEnded, .shutDown:
                    guard !isStopping else { continue }
                    isStopping = true
                    await handler.shutDown()
                    runner.finish()
                    group.addTask {
                        try? await self.time.sleep(for: self.limits.shutdownGracePeriod)
                        return .graceOver
                    }
                case .requestsDone: output.finish()
                case .outputEnded, .graceOver: return
                }
            }
        }
    }

    private func read(_ channel: any MessageChannel) async throws {
        var parser = LineParser(maximumBytes: limits.message.maximumBytes)
        while true {
            let piece = try await channel.read()
            guard !piece.isEmpty else { return }
            for line in try parser.feed(piece) { await take(line) }
        }
    }

    private func write(_ channel: any MessageChannel, _ reader: OutboundStream.Reader) async throws {
        while true {
            switch await output.next(reader) {
            case .messages(let entries, isLast: _):
                try await channel.write(entries.flatMap { $0.message?.json.line ?? [] })
            case .keepAlive: continue
            case .ended: return
            }
        }
    }
}
