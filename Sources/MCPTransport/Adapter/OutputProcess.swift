internal import NIOCore
internal import NIOPosix
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A process without input, whose standard output and standard error are read as one stream, as a container's are.
///
/// It has a process group of its own, which ends with it.
package final class OutputProcess: Sendable {
    /// How the process has ended.
    package enum End: Sendable, Hashable {
        /// By itself, with an exit status.
        case exited(Int)
        /// By a signal.
        case signaled(Int)
    }

    private struct State {
        var process: Int32?
        var end: End?
        var waiter: CheckedContinuation<Void, Never>?
        /// A signal that came before the process had started.
        var early: Int32?
    }

    private let command: MCPCommand
    private let state = Mutex(State())

    package init(_ command: MCPCommand) { self.command = command }

    /// Starts the process, and reads what it writes until it has ended. A task that is cancelled kills it.
    ///
    /// - Parameters:
    ///   - started: called once the process runs.
    ///   - receive: takes what the process writes, in order.
    /// - Throws: an error that says why the command cannot be run.
    package func run(
        started: @Sendable () -> Void = {},
        _ receive: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> End {
        let output = try await start()
        started()
        return await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await Self.read(output, receive) }
                await waitForEnd()
                // What it wrote last is read, but not what somebody else who has the pipe may still write.
                group.addTask { try? await Task.sleep(for: Self.lastOutputTime) }
                _ = await group.next()
                group.cancelAll()
            }
            return state.withLock { $0.end } ?? .signaled(Int(SIGKILL))
        } onCancel: {
            kill()
        }
    }

    /// Asks the process to end, with SIGTERM.
    package func terminate() { send(SIGTERM) }

    /// Ends the process and its group, with SIGKILL.
    package func kill() { send(SIGKILL) }

    private static let lastOutputTime = Duration.milliseconds(500)

    private typealias Output = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private func start() async throws -> Output {
        let pipe = try ProcessPipe()
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard nothing >= 0 else {
            let code = errno
            pipe.closeBoth()
            throw SystemError(call: "opening /dev/null", code: code)
        }
        let process: Int32
        do {
            process = try await ChildProcesses.shared.start(
                command,
                .init(input: nothing, output: pipe.writeEnd, error: pipe.writeEnd)
            ) { self.ended($0) }
        } catch {
            ProcessPipe.close(nothing)
            pipe.closeBoth()
            throw error
        }
        ProcessPipe.close(nothing)
        ProcessPipe.close(pipe.writeEnd)
        let early = state.withLock { state in
            state.process = process
            return state.early
        }
        if let early { send(early) }
        do {
            return try await NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .takingOwnershipOfDescriptor(input: pipe.readEnd) { channel in
                    channel.eventLoop.makeCompletedFuture { try Output(wrappingChannelSynchronously: channel) }
                }
        } catch {
            kill()
            await waitForEnd()
            throw error
        }
    }

    private static func read(_ output: Output, _ receive: @escaping @Sendable ([UInt8]) -> Void) async {
        _ = try? await output.executeThenClose { inbound, _ in
            for try await buffer in inbound { receive(Array(buffer.readableBytesView)) }
        }
    }

    /// Waits for the end, also if the task is cancelled: the process is killed then.
    private func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.end == nil { state.waiter = continuation }
                return state.end != nil
            }
            if isOver { continuation.resume() }
        }
    }

    private func ended(_ status: ChildProcesses.Status) {
        let waiter = state.withLock { state in
            state.end =
                switch status {
                case .exited(let code): .exited(code)
                case .signaled(let signal): .signaled(signal)
                }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    private func send(_ signal: Int32) {
        state.withLock { state in
            // A process that is gone may have left its id to another one.
            guard state.end == nil else { return }
            guard let process = state.process, process > 1 else {
                if state.early != SIGKILL { state.early = signal }
                return
            }
            _ = systemKill(-process, signal)
        }
    }
}

#if canImport(Glibc)
    private let systemKill = Glibc.kill
#elseif canImport(Musl)
    private let systemKill = Musl.kill
#else
    private let systemKill = Darwin.kill
#endif
