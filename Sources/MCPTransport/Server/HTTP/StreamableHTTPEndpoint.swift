internal import HTTPTypes
public import Hummingbird
public import Logging
internal import MCPProtocol
public import NIOCore
public import Observability
public import ServiceLifecycle
import Synchronization

/// Streamable HTTP of both eras on one path. It answers requests that any Hummingbird server passes to it; ``StreamableHTTPServer`` is
/// a server of its own.
///
/// ``run()`` must be running: the work on requests is done there, since in the legacy era it outlives its connection. Until then, and
/// after a graceful shutdown has begun, requests are answered with 503.
public final class StreamableHTTPEndpoint: Service {
    enum Phase { case new, running, stopping }

    struct State {
        var phase = Phase.new
        var requests = 0
        var streams = 0
        var sessions: [String: ServerSession] = [:]
        var ended = EndedSessions(limit: 10_000)
        var sessionCount: UInt64 = 0
        /// The streams that a connection carries now, for keeping them alive.
        var carried: [Int: OutboundStream] = [:]
        var nextCarried = 0
    }

    let handler: any MCPServerHandler
    let configuration: StreamableHTTPConfiguration
    let rules: ServerRules
    let time: ServerTime
    let logger: Logger
    let metrics: ServerMetrics
    let execution: RequestExecution
    let runner = RequestRunner()
    private let started = Signal()
    let state = Mutex(State())

    var limits: ServerLimits { configuration.limits }

    /// - Parameters:
    ///   - handler: answers the requests.
    ///   - clock: for all limits of time.
    ///   - metrics: where to count.
    public init(
        handler: any MCPServerHandler,
        configuration: StreamableHTTPConfiguration = StreamableHTTPConfiguration(),
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.handler = handler
        self.configuration = configuration
        self.logger = logger
        self.metrics = ServerMetrics(registry: metrics)
        time = ServerTime(clock)
        rules = ServerRules(
            versions: configuration.versions,
            limits: configuration.limits.message,
            // They are checked before the body is read.
            origins: OriginPolicy(allowsAll: true),
            methods: configuration.methods
        )
        execution = RequestExecution(
            handler: handler,
            time: time,
            limits: configuration.limits,
            logger: logger,
            metrics: self.metrics
        )
    }

    /// Waits until ``run()`` takes requests, or the task is cancelled.
    public func waitUntilRunning() async {
        if state.withLock({ $0.phase }) == .new { await started.wait() }
    }

    func start() {
        state.withLock { $0.phase = .running }
        started.finish()
    }

    /// Answers one HTTP request.
    ///
    /// - Parameters:
    ///   - channel: the connection of HTTP/1.1, which is watched: a client that closes it cancels its request (M12).
    ///   - principal: who makes the request, if the caller has found out.
    ///   - attachment: what the handler finds as ``ServerRequest/attachment``.
    public func respond(
        to request: Request,
        channel: any Channel,
        principal: Principal = .anonymous,
        attachment: (any Sendable)? = nil
    ) async -> Response {
        // Before the work begins: a client that is gone by then would not be noticed.
        let watch = await ConnectionWatch.on(channel)
        do throws(ProtocolError) {
            return try await accept(
                request,
                HTTPCaller(channel: channel, watch: watch, principal: principal, attachment: attachment)
            )
        } catch {
            metrics.refused(status: error.httpStatus)
            logger.debug(
                "a request is refused",
                metadata: ["status": "\(error.httpStatus)", "error": "\(error)"]
            )
            return refusal(error, channel)
        }
    }

    private func accept(_ request: Request, _ caller: HTTPCaller) async throws(ProtocolError) -> Response {
        guard state.withLock({ $0.phase }) == .running else { throw .unavailable("The server is not running") }
        let hosts = configuration.hosts ?? .all
        try hosts.check(request.head.authority)
        let headers = HeaderFields(request.headers)
        try checkSize(headers)
        // Before the body, which a page that is not allowed could make large.
        if !hosts.isSameOrigin(headers, as: request.head.authority) { try configuration.origins.check(headers) }
        let body = request.method == .post ? try await collect(request) : []
        switch try rules.check(httpMethod: request.method.rawValue, headers: headers, body: body) {
        case .modern(let post): return try await answer(post, headers, caller)
        case .modernNotification(let notification):
            await handler.receive(notification, session: nil)
            return Response(status: .accepted)
        case .legacy(let post): return try await take(post, headers, caller)
        case .legacyStream(let session, let lastEventID):
            return try await openStream(session, lastEventID, caller)
        case .legacyEnd(let headers):
            let session = try session(headers, caller.principal, id: nil)
            state.withLock { $0.ended.insert(session.id) }
            await end(session)
            return Response(status: .noContent)
        }
    }

    private func checkSize(_ headers: HeaderFields) throws(ProtocolError) {
        let bytes = headers.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard headers.fields.count <= limits.maximumHeaderFields, bytes <= limits.maximumHeaderBytes else {
            throw ProtocolError(
                .invalidRequest,
                "The request has more than \(limits.maximumHeaderFields) header fields or more than "
                    + "\(limits.maximumHeaderBytes) bytes of them",
                httpStatus: 431
            )
        }
    }

    private func collect(_ request: Request) async throws(ProtocolError) -> [UInt8] {
        let maximum = limits.message.maximumBytes
        let tooLarge = ProtocolError(
            .invalidRequest,
            "The message has more than \(maximum) bytes",
            httpStatus: 413
        )
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximum { throw tooLarge }
        do {
            let body = request.body
            let buffer = try await time.limit(limits.bodyTime) { try await body.collect(upTo: maximum) }
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch is TimeLimitExceeded {
            throw ProtocolError(.invalidRequest, "The body took longer than \(limits.bodyTime)", httpStatus: 408)
        } catch {
            throw ProtocolError(.invalidRequest, "The body could not be read")
        }
    }
}

/// Where a request comes from.
struct HTTPCaller: Sendable {
    let channel: any Channel
    let watch: ConnectionWatch
    let principal: Principal
    let attachment: (any Sendable)?
}

extension ProtocolError {
    /// 503: the client can try again.
    static func unavailable(_ message: String, id: MCPProtocol.RequestID? = nil) -> ProtocolError {
        ProtocolError(.internalError, message, id: id, httpStatus: 503)
    }
}
