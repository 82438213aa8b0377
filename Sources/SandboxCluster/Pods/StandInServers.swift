internal import Hummingbird
internal import Logging
internal import MCPTransport
internal import NIOCore
internal import Synchronization

/// The MCP servers of the sandbox's pods: one for each pod that was called, with sessions of its own.
final class StandInServers: Sendable {
    private struct Server: Sendable {
        var contract: String
        var path: String?
        var status: Int?
        var endpoint: StreamableHTTPEndpoint
    }

    private let servers = Mutex<[String: Server]>([:])
    private let started: AsyncStream<StreamableHTTPEndpoint>
    private let startedContinuation: AsyncStream<StreamableHTTPEndpoint>.Continuation
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
        (started, startedContinuation) = AsyncStream<StreamableHTTPEndpoint>.makeStream()
    }

    /// Works on the requests of all servers until `stop()`.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await endpoint in started {
                group.addTask { try? await endpoint.run() }
            }
            group.cancelAll()
        }
    }

    func stop() { startedContinuation.finish() }

    /// Answers a request to a pod.
    func respond(to request: Request, path: String, pod: ProxiedPod, channel: any Channel) async -> Response {
        let server: Server
        do {
            server = try self.server(of: pod)
        } catch {
            return Response(
                status: .internalServerError,
                body: .init(byteBuffer: ByteBuffer(string: "\(StandInContract.annotation): \(error)\n"))
            )
        }
        if let status = server.status { return Response(status: .init(code: status)) }
        if let served = server.path, served != path { return Response(status: .notFound) }
        await server.endpoint.waitUntilRunning()
        return await server.endpoint.respond(to: request, channel: channel)
    }

    private func server(of pod: ProxiedPod) throws -> Server {
        try servers.withLock { servers in
            if let server = servers[pod.uid], server.contract == pod.contract { return server }
            let contract = try StandInContract(parsing: pod.contract)
            let server = Server(
                contract: pod.contract,
                path: contract.path,
                status: contract.status,
                endpoint: StreamableHTTPEndpoint(
                    handler: MCPService(info: contract.info, content: contract.content),
                    logger: logger
                )
            )
            servers[pod.uid] = server
            startedContinuation.yield(server.endpoint)
            return server
        }
    }
}
