internal import Logging
internal import MCPProtocol
internal import NIOCore
internal import NIOPosix
internal import Observability
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// One process of an adapter: a message a line on its standard input and output, and its standard error in the log.
///
/// Both directions have back-pressure: ``write(_:)`` waits while the process does not read, and its output is read only as fast as
/// messages are taken.
final class AdaptedProcess: Sendable {
    /// Why the process is gone.
    enum End: Sendable, Hashable, CustomStringConvertible {
        /// ``close()`` was called.
        case closed
        case ended(ChildProcesses.Status)
        case lineTooLong(LineParser.TooLong)
        case notStarted(String)
        /// It did not speak MCP.
        case refused(String)

        var description: String {
            switch self {
            case .closed: "the server's process was stopped"
            case .ended(let status): "the server's process has ended (\(status))"
            case .lineTooLong(let error): "the server's process was stopped, because \(error)"
            case .notStarted(let reason): "the server's command cannot be run: \(reason)"
            case .refused(let reason): "the server's process does not speak MCP on its standard output: \(reason)"
            }
        }
    }

    private typealias Pipes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private struct State {
        var writer: NIOAsyncChannelOutboundWriter<ByteBuffer>?
        var process: Int32?
        var status: ChildProcesses.Status?
        var isClosing = false
        var end: End?
    }

    private let configuration: AdapterConfiguration
    private let time: ServerTime
    private let logger: Logger
    private let metrics: AdapterMetrics
    private let state = Mutex(State())
    private let started = Signal()
    private let closing = Signal()
    private let exited = Signal()

    init(_ configuration: AdapterConfiguration, time: ServerTime, logger: Logger, metrics: AdapterMetrics) {
        self.configuration = configuration
        self.time = time
        self.logger = logger
        self.metrics = metrics
    }

    /// Why the process is gone; `nil` while it runs.
    var end: End? { state.withLock { $0.end } }

    /// Ends the process: closes its input, then SIGTERM, then SIGKILL. ``run(_:)`` returns when it is gone.
    func close() {
        // A process that has ended by itself was not closed.
        state.withLock { state in
            if state.status == nil { state.isClosing = true }
        }
        closing.finish()
    }

    /// Waits until the process has ended by itself, for a moment at most: its pipes can break before its status is known.
    func waitForStatus() async {
        _ = try? await time.limit(Self.statusTime) { await self.exited.wait() }
    }

    private static let statusTime = Duration.milliseconds(500)

    /// Writes a message, and waits while the process does not read.
    ///
    /// - Throws: `ProtocolError` if the process is gone; `CancellationError`.
    func write(_ message: RawJSON) async throws {
        await started.wait()
        try Task.checkCancellation()
        guard let writer = state.withLock({ $0.isClosing ? nil : $0.writer }) else { throw gone }
        do {
            try await writer.write(ByteBuffer(bytes: message.line))
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw gone
        }
    }

    private var gone: ProtocolError {
        ProtocolError(.internalError, "The request cannot be passed on: \(end ?? .closed)")
    }

    /// Starts the process, and reads what it writes until it is gone.
    ///
    /// - Parameter receive: takes each message; the next one is read after it.
    func run(_ receive: @escaping @Sendable (JSONRPCMessage) async -> Void) async -> End {
        let end: End
        do {
            end = try await start { pipes, errors in
                try await self.serve(pipes, errors, receive)
            }
        } catch {
            end = .notStarted("\(error)")
        }
        state.withLock { state in
            state.end = end
            state.writer = nil
        }
        started.finish()
        return end
    }

    private func start(_ body: @Sendable (Pipes, Pipes) async throws -> End) async throws -> End {
        let input = try ProcessPipe()
        let output = try ProcessPipe()
        let error = try ProcessPipe()
        let process: Int32
        do {
            process = try await ChildProcesses.shared.start(
                configuration.command,
                .init(input: input.readEnd, output: output.writeEnd, error: error.writeEnd)
            ) { status in
                self.state.withLock { $0.status = status }
                self.exited.finish()
            }
        } catch let failure {
            for pipe in [input, output, error] { pipe.closeBoth() }
            throw failure
        }
        metrics.starts.increment()
        metrics.processes.add(1)
        defer { metrics.processes.add(-1) }
        state.withLock { $0.process = process }
        for end in [input.readEnd, output.writeEnd, error.writeEnd] { ProcessPipe.close(end) }
        logger.debug("a process is started", metadata: ["pid": "\(process)"])
        let bootstrap = NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
        @Sendable func pipes(_ channel: any Channel) -> EventLoopFuture<Pipes> {
            channel.eventLoop.makeCompletedFuture {
                try Pipes(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)
                )
            }
        }
        let messages = try await bootstrap.takingOwnershipOfDescriptors(
            input: output.readEnd,
            output: input.writeEnd,
            channelInitializer: pipes
        )
        let errors = try await bootstrap.takingOwnershipOfDescriptor(input: error.readEnd, channelInitializer: pipes)
        return try await body(messages, errors)
    }

    private func serve(
        _ pipes: Pipes,
        _ errors: Pipes,
        _ receive: @escaping @Sendable (JSONRPCMessage) async -> Void
    ) async throws -> End {
        await withTaskGroup(of: Part.self) { group in
            group.addTask {
                await self.readErrors(errors)
                return .errors
            }
            // Where requests of clients are served too, so that no thread has to be woken between the pipe and the client.
            group.addTask(executorPreference: EventLoopExecutor.on(pipes.channel.eventLoop)) {
                .messages(await self.readMessages(pipes, receive))
            }
            group.addTask {
                await self.terminate()
                // What it wrote last is read, but not what somebody else who has the pipe may still write.
                try? await self.time.sleep(for: Self.lastOutputTime)
                return .process
            }
            var failure: LineParser.TooLong?
            var open = 2
            parts: for await part in group {
                switch part {
                case .process: break parts
                case .errors: open -= 1
                case .messages(let tooLong):
                    failure = tooLong
                    open -= 1
                    // A server that can answer nothing more is of no use.
                    closing.finish()
                }
                if open == 0, state.withLock({ $0.status != nil }) { break }
            }
            group.cancelAll()
            return state.withLock { state in
                if let failure { return .lineTooLong(failure) }
                return state.isClosing ? .closed : .ended(state.status ?? .signaled(Int(SIGKILL)))
            }
        }
    }

    /// What can end.
    private enum Part: Sendable {
        case errors
        case messages(LineParser.TooLong?)
        case process
    }

    private static let lastOutputTime = Duration.milliseconds(500)

    /// Waits for the end of the process, and brings it about once the process is closed.
    private func terminate() async {
        let isOver = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.exited.wait()
                return true
            }
            group.addTask {
                await self.closing.wait()
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? true
        }
        if !isOver {
            state.withLock { $0.writer }?.finish()
            if await !hasExited(within: configuration.closeTime) {
                signal(SIGTERM)
                if await !hasExited(within: configuration.closeTime) { signal(SIGKILL) }
            }
            await exited.wait()
        }
        // Only if this task is cancelled.
        signal(SIGKILL)
    }

    private func hasExited(within limit: Duration) async -> Bool {
        let exited = exited
        return (try? await time.limit(limit) { await exited.wait() }) != nil
    }

    private func signal(_ number: Int32) {
        state.withLock { state in
            // A process that is gone may have left its id to another one.
            guard state.status == nil, let process = state.process, process > 1 else { return }
            kill(-process, number)
        }
    }

    // MARK: - Reading

    private func readMessages(
        _ pipes: Pipes,
        _ receive: @escaping @Sendable (JSONRPCMessage) async -> Void
    ) async -> LineParser.TooLong? {
        var parser = LineParser(maximumBytes: configuration.message.maximumBytes)
        do {
            return try await pipes.executeThenClose { inbound, outbound in
                state.withLock { $0.writer = outbound }
                started.finish()
                do {
                    for try await buffer in inbound {
                        for line in try parser.feed(Array(buffer.readableBytesView)) {
                            guard let message = parse(line) else { continue }
                            await receive(message)
                        }
                    }
                } catch let error as LineParser.TooLong {
                    return error
                }
                return nil
            }
        } catch {
            logger.debug("the pipes to a process are closed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func parse(_ line: [UInt8]) -> JSONRPCMessage? {
        do {
            return try JSONRPCMessage(parsing: line, limits: configuration.message)
        } catch {
            metrics.ignoredLines.increment()
            logger.warning(
                "the process wrote a line to standard output that is not an MCP message; it is ignored",
                metadata: ["error": "\(error)", "line": "\(String(decoding: line.prefix(200), as: UTF8.self))"]
            )
            return nil
        }
    }

    private func readErrors(_ pipes: Pipes) async {
        var parser = CutLines(maximumBytes: configuration.maximumErrorLineBytes)
        _ = try? await pipes.executeThenClose { inbound, _ in
            for try await buffer in inbound {
                for line in parser.feed(Array(buffer.readableBytesView)) { log(line) }
            }
        }
        if let rest = parser.rest() { log(rest) }
    }

    private func log(_ line: String) {
        if !line.isEmpty { logger.info("\(line)", metadata: ["stream": "stderr"]) }
    }
}
