import AsyncHTTPClient
import Logging
import MCPProtocol
import MCPTransport
import NIOCore
import NIOHTTP1
import Observability
import ServiceLifecycle

/// A server on the loopback address, with a client.
struct RunningServer: Sendable {
    let port: Int
    let client: HTTPClient
    let metrics: MetricsRegistry
    /// Starts a graceful shutdown.
    let stop: @Sendable () async -> Void

    /// The metrics as Prometheus reads them.
    var metricsText: String { metrics.exposition() }

    var url: String { "http://127.0.0.1:\(port)/mcp" }

    /// Runs a server as long as the body runs.
    static func run(
        _ handler: any MCPServerHandler,
        _ configuration: StreamableHTTPConfiguration = StreamableHTTPConfiguration(),
        clock: some Clock<Duration> = ContinuousClock(),
        body: @escaping @Sendable (RunningServer) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let metrics = MetricsRegistry()
        let server = StreamableHTTPServer(
            handler: handler,
            port: 0,
            configuration: configuration,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger
            )
        )
        var settings = HTTPClient.Configuration(timeout: .init(connect: .seconds(5), read: .seconds(20)))
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                tasks.addTask {
                    let port = try await server.port()
                    let running = RunningServer(port: port, client: client, metrics: metrics) {
                        await group.triggerGracefulShutdown()
                    }
                    try await body(running)
                    await group.triggerGracefulShutdown()
                }
                // The server, and the body.
                try await tasks.next()
                try await tasks.next()
            }
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    /// A whole response.
    struct Answer: Sendable {
        let status: Int
        let headers: HeaderFields
        let body: [UInt8]

        var message: JSONRPCMessage? { try? JSONRPCMessage(parsing: body) }
        var response: JSONRPCResponse? { if case .response(let response)? = message { response } else { nil } }
        var isEventStream: Bool { headers[all: "Content-Type"] == [MediaType.eventStream] }
        /// The events of the stream.
        var events: [ServerSentEvent] {
            var parser = EventStreamParser()
            return (try? parser.feed(body)) ?? []
        }
        /// The messages, in JSON or in events.
        var messages: [JSONRPCMessage] {
            isEventStream
                ? events.compactMap { try? JSONRPCMessage(parsing: $0.data) } : message.map { [$0] } ?? []
        }
        /// The response, in JSON or in the last event.
        var final: JSONRPCResponse? {
            if case .response(let response)? = messages.last { response } else { nil }
        }
    }

    func request(_ method: String, _ headers: HeaderFields, _ body: [UInt8]? = nil) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .RAW(value: method)
        for field in headers.fields { request.headers.add(name: field.name, value: field.value) }
        if let body { request.body = .bytes(body) }
        return request
    }

    /// Sends a request and reads the whole response.
    func send(_ method: String, _ headers: HeaderFields, _ body: [UInt8]? = nil) async throws -> Answer {
        let response = try await client.execute(request(method, headers, body), timeout: .seconds(20))
        let buffer = try await response.body.collect(upTo: 16 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: HeaderFields(response.headers.map { (name: $0.name, value: $0.value) }),
            body: Array(buffer.readableBytesView)
        )
    }

    /// Sends a request of 2026-07-28.
    func modern(_ request: JSONRPCRequest, _ extra: [HeaderFields.Field] = []) async throws -> Answer {
        var headers = try HeaderFields.modern(for: request)
        for field in extra { headers.set(field.name, field.value) }
        return try await send("POST", headers, Array(request.bytes))
    }

    /// Opens a stream, and reads it as long as the body runs. Then the connection is closed.
    func stream<Value: Sendable>(
        _ request: HTTPClientRequest,
        _ body: @escaping @Sendable (OpenStream) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            let stream = OpenStream()
            group.addTask {
                let response = try await client.execute(request, timeout: .seconds(20))
                stream.opened(response)
                do {
                    for try await piece in response.body { stream.received(Array(piece.readableBytesView)) }
                } catch is CancellationError {}
                stream.ended()
                return nil
            }
            group.addTask { try await body(stream) }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw DidNotHappen(description: "the stream's body returned nothing")
        }
    }
}
