internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
public import MCPProtocol
public import MCPTransport
internal import NIOCore
public import Observability
public import ServiceLifecycle
internal import Synchronization

/// How the gateway serves.
public struct GatewayOptions: Sendable {
    /// Limits of what clients may send, and how long they may take.
    public var server = ServerLimits()
    /// Limits of what backends may cost.
    public var upstream = UpstreamLimits()
    /// Which web pages may call the gateway: none by default.
    public var origins = OriginPolicy()
    /// The names that the gateway answers to; by default all, and on a loopback address those of the loopback address alone.
    public var hosts: HostPolicy?
    /// The keys with which sessions are sealed. By default a random one, so that sessions end with the process.
    public var sessionKeys = SessionKeys.random()
    /// The version that `/health` reports.
    public var version = "0.1.0"

    public init() {
        // Requests that take longer than the backend's limit have been answered by then.
        server.requestTime = .seconds(600)
        // A session can be continued by another gateway, which has no events of this one.
        server.maximumReplayEvents = 0
    }
}

/// The gateway: an HTTP server whose routes lead to MCP servers.
public final class GatewayServer: Service {
    private let host: String
    private let requestedPort: Int
    private let options: GatewayOptions
    private let endpoint: StreamableHTTPEndpoint
    private let handler: GatewayHandler
    private let upstreams: Upstreams
    private let logger: Logger
    private let table: Mutex<RouteTable>
    private let bound = Signal()
    private let boundPort = Mutex<Int?>(nil)

    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 for any that is free.
    ///   - exchange: how backends are reached.
    ///   - now: the seconds since 1970.
    public init(
        routes: RouteTable,
        host: String = "127.0.0.1",
        port: Int,
        options: GatewayOptions = GatewayOptions(),
        exchange: any HTTPExchange,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Int64,
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.host = host
        requestedPort = port
        self.options = options
        self.logger = logger
        table = Mutex(routes)
        let info = Implementation(name: "moorage", version: options.version)
        upstreams = Upstreams(
            exchange: exchange,
            limits: options.upstream,
            clientInfo: info,
            clock: clock,
            logger: logger
        )
        handler = GatewayHandler(
            upstreams: upstreams,
            limits: options.upstream,
            info: info,
            clock: clock,
            logger: logger
        )
        var configuration = StreamableHTTPConfiguration()
        configuration.origins = options.origins
        let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        configuration.hosts = options.hosts ?? (isLoopback ? .loopback : .all)
        // What a backend adds to the core is its business.
        configuration.methods = nil
        configuration.limits = options.server
        configuration.sealer = SessionSeal(keys: options.sessionKeys, now: now)
        endpoint = StreamableHTTPEndpoint(
            handler: handler,
            configuration: configuration,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
        upstreams.update(routes.backends)
    }

    /// Serves other routes from now on. Requests in flight finish under the routes that they began with.
    public func update(_ routes: RouteTable) {
        let isNew = table.withLock { table in
            defer { table = routes }
            return table != routes
        }
        guard isNew else { return }
        upstreams.update(routes.backends)
    }

    /// Serves until the task is cancelled, or a graceful shutdown has let the requests in flight finish.
    ///
    /// - Throws: an error if the port cannot be bound.
    public func run() async throws {
        defer { bound.finish() }
        var connection = HTTP1Channel.Configuration()
        connection.idleTimeout = .seconds(75)
        connection.httpDecoder = .init(
            maxHeaderFieldSize: options.server.maximumHeaderBytes,
            maxHeaderListSize: options.server.maximumHeaderBytes,
            maxHeaderFieldCount: options.server.maximumHeaderFields
        )
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        let application = Application(
            responder: GatewayResponder(gateway: self),
            server: .http1(configuration: connection),
            configuration: .init(
                address: .hostname(host, port: requestedPort),
                availableConnectionsDelegate: MaximumAvailableConnections(options.server.maximumConnections)
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                self.boundPort.withLock { $0 = port }
                self.bound.finish()
                self.logger.info("the gateway serves", metadata: ["host": "\(self.host)", "port": "\(port)"])
            },
            logger: quiet
        )
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                await self.upstreams.run()
                return false
            }
            // Both shut down at the same time: connections end when the endpoint has ended their streams.
            group.addTask {
                try await self.endpoint.run()
                return false
            }
            group.addTask {
                try await application.run()
                return true
            }
            while let isDone = try await group.next(), !isDone {}
            await self.upstreams.shutDown()
        }
    }

    /// The port that the gateway listens on, once it does.
    ///
    /// - Throws: `CancellationError` if the gateway has ended, or the task is cancelled.
    public func port() async throws -> Int {
        while await bound.wait() {}
        guard let port = boundPort.withLock({ $0 }) else { throw CancellationError() }
        return port
    }

    /// What `/health` reports.
    var health: HealthReport {
        let all = upstreams.all
        return HealthReport(
            backendsConfigured: all.count,
            backendsConnected: all.count(where: \.isConnected),
            activeClients: handler.sessionCount,
            tools: all.reduce(0) { $0 + $1.toolCount },
            version: options.version
        )
    }

    fileprivate func respond(to request: Request, channel: any Channel) async -> Response {
        let path = request.uri.path
        guard let route = table.withLock({ $0[path] }) else { return plain(path, request) }
        let caller = Caller.anonymous
        return await endpoint.respond(
            to: request,
            channel: channel,
            // A session belongs to one caller at one path.
            principal: Principal(id: "\(caller.id)\n\(path)"),
            attachment: GatewayCall(route: route, caller: caller)
        )
    }

    private func plain(_ path: String, _ request: Request) -> Response {
        switch (path, request.method) {
        case ("/health", .get):
            Response(
                status: .ok,
                headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(bytes: health.json.bytes))
            )
        case ("/livez", .get), ("/readyz", .get):
            Response(
                status: .ok,
                headers: [.contentType: "text/plain"],
                body: .init(byteBuffer: ByteBuffer(string: "ok\n"))
            )
        case ("/health", _), ("/livez", _), ("/readyz", _):
            Response(status: .methodNotAllowed, headers: [.allow: "GET"])
        default: Response(status: .notFound)
        }
    }
}

/// The context of a request, with its connection.
private struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// Passes requests to the gateway.
private struct GatewayResponder: HTTPResponder {
    typealias Context = GatewayContext

    let gateway: GatewayServer

    func respond(to request: Request, context: GatewayContext) async throws -> Response {
        await gateway.respond(to: request, channel: context.channel)
    }
}
