internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import NIOCore
internal import Synchronization

/// The server's side of HTTP+SSE, the transport of 2024-11-05: a GET opens a stream, whose first event says where the client posts
/// its messages; answers come on the stream.
final class EventStreamSessions: Sendable {
    private let sessions = Mutex<[String: EventStreamSession]>([:])
    private let started: AsyncStream<EventStreamSession>
    private let startedContinuation: AsyncStream<EventStreamSession>.Continuation
    private let logger: Logger
    private let makeHandler: @Sendable () -> any MCPServerHandler

    /// - Parameter makeHandler: makes what answers the requests of one session.
    init(logger: Logger, makeHandler: @escaping @Sendable () -> any MCPServerHandler) {
        self.logger = logger
        self.makeHandler = makeHandler
        (started, startedContinuation) = AsyncStream.makeStream()
    }

    /// How many sessions there are.
    var count: Int { sessions.withLock { $0.count } }

    /// Works on the messages of all sessions until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await session in started {
                group.addTask {
                    await session.serve(self.makeHandler(), logger: self.logger)
                    self.sessions.withLock { $0[session.id] = nil }
                }
            }
        }
        for session in sessions.withLock({ Array($0.values) }) { session.end() }
    }

    /// Answers a request, unless it is one of Streamable HTTP.
    func respond(to request: Request, channel: any Channel) async -> Response? {
        let query = (request.uri.query ?? "").queryItems
        switch request.method {
        case .get:
            // In Streamable HTTP, only a session has a stream.
            guard HTTPField.Name("Mcp-Session-Id").map({ request.headers[$0] == nil }) ?? true,
                HTTPField.Name("Last-Event-ID").map({ request.headers[$0] == nil }) ?? true,
                request.headers[.accept]?.contains("text/event-stream") == true
            else { return nil }
            return await open(channel)
        case .post:
            guard let id = query[Self.parameter] else { return nil }
            guard let session = sessions.withLock({ $0[id] }) else { return Response(status: .notFound) }
            guard let body = try? await request.body.collect(upTo: MessageLimits().maximumBytes) else {
                return Response(status: .contentTooLarge)
            }
            session.receive(Array(body.readableBytesView))
            return Response(status: .accepted)
        default: return nil
        }
    }

    private static let parameter = "sessionId"

    private func open(_ channel: any Channel) async -> Response {
        let watch = await ConnectionWatch.on(channel)
        var random = SystemRandomNumberGenerator()
        let id = (0..<2).map { _ in String(random.next(), radix: 16) }.joined()
        let session = EventStreamSession(id: id)
        sessions.withLock { $0[id] = session }
        startedContinuation.yield(session)
        let callback = watch.onClose { session.end() }
        let body = ResponseBody { writer in
            defer {
                watch.remove(callback)
                session.end()
            }
            // Relative to the address of the stream, so that it is right behind proxies too.
            let endpoint = ServerSentEvent(type: "endpoint", data: Array("?\(Self.parameter)=\(id)".utf8))
            try await writer.write(ByteBuffer(bytes: EventStreamWriter.write(endpoint)))
            for await message in session.outgoing {
                try await writer.write(ByteBuffer(bytes: EventStreamWriter.write(ServerSentEvent(data: message))))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: body
        )
    }
}

/// One session of HTTP+SSE. Both directions carry one message a line, as on standard input and output.
private final class EventStreamSession: MessageChannel {
    let id: String
    /// The messages to the client.
    let outgoing: AsyncStream<[UInt8]>
    private let outgoingContinuation: AsyncStream<[UInt8]>.Continuation
    private let incoming: AsyncStream<[UInt8]>
    private let incomingContinuation: AsyncStream<[UInt8]>.Continuation

    init(id: String) {
        self.id = id
        (outgoing, outgoingContinuation) = AsyncStream.makeStream()
        (incoming, incomingContinuation) = AsyncStream.makeStream()
    }

    /// Answers messages until the session ends.
    func serve(_ handler: any MCPServerHandler, logger: Logger) async {
        let server = StdioServer(
            handler: handler,
            versions: SupportedVersions(SupportedVersions.all.legacy),
            logger: logger
        ) { self }
        try? await server.run()
        end()
    }

    func receive(_ message: [UInt8]) {
        // A message is a line. In JSON, line ends are only between values.
        let line = message.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
        incomingContinuation.yield(line + [UInt8(ascii: "\n")])
    }

    func end() {
        incomingContinuation.finish()
        outgoingContinuation.finish()
    }

    func read() async throws -> [UInt8] {
        for await piece in incoming { return piece }
        return []
    }

    func write(_ bytes: [UInt8]) async throws {
        for line in bytes.split(separator: UInt8(ascii: "\n")) { outgoingContinuation.yield(Array(line)) }
    }

    func shutDown() async { end() }
}
