internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import NIOCore
internal import Synchronization
internal import struct FoundationEssentials.Date

/// The MCP server of one pod. It speaks Streamable HTTP of all versions, and HTTP+SSE of 2024-11-05, on the same paths.
final class StandInServer: Sendable {
    /// The contract as text.
    let text: String
    private let contract: StandInContract
    private let endpoint: StreamableHTTPEndpoint
    private let streams: EventStreamSessions
    private let log: StandInLog
    private let stopped = Signal()
    /// How long requests that are in progress can take when the server stops.
    private static let drainTime = Duration.seconds(1)

    /// - Throws: `StandInContract.Invalid` if the text is not a contract.
    init(_ text: String, log: StandInLog, logger: Logger) throws(StandInContract.Invalid) {
        let contract = try StandInContract(parsing: text)
        self.text = text
        self.contract = contract
        self.log = log
        endpoint = StreamableHTTPEndpoint(handler: StandInHandler(contract, log), logger: logger)
        streams = EventStreamSessions(logger: logger) { StandInHandler(contract, log) }
    }

    /// Works on requests until ``stop()``.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { try? await self.endpoint.run() }
            group.addTask { await self.streams.run() }
            await stopped.wait()
            // As a pod that is deleted finishes what it works on.
            try? await Task.sleep(for: Self.drainTime)
            group.cancelAll()
        }
    }

    func stop() { stopped.finish() }

    /// How many sessions of HTTP+SSE there are.
    var eventStreamCount: Int { streams.count }

    func respond(to request: Request, path: String, channel: any Channel) async -> Response {
        if let status = contract.status {
            log.write("\(request.method) \(path): status \(status), as the contract says")
            return Response(status: .init(code: status))
        }
        if let served = contract.path, served != path {
            log.write("\(request.method) \(path): status 404, the contract's path is \(served)")
            return Response(status: .notFound)
        }
        if let response = await streams.respond(to: request, channel: channel) { return response }
        await endpoint.waitUntilRunning()
        return await endpoint.respond(to: request, channel: channel)
    }
}

/// The log of a stand-in.
struct StandInLog: Sendable {
    var logs: PodLogs
    var key: PodLogs.Key

    /// Adds a line, which begins with the time.
    func write(_ text: String) {
        let now = Date()
        logs.append(Array("\(Timestamp(now)) \(text)\n".utf8), to: key, at: MicroTimestamp(now))
    }
}

/// Answers what the contract offers, and writes to the log what was asked.
private struct StandInHandler: MCPServerHandler {
    let service: MCPService
    let log: StandInLog

    init(_ contract: StandInContract, _ log: StandInLog) {
        service = MCPService(info: contract.info, content: contract.content)
        self.log = log
    }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        let params = request.message.params
        // Names and URIs are the client's words; what could change the meaning of a line is left out.
        let subject = (params?["name"] ?? params?["uri"])?.stringValue.map { " " + Self.plain($0) } ?? ""
        log.write("\(Self.plain(request.method.rawValue))\(subject)")
        return try await service.respond(to: request)
    }

    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(200))
        )
    }

    func receive(_ notification: JSONRPCNotification, session: ServerSession?) async {
        await service.receive(notification, session: session)
    }

    func receive(_ response: JSONRPCResponse, session: ServerSession) async {
        await service.receive(response, session: session)
    }

    func sessionOpened(_ session: ServerSession) async { await service.sessionOpened(session) }

    func sessionEnded(_ session: ServerSession) async { await service.sessionEnded(session) }

    func shutDown() async { await service.shutDown() }
}
