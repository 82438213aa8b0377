internal import HTTPServing
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import MCPTransport
internal import NIOCore
internal import Synchronization

/// Ports of the loopback address on which stand-ins are reached: one for each pod that something connects to.
final class StandInListeners: Sendable {
    private let listeners = Mutex<[String: StandInListener]>([:])
    private let started: AsyncStream<StandInListener>
    private let startedContinuation: AsyncStream<StandInListener>.Continuation
    private let servers: StandInServers
    private let logger: Logger

    init(servers: StandInServers, logger: Logger) {
        self.servers = servers
        self.logger = logger
        (started, startedContinuation) = AsyncStream.makeStream()
    }

    /// Serves until ``stop()``.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await listener in started {
                group.addTask { await listener.run(self.servers, self.logger) }
            }
            group.cancelAll()
        }
    }

    func stop() {
        startedContinuation.finish()
        for listener in listeners.withLock({ Array($0.values) }) { listener.stop() }
    }

    /// The port of a pod. It is opened if nothing has connected to the pod before.
    ///
    /// - Returns: `nil` if it cannot be opened.
    func port(of pod: ProxiedPod, contract: String) async -> Int? {
        let listener = listeners.withLock { listeners in
            if let listener = listeners[pod.uid] { return listener }
            let listener = StandInListener(pod)
            listeners[pod.uid] = listener
            if case .terminated = startedContinuation.yield(listener) { listener.stop() }
            return listener
        }
        listener.set(contract: contract)
        return await listener.port()
    }

    /// Closes the port of a pod that no longer exists.
    func forget(uid: String) { listeners.withLock { $0.removeValue(forKey: uid) }?.stop() }
}

/// The port of one stand-in.
private final class StandInListener: Sendable {
    private enum Port {
        case opening([CheckedContinuation<Int?, Never>])
        case open(Int)
        case closed
    }

    private let pod: ProxiedPod
    private let contract = Mutex("")
    private let state = Mutex(Port.opening([]))
    private let stopped = Signal()

    init(_ pod: ProxiedPod) { self.pod = pod }

    func set(contract: String) { self.contract.withLock { $0 = contract } }

    func stop() {
        stopped.finish()
        settle(.closed)
    }

    func port() async -> Int? {
        await withCheckedContinuation { continuation in
            let port = state.withLock { state -> Int?? in
                switch state {
                case .open(let port): return port
                case .closed: return .some(nil)
                case .opening(let waiting):
                    state = .opening(waiting + [continuation])
                    return nil
                }
            }
            if let port { continuation.resume(returning: port) }
        }
    }

    func run(_ servers: StandInServers, _ logger: Logger) async {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        let application = Application(
            responder: StandInResponder { request, context in
                let pod = self.pod
                return await servers.respond(
                    to: request,
                    path: request.uri.path,
                    pod: pod,
                    contract: self.contract.withLock { $0 },
                    channel: context.channel
                )
            },
            server: .http1Server(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { self.settle(.open($0.localAddress?.port ?? 0)) },
            logger: quiet
        )
        await withDiscardingTaskGroup { group in
            group.addTask {
                try? await application.run()
                self.stop()
            }
            await stopped.wait()
            group.cancelAll()
        }
        settle(.closed)
    }

    private func settle(_ port: Port) {
        let waiting = state.withLock { state -> [CheckedContinuation<Int?, Never>] in
            defer { state = port }
            if case .opening(let waiting) = state { return waiting }
            return []
        }
        let number: Int? = if case .open(let number) = port { number } else { nil }
        for continuation in waiting { continuation.resume(returning: number) }
    }
}

private struct StandInResponder: HTTPResponder {
    let answer: @Sendable (Request, SandboxContext) async -> Response

    func respond(to request: Request, context: SandboxContext) async throws -> Response {
        await answer(request, context)
    }
}
