import AsyncHTTPClient
import Foundation
import Gateway
import Logging
import MCPProtocol
import MCPTransport
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// A gateway on the loopback address, and the servers behind it.
struct RunningGateway: Sendable {
    let port: Int
    let gateway: GatewayServer
    /// The routes that it began with.
    let routes: RouteTable
    let client: HTTPClient
    /// Starts a graceful shutdown of the gateway.
    let stop: @Sendable () async -> Void

    func url(_ path: String = "/mcp") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// A server to run behind the gateway.
    struct Behind: Sendable {
        var id: String
        var handler: any MCPServerHandler
        var versions: SupportedVersions

        init(_ id: String, _ handler: any MCPServerHandler, versions: SupportedVersions = .all) {
            self.id = id
            self.handler = handler
            self.versions = versions
        }
    }

    static let quiet: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = ProcessInfo.processInfo.environment["MOORAGE_TEST_LOG"] == nil ? .critical : .trace
        return logger
    }()

    /// Runs servers and a gateway before them, as long as the body runs.
    ///
    /// - Parameter routes: of backends at these URLs, in the order of the servers.
    static func run(
        _ servers: [Behind],
        port: Int = 0,
        options: GatewayOptions = GatewayOptions(),
        shield: GatewayGuard = .open,
        through: @escaping @Sendable (any HTTPExchange) -> any HTTPExchange = { $0 },
        routes: @escaping @Sendable ([Backend]) -> RouteTable,
        body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let running = servers.map { server in
            var configuration = StreamableHTTPConfiguration()
            configuration.versions = server.versions
            return StreamableHTTPServer(handler: server.handler, port: 0, configuration: configuration, logger: quiet)
        }
        try await Self.serving(running) {
            var backends: [Backend] = []
            for (server, service) in zip(servers, running) {
                let url = "http://127.0.0.1:\(try await service.port())/mcp"
                backends.append(Backend(id: server.id, target: .streamableHTTP(url: url)))
            }
            try await run(routes(backends), port: port, options: options, shield: shield, through: through, body: body)
        }
    }

    /// Runs a gateway as long as the body runs.
    static func run(
        _ routes: RouteTable,
        port: Int = 0,
        options: GatewayOptions = GatewayOptions(),
        shield: GatewayGuard = .open,
        through: @Sendable (any HTTPExchange) -> any HTTPExchange = { $0 },
        body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let exchange = try HTTPClientExchange()
        let gateway = GatewayServer(
            routes: routes,
            port: port,
            options: options,
            shield: shield,
            exchange: through(exchange),
            now: { Int64(Date().timeIntervalSince1970) },
            logger: quiet
        )
        var settings = HTTPClient.Configuration(timeout: .init(connect: .seconds(5), read: .seconds(30)))
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let outcome: Result<Void, any Error>
        do {
            try await serving([gateway]) { stop in
                try await body(
                    RunningGateway(
                        port: try await gateway.port(),
                        gateway: gateway,
                        routes: routes,
                        client: client,
                        stop: stop
                    )
                )
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try? await client.shutdown()
        await exchange.shutdown()
        try outcome.get()
    }

    private static func serving(_ services: [any Service], _ body: @escaping @Sendable () async throws -> Void)
        async throws
    {
        try await serving(services) { _ in try await body() }
    }

    private static func serving(
        _ services: [any Service],
        _ body: @escaping @Sendable (@escaping @Sendable () async -> Void) async throws -> Void
    ) async throws {
        guard !services.isEmpty else { return try await body {} }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                logger: quiet
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                let outcome: Result<Void, any Error>
                do {
                    outcome = .success(try await body { await group.triggerGracefulShutdown() })
                } catch {
                    outcome = .failure(error)
                }
                await group.triggerGracefulShutdown()
                try outcome.get()
            }
            try await tasks.waitForAll()
        }
    }

    // MARK: - Requests

    struct Answer: Sendable {
        var status: Int
        var headers: HeaderFields
        var body: String

        /// The only message of the answer, which may be an event.
        var json: RawJSON? {
            let text =
                body.split(separator: "\n").last { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) } ?? body
            return try? RawJSON(parsing: text)
        }
    }

    func post(_ path: String, _ request: JSONRPCMessage, _ headers: HeaderFields) async throws -> Answer {
        try await send("POST", path, headers, Array(request.bytes))
    }

    /// Sends a request, and hands over the messages that answer it, as they arrive.
    func stream(
        _ path: String,
        _ message: JSONRPCMessage,
        _ headers: HeaderFields,
        _ take: (JSONRPCMessage) async throws -> Void
    ) async throws {
        var request = HTTPClientRequest(url: url(path))
        request.method = .POST
        for field in headers.fields { request.headers.add(name: field.name, value: field.value) }
        request.body = .bytes(ByteBuffer(bytes: message.bytes))
        let response = try await client.execute(request, timeout: .seconds(30))
        var parser = EventStreamParser()
        for try await chunk in response.body {
            for event in try parser.feed(chunk.readableBytesView) where event.type == "message" {
                try await take(JSONRPCMessage(parsing: event.data))
            }
        }
    }

    func send(
        _ method: String,
        _ path: String,
        _ headers: HeaderFields = HeaderFields(),
        _ body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url(path))
        request.method = .init(rawValue: method)
        for field in headers.fields { request.headers.add(name: field.name, value: field.value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: HeaderFields(response.headers.map { HeaderFields.Field($0.name, $0.value) }),
            body: String(buffer: bytes)
        )
    }

    /// A request of 2026-07-28 with its headers.
    func modern(
        _ path: String,
        _ method: String,
        _ params: RawJSON = [:],
        token: String? = nil
    ) async throws -> Answer {
        let request = JSONRPCRequest(id: 1, method: method, params: params)
            .with(metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil))
        var headers = try HeaderFields.modern(for: request)
        if let token { headers.set("Authorization", "Bearer \(token)") }
        return try await post(path, .request(request), headers)
    }
}
