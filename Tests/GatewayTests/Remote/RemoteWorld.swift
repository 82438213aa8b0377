import HTTPTypes
import Logging
import MCPProtocol
import MCPTestSupport
import MCPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import Policy
import Synchronization

/// Finds addresses as a test says, and leads all of them to this machine.
final class FakeNetwork: HostResolver {
    private struct State {
        /// The answers for each host, one after the other; the last one stays.
        var answers: [String: [[String]]] = [:]
        var dialed: [String] = []
    }

    private let state = Mutex(State())

    init(_ answers: [String: [[String]]] = [:]) { state.withLock { $0.answers = answers } }

    func addresses(of host: String) async throws -> [String] {
        let found = state.withLock { state -> [String]? in
            guard var answers = state.answers[host], let first = answers.first else { return nil }
            if answers.count > 1 { answers.removeFirst() }
            state.answers[host] = answers
            return first
        }
        guard let found else { throw MCPClientError(.nameNotResolved, "no such host: \(host)") }
        return found
    }

    /// The addresses that were connected to.
    var dialed: [String] { state.withLock { $0.dialed } }

    var network: RemoteNetwork {
        RemoteNetwork(resolver: self) { address in
            self.state.withLock { $0.dialed.append(address) }
            return "127.0.0.1"
        }
    }
}

/// A server that notes the credentials of its callers.
struct GuardedService: MCPServerHandler {
    /// What was sent, in order.
    final class Seen: Sendable {
        private let values = Mutex<[String?]>([])

        var last: String? { values.withLock { $0.last ?? nil } }
        var all: [String?] { values.withLock { $0 } }

        func add(_ value: String?) { values.withLock { $0.append(value) } }
    }

    let service: MCPService
    let seen: Seen

    init(tools: [String], seen: Seen = Seen()) throws {
        self.seen = seen
        service = MCPService(
            info: Implementation(name: "partner", version: "1"),
            content: ServiceContent(
                tools: try tools.map { name in
                    try ServiceTool(
                        Tool(name: name, description: "A tool.", inputSchema: ["type": "object"])
                    ) { _ in .text("called \(name)") }
                }
            )
        )
    }

    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        seen.add(request.headers?[all: "Authorization"].first)
        return try await service.respond(to: request)
    }
}

/// A server that answers everything with the same bytes, and counts its connections.
final class FixedServer: Sendable {
    private let channel: any Channel
    private let count: Counter

    final class Counter: Sendable {
        let value = Mutex(0)
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    /// How many requests have arrived.
    var requests: Int { count.value.withLock { $0 } }

    private init(_ channel: any Channel, _ count: Counter) { (self.channel, self.count) = (channel, count) }

    /// Runs it as long as the body runs.
    static func run(
        status: Int,
        headers: [(String, String)] = [],
        text: String = "",
        _ body: (FixedServer) async throws -> Void
    ) async throws {
        let count = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering(status, headers, text, count))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = FixedServer(channel, count)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        try? await channel.close()
        try outcome.get()
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let status: Int
        private let headers: [(String, String)]
        private let text: String
        private let count: Counter

        init(_ status: Int, _ headers: [(String, String)], _ text: String, _ count: Counter) {
            (self.status, self.headers, self.text, self.count) = (status, headers, text, count)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            count.value.withLock { $0 += 1 }
            var fields = HTTPHeaders(headers)
            fields.add(name: "content-length", value: "\(text.utf8.count)")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
