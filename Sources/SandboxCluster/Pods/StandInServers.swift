internal import Hummingbird
internal import KubernetesAPI
internal import Logging
internal import MCPTransport
internal import NIOCore
internal import Synchronization

/// The MCP servers of the sandbox's pods: one for each pod that was called, until the pod is deleted, with sessions of its own.
final class StandInServers: Sendable {
    private let servers = Mutex<[String: StandInServer]>([:])
    private let started: AsyncStream<(uid: String, server: StandInServer)>
    private let startedContinuation: AsyncStream<(uid: String, server: StandInServer)>.Continuation
    private let logs: PodLogs
    private let logger: Logger

    init(logs: PodLogs, logger: Logger) {
        self.logs = logs
        self.logger = logger
        (started, startedContinuation) = AsyncStream<(uid: String, server: StandInServer)>.makeStream()
    }

    /// Works on the requests of all servers until `stop()`.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await (uid, server) in started {
                group.addTask {
                    await server.run()
                    // What it wrote to its log after its pod was gone.
                    if self.servers.withLock({ $0[uid] == nil }) { self.logs.forget(uid: uid) }
                }
            }
            group.cancelAll()
        }
    }

    func stop() { startedContinuation.finish() }

    /// How many servers there are.
    var count: Int { servers.withLock { $0.count } }

    /// How many sessions of HTTP+SSE there are.
    var eventStreamCount: Int { servers.withLock { $0.values.reduce(0) { $0 + $1.eventStreamCount } } }

    /// Ends the server of a pod that no longer exists.
    func forget(uid: String) {
        servers.withLock { $0.removeValue(forKey: uid) }?.stop()
    }

    /// Answers a request to a pod.
    ///
    /// - Parameter path: the path at the pod.
    func respond(
        to request: Request,
        path: String,
        pod: ProxiedPod,
        contract: String,
        channel: any Channel
    ) async -> Response {
        let server: StandInServer
        do {
            server = try self.server(of: pod, contract)
        } catch {
            return Response(
                status: .internalServerError,
                body: .init(byteBuffer: ByteBuffer(string: "\(StandInContract.annotation): \(error)\n"))
            )
        }
        return await server.respond(to: request, path: path, channel: channel)
    }

    private func server(of pod: ProxiedPod, _ contract: String) throws -> StandInServer {
        let (server, replaced) = try servers.withLock { servers -> (StandInServer, StandInServer?) in
            let current = servers[pod.uid]
            if let current, current.text == contract { return (current, nil) }
            let server = try StandInServer(
                contract,
                log: StandInLog(logs: logs, key: PodLogs.Key(uid: pod.uid, container: pod.container)),
                logger: logger
            )
            servers[pod.uid] = server
            startedContinuation.yield((pod.uid, server))
            return (server, current)
        }
        replaced?.stop()
        return server
    }
}
