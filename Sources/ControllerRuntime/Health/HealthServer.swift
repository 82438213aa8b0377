import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import Observability
public import ServiceLifecycle
import Synchronization

/// Serves `/healthz`, `/livez`, `/readyz` and `/metrics`.
///
/// `/healthz` is the same as `/livez`. Each path accepts `?verbose` and `?exclude=NAME`, and a single check is served
/// at a path such as `/readyz/NAME`.
public final class HealthServer: Service, CustomStringConvertible {
    /// The paths to serve.
    public struct Content: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// The health endpoints.
        public static let health = Content(rawValue: 1)
        /// `/metrics`.
        public static let metrics = Content(rawValue: 2)
    }

    /// A document that is served beside the health endpoints.
    public struct Document: Sendable {
        /// The path, such as `/usage`.
        public var path: String
        /// The media type.
        public var type: String
        /// The content at the moment.
        public var content: @Sendable () -> String

        public init(path: String, type: String, content: @escaping @Sendable () -> String) {
            self.path = path
            self.type = type
            self.content = content
        }
    }

    private let address: BindAddress
    private let responder: HealthResponder
    private let logger: Logger
    private let port = Mutex<Int?>(nil)
    private let started = Signal()

    /// Creates a server.
    ///
    /// - Parameters:
    ///   - host: the address to listen on; `0.0.0.0` or `::` for all.
    ///   - port: the port; 0 selects a free port.
    ///   - liveness: the checks that fail if the process must be restarted.
    ///   - readiness: the checks that fail if the process is not ready.
    ///   - documents: what is served beside ``Content/health``.
    public init(
        host: String,
        port: Int,
        content: Content = [.health, .metrics],
        liveness: [HealthCheck] = [],
        readiness: [HealthCheck] = [],
        metrics: MetricsRegistry,
        documents: [Document] = [],
        logger: Logger = Logger(label: "runtime.health")
    ) {
        address = .hostname(host, port: port)
        responder = HealthResponder(
            content: content,
            live: HealthEndpoint(name: "livez", checks: liveness),
            healthy: HealthEndpoint(name: "healthz", checks: liveness),
            ready: HealthEndpoint(name: "readyz", checks: readiness),
            metrics: metrics,
            documents: documents
        )
        self.logger = logger
    }

    public var description: String { "HealthServer" }

    /// The port that the server listens on, `nil` before it listens.
    public var boundPort: Int? { port.withLock { $0 } }

    /// Returns once the server listens.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilListening() async throws {
        try await started.wait()
    }

    /// Serves until shut down.
    ///
    /// - Throws: an error if the server cannot listen on the address.
    public func run() async throws {
        let application = Application(
            responder: responder,
            server: .http1Server(),
            configuration: ApplicationConfiguration(address: address),
            onServerRunning: { [weak self] channel in
                self?.port.withLock { $0 = channel.localAddress?.port }
                self?.started.raise()
            },
            logger: logger
        )
        try await application.run()
    }
}

/// Answers the requests of a `HealthServer`.
struct HealthResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let content: HealthServer.Content
    let live: HealthEndpoint
    let healthy: HealthEndpoint
    let ready: HealthEndpoint
    let metrics: MetricsRegistry
    var documents: [HealthServer.Document] = []

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        var response = answer(to: request)
        // A body after the response to HEAD would be read as the next response on the connection.
        if request.method == .head { response.body = ResponseBody() }
        return response
    }

    private func answer(to request: Request) -> Response {
        let parts = request.uri.path.split(separator: "/").map(String.init)
        guard request.method == .get || request.method == .head else {
            return Self.response(status: 405, body: "only GET and HEAD are served\n")
        }
        if content.contains(.metrics), parts == ["metrics"] {
            let format = ExpositionFormat(accept: request.headers[.accept])
            return Self.response(status: 200, body: metrics.exposition(format), type: format.contentType)
        }
        if content.contains(.health), let document = documents.first(where: { $0.path == request.uri.path }) {
            return Self.response(status: 200, body: document.content(), type: document.type)
        }
        guard content.contains(.health), let first = parts.first, parts.count <= 2,
            let endpoint = [live, healthy, ready].first(where: { $0.name == first })
        else { return Self.response(status: 404, body: "not found\n") }
        let answer: HealthEndpoint.Answer
        if parts.count == 2 {
            answer = endpoint.answer(for: parts[1])
        } else {
            let query = request.uri.queryParameters
            answer = endpoint.answer(
                excluding: query.getAll("exclude"),
                isVerbose: query["verbose"] != nil
            )
        }
        return Self.response(status: answer.status, body: answer.body)
    }

    private static func response(
        status: Int,
        body: String,
        type: String = "text/plain; charset=utf-8"
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-cache, no-store"
        headers[.contentLength] = String(body.utf8.count)
        return Response(
            status: HTTPResponse.Status(code: status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}
