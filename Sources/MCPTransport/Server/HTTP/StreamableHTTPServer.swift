internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import MCPProtocol
internal import NIOCore
public import Observability
public import ServiceLifecycle
internal import Synchronization

/// An HTTP server that serves MCP on one path.
public final class StreamableHTTPServer: Service {
    private enum Port {
        case waiting([Signal])
        case bound(Int)
        case ended
    }

    private let endpoint: StreamableHTTPEndpoint
    private let address: BindAddress
    /// The host or the path of the socket, for logs.
    private let addressName: String
    private let path: String
    private let plainPaths: [String: @Sendable () -> PlainAnswer]
    private let limits: ServerLimits
    private let logger: Logger
    private let boundPort = Mutex(Port.waiting([]))

    /// - Parameters:
    ///   - host: the address to listen on. On a loopback address the server answers to the names of the loopback address alone, unless the
    ///     configuration says otherwise.
    ///   - port: 0 for any that is free.
    ///   - path: of the endpoint. Everything else is answered with 404, except for `plainPaths`.
    ///   - plainPaths: what GET answers on other paths, such as those of probes.
    public convenience init(
        handler: any MCPServerHandler,
        host: String = "127.0.0.1",
        port: Int,
        path: String = "/mcp",
        plainPaths: [String: @Sendable () -> PlainAnswer] = [:],
        configuration: StreamableHTTPConfiguration = StreamableHTTPConfiguration(),
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        var configuration = configuration
        if configuration.hosts == nil {
            let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
            configuration.hosts = isLoopback ? .loopback : .all
        }
        self.init(
            handler: handler,
            address: .hostname(host, port: port),
            addressName: host,
            path: path,
            plainPaths: plainPaths,
            configuration: configuration,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
    }

    /// - Parameters:
    ///   - socketPath: the Unix domain socket to listen on. Whoever may write to it can call the server: its folder must be private.
    ///   - path: of the endpoint.
    public convenience init(
        handler: any MCPServerHandler,
        socketPath: String,
        path: String = "/mcp",
        configuration: StreamableHTTPConfiguration = StreamableHTTPConfiguration(),
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.init(
            handler: handler,
            address: .unixDomainSocket(path: socketPath),
            addressName: socketPath,
            path: path,
            plainPaths: [:],
            configuration: configuration,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
    }

    private init(
        handler: any MCPServerHandler,
        address: BindAddress,
        addressName: String,
        path: String,
        plainPaths: [String: @Sendable () -> PlainAnswer],
        configuration: StreamableHTTPConfiguration,
        clock: some Clock<Duration>,
        logger: Logger,
        metrics: MetricsRegistry
    ) {
        endpoint = StreamableHTTPEndpoint(
            handler: handler,
            configuration: configuration,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
        self.address = address
        self.addressName = addressName
        self.path = path
        self.plainPaths = plainPaths
        self.logger = logger
        limits = configuration.limits
    }

    /// Serves until the task is cancelled, or a graceful shutdown has let the requests in flight finish.
    ///
    /// - Throws: an error if the port cannot be bound.
    public func run() async throws {
        defer { settle(.ended) }
        let application = Application(
            responder: EndpointResponder(endpoint: endpoint, path: path, plainPaths: plainPaths),
            server: limits.httpServer,
            configuration: .init(
                address: address,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.maximumConnections)
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                self.logger.info(
                    "MCP is served",
                    metadata: ["address": "\(self.addressName)", "port": "\(port)", "path": "\(self.path)"]
                )
                self.settle(.bound(port))
            },
            logger: quiet
        )
        try await withThrowingTaskGroup(of: Part.self) { group in
            defer { group.cancelAll() }
            // Both shut down at the same time: connections end when the endpoint has ended their streams.
            group.addTask {
                try await self.endpoint.run()
                return .endpoint
            }
            group.addTask {
                try await application.run()
                return .connections
            }
            if try await group.next() == .endpoint {
                // What remains are connections whose clients do not read.
                group.addTask {
                    try? await self.endpoint.time.sleep(for: Self.closingTime)
                    return .connections
                }
            }
            _ = try await group.next()
        }
    }

    /// What runs, and ends.
    private enum Part { case endpoint, connections }

    /// How long connections may take to end when all requests are done.
    private static let closingTime = Duration.seconds(5)

    /// It reports every connection that is open at the end as an error. Relevant errors are thrown by ``run()``.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .critical)
        return logger
    }

    private func settle(_ port: Port) {
        let waiting = boundPort.withLock { state -> [Signal] in
            guard case .waiting(let list) = state else { return [] }
            state = port
            return list
        }
        for signal in waiting { signal.finish() }
    }

    /// The server has ended before it had a port.
    public struct NotRunning: Error, Sendable, CustomStringConvertible {
        public var description: String { "the server ended before it listened; run() throws the reason" }
    }

    /// The port that the server listens on, once it does.
    public func port() async throws -> Int {
        let signal = Signal()
        let isWaiting = boundPort.withLock { state in
            guard case .waiting(let list) = state else { return false }
            state = .waiting(list + [signal])
            return true
        }
        if isWaiting { await signal.wait() }
        try Task.checkCancellation()
        guard case .bound(let port) = boundPort.withLock({ $0 }) else { throw NotRunning() }
        return port
    }
}

/// What a server answers on a path that is not that of MCP.
public struct PlainAnswer: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// One line of text.
    public var text: String

    public init(status: Int, text: String) {
        self.status = status
        self.text = text
    }
}

/// The context of a request, with its connection.
private struct EndpointContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// Passes requests for one path to the endpoint.
private struct EndpointResponder: HTTPResponder {
    typealias Context = EndpointContext

    let endpoint: StreamableHTTPEndpoint
    let path: String
    let plainPaths: [String: @Sendable () -> PlainAnswer]

    func respond(to request: Request, context: EndpointContext) async throws -> Response {
        if request.uri.path == path { return await endpoint.respond(to: request, channel: context.channel) }
        guard let plain = plainPaths[request.uri.path] else { return Response(status: .notFound) }
        guard request.method == .get else { return Response(status: .methodNotAllowed, headers: [.allow: "GET"]) }
        let answer = plain()
        return Response(
            status: .init(code: answer.status),
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: answer.text + "\n"))
        )
    }
}
