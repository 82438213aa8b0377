internal import Logging
internal import MCPProtocol
internal import Subprocess
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A server as a process: a message a line on its standard input and output (2025-11-25 and 2026-07-28, stdio).
///
/// The process has a process group of its own, and ends with the connection: its input is closed, then it gets SIGTERM, then SIGKILL,
/// each after ``ClientLimits/closeTime``.
final class ProcessChannel: Sendable {
    private typealias Signal = (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    let connection: DuplexConnection
    private let core: ClientCore
    private let command: MCPCommand
    private let lines: OutgoingLines
    private let stop: Signal
    private let ended: Signal

    init(core: ClientCore, command: MCPCommand) {
        self.core = core
        self.command = command
        let lines = OutgoingLines(maximumBytes: core.limits.queuedBytes)
        let stop = AsyncStream<Void>.makeStream()
        let ended = AsyncStream<Void>.makeStream()
        (self.lines, self.stop, self.ended) = (lines, stop, ended)
        connection = DuplexConnection(core: core) { message in
            guard lines.add(message.line) else {
                throw MCPClientError.limit(
                    .queuedBytes,
                    core.name,
                    "the process does not read its input, and \(core.limits.queuedBytes) bytes wait for it"
                )
            }
        } end: {
            stop.continuation.finish()
            for await _ in ended.stream {}
        }
    }

    /// Starts the process, in the background.
    func start() {
        core.background.add { [self] in
            await run()
            ended.continuation.finish()
        }
    }

    private func run() async {
        ignoreBrokenPipes
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = steps
        do {
            let result = try await Subprocess.run(
                command.command.contains("/") ? path(Executable.path, command.command) : .name(command.command),
                arguments: Arguments(command.arguments),
                environment: environment,
                workingDirectory: command.workingDirectory.map { path({ $0 }, $0) },
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .sequence
            ) { execution in
                await serve(execution)
            }
            let failure = result.closureResult
            connection.fail(
                failure
                    ?? MCPClientError(
                        .processEnded,
                        "\(core.name): the server's process has ended (\(Self.text(result.terminationStatus))); see what "
                            + "it wrote to standard error"
                    )
            )
        } catch let error as SubprocessError {
            connection.fail(
                MCPClientError(
                    .processNotStarted,
                    "\(core.name): the command cannot be run; check that it is installed, and its path: \(error)",
                    underlying: error
                )
            )
        } catch {
            connection.fail(MCPClientError(.closed, "\(core.name): the connection is closed"))
        }
    }

    /// Close the input (which ``serve(_:)`` does; no signal is 0), SIGTERM, and at last SIGKILL.
    private var steps: [TeardownStep] {
        [
            .send(signal: .init(rawValue: 0), allowedDurationToNextStep: core.limits.closeTime),
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: core.limits.closeTime),
        ]
    }

    /// - Returns: why the output cannot be read on, if that is not because of its end.
    private func serve(_ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>) async
        -> MCPClientError?
    {
        await withTaskGroup(of: (isOver: Bool, failure: MCPClientError?).self) { group in
            group.addTask { [self] in
                await write(to: execution.standardInputWriter)
                return (false, nil)
            }
            group.addTask { [self] in
                await readErrors(execution.standardError)
                return (false, nil)
            }
            group.addTask { [self] in (true, await readMessages(execution.standardOutput)) }
            group.addTask { [stop] in
                for await _ in stop.stream {}
                return (true, nil)
            }
            var failure: MCPClientError?
            while let event = await group.next() {
                guard event.isOver else { continue }
                failure = event.failure
                break
            }
            lines.finish()
            // Readers go on, so that the process does not block on a full pipe.
            await execution.teardown(using: steps)
            // Whatever it has left behind.
            try? execution.send(signal: .kill, toProcessGroup: true)
            group.cancelAll()
            return failure
        }
    }

    private func write(to writer: StandardInputWriter) async {
        do {
            for await line in lines.stream {
                var rest = line[...]
                while !rest.isEmpty {
                    let written = try await writer.write(Array(rest))
                    // A process that has ended takes nothing more, which is not an error here.
                    guard written > 0 else { break }
                    rest = rest.dropFirst(written)
                }
                lines.written(line.count)
            }
        } catch {
            core.logger.debug("the process does not take input", metadata: ["error": "\(error)"])
        }
        try? await writer.finish()
    }

    private func readMessages(_ output: SubprocessOutputSequence) async -> MCPClientError? {
        var parser = LineParser(maximumBytes: core.limits.message.maximumBytes)
        do {
            for try await buffer in output {
                let bytes = buffer.bytes.withUnsafeBytes { Array($0) }
                for line in try parser.feed(bytes) {
                    guard line.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "{") else {
                        core.logger.warning("the process wrote something to standard output that is not a message")
                        continue
                    }
                    try connection.receive(core.parse(line))
                }
            }
            return nil
        } catch let error as LineParser.TooLong {
            let failure = MCPClientError.limit(.messageBytes, core.name, "\(error)")
            connection.fail(failure)
            return failure
        } catch let error as MCPClientError {
            connection.fail(error)
            return error
        } catch {
            return nil
        }
    }

    private func readErrors(_ output: SubprocessOutputSequence) async {
        var parser = CutLines(maximumBytes: core.limits.standardErrorLineBytes)
        do {
            for try await buffer in output {
                let bytes = buffer.bytes.withUnsafeBytes { Array($0) }
                for line in parser.feed(bytes) { await core.handlers.standardError(line) }
            }
        } catch {
            core.logger.debug("standard error cannot be read", metadata: ["error": "\(error)"])
        }
        if let rest = parser.rest() { await core.handlers.standardError(rest) }
    }

    private var environment: Environment {
        var variables: [Environment.Key: String?] = [:]
        for (name, value) in command.environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        return command.inheritsEnvironment
            ? .inherit.updating(variables) : .custom(variables.compactMapValues { $0 })
    }

    private static func text(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}

/// Creates a path from text without naming its type, which would require a dependency on swift-system.
private func path<Path: ExpressibleByStringLiteral, Value>(
    _ make: (Path) -> Value,
    _ text: String
) -> Value where Path.StringLiteralType == String {
    make(Path(stringLiteral: text))
}

/// A process that ends while something is written to it must not end this one.
private let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
