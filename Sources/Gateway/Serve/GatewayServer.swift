internal import HTTPTypes
internal import HTTPServing
internal import Hummingbird
internal import HummingbirdCore
internal import KubernetesClient
public import Logging
public import MCPProtocol
public import MCPTransport
internal import NIOCore
internal import NIOSSL
public import Observability
public import Policy
public import ServiceLifecycle
internal import Synchronization

/// How the gateway serves.
public struct GatewayOptions: Sendable {
    /// Limits of what clients may send, and how long they may take.
    public var server = ServerLimits()
    /// Limits of what backends may cost.
    public var upstream = UpstreamLimits()
    /// How remote servers are found and reached. Only tests change it.
    public var remoteNetwork = RemoteNetwork.system
    /// Which web pages may call the gateway: none by default.
    public var origins = OriginPolicy()
    /// The names that the gateway answers to; by default all, and on a loopback address those of the loopback address alone.
    public var hosts: HostPolicy?
    /// The keys with which sessions are sealed. By default a random one, so that sessions end with the process.
    public var sessionKeys = SessionKeys.random()
    /// The certificate of the port; `nil` for HTTP without TLS.
    public var certificates: ServerCertificates?
    /// The hosts that lead to servers, beside the paths.
    public var hostnames = HostPatterns.none
    /// The version that `/health` reports.
    public var version = "0.1.0"

    public init() {
        // Requests that take longer than the backend's limit have been answered by then.
        server.requestTime = .seconds(600)
        // Events are not kept: backends have them, and the gateway resumes the streams there.
        server.maximumReplayEvents = 0
    }
}

/// The gateway: an HTTP server whose routes lead to MCP servers.
public final class GatewayServer: Service {
    private let host: String
    private let hosts: HostPolicy
    private let requestedPort: Int
    private let options: GatewayOptions
    private let shield: GatewayGuard
    private let endpoint: StreamableHTTPEndpoint
    private let handler: GatewayHandler
    private let upstreams: Upstreams
    private let audit: AuditEndpoint
    private let logger: Logger
    private let table: Mutex<RouteTable>
    private let changes = RouteChanges()
    private let bound = Signal()
    private let boundPort = Mutex<Int?>(nil)

    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 for any that is free.
    ///   - shield: who may call what, how often, and what is recorded.
    ///   - exchange: how backends are reached.
    ///   - now: the seconds since 1970.
    public init(
        routes: RouteTable,
        host: String = "127.0.0.1",
        port: Int,
        options: GatewayOptions = GatewayOptions(),
        shield: GatewayGuard = .open,
        exchange: any HTTPExchange,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Int64,
        logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.host = host
        let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        hosts = options.hosts ?? (isLoopback ? .loopback : .all)
        requestedPort = port
        self.options = options
        self.shield = shield
        audit = AuditEndpoint(files: shield.auditFiles, logger: logger)
        self.logger = logger
        table = Mutex(routes)
        let info = Implementation(name: "moorage", version: options.version)
        upstreams = Upstreams(
            exchange: exchange,
            exchanger: shield.exchanger,
            limits: options.upstream,
            network: options.remoteNetwork,
            clientInfo: info,
            clock: clock,
            logger: logger,
            metrics: shield.metrics
        )
        handler = GatewayHandler(
            upstreams: upstreams,
            shield: shield,
            limits: options.upstream,
            keys: options.sessionKeys,
            info: info,
            clock: clock,
            logger: logger
        )
        var configuration = StreamableHTTPConfiguration()
        configuration.origins = options.origins
        configuration.hosts = hosts
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

    /// Serves other routes from now on. Requests in flight finish under the routes that they began with; streams that last go on with the new
    /// ones, and end if their caller may not use them.
    public func update(_ routes: RouteTable) {
        let before = table.withLock { table in
            defer { table = routes }
            return table
        }
        guard before != routes else { return }
        upstreams.update(routes.backends)
        changes.note(routes.pathsThatLookDifferent(since: before))
    }

    /// Serves until the task is cancelled, or a graceful shutdown has let the requests in flight finish.
    ///
    /// - Throws: an error if the port cannot be bound.
    public func run() async throws {
        defer { bound.finish() }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        let application = Application(
            responder: GatewayResponder(gateway: self),
            server: serverBuilder,
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
            if let certificates = options.certificates {
                group.addTask {
                    await certificates.run { self.shield.metrics?.setCertificateExpiration($0) }
                    return false
                }
            }
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

    private var serverBuilder: HTTPServerBuilder {
        let (connection, certificates) = (options.server.http1, options.certificates)
        return HTTPServerBuilder { responder in
            let http = HTTP1Server(responder: responder, configuration: connection)
            guard let certificates else { return EventLoopConnections(http) }
            return EventLoopConnections(ReloadingTLSChannel(base: http, certificates: certificates))
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
        let address = address(of: request)
        let path = address.route
        if let answer = plain(address, request) { return answer }
        let metadataURL =
            shield.authorizationServers.isEmpty
            ? nil : ProtectedResourceMetadata.url(origin: address.origin, path: address.path)
        let caller: Caller
        do throws(AuthenticationFailure) {
            let resource =
                address.isConfigured
                ? ProtectedResourceMetadata.resource(origin: address.origin, path: address.path) : nil
            caller = try await authenticate(request, resource: resource, channel)
        } catch {
            shield.metrics?.countAuthenticationFailure(error.code)
            return refusal(error, metadataURL)
        }
        if path == AuditEndpoint.path {
            return await audit.respond(to: request, caller: caller, metadataURL: metadataURL)
        }
        if let asked = RegistryRequest(path: path) { return registry(asked, request, address, caller) }
        let route: Route
        switch self.route(at: path, for: caller) {
        case .none: return Response(status: .notFound)
        case .forbidden(let reason): return error(403, "Forbidden: \(reason)")
        case .found(let found): route = found
        }
        return await endpoint.respond(
            to: request,
            channel: channel,
            // A session belongs to one caller at one path.
            principal: Principal(id: "\(caller.id)\n\(path)"),
            attachment: GatewayCall(
                route: route,
                caller: caller,
                token: shield.exchanger == nil ? nil : Self.token(of: request),
                metadataURL: metadataURL,
                watch: RouteWatch(path: path, changes: changes) { [weak self] in
                    guard case .found(let route) = self?.route(at: path, for: caller) else { return nil }
                    return route
                }
            )
        )
    }

    /// What a caller finds at a path.
    private enum Finding {
        /// Nothing, or nothing that it may know of.
        case none
        case forbidden(String)
        /// The route, with the members that it may call.
        case found(Route)
    }

    private func route(at path: String, for caller: Caller) -> Finding {
        Self.finding(table.withLock { $0[path] }, for: caller)
    }

    private static func finding(_ route: Route?, for caller: Caller) -> Finding {
        guard var route, route.rules?.isVisible(to: caller) ?? true else { return .none }
        guard let rules = route.rules else { return .found(route) }
        let all = route.members
        route.members = all.filter { rules.decide(caller, $0, .server).isAllowed }
        if let first = all.first, route.members.isEmpty,
            case .forbidden(let reason) = rules.decide(caller, first, .server)
        {
            return .forbidden(reason)
        }
        return .found(route)
    }

    /// The servers that a caller may use.
    private func registry(
        _ asked: RegistryRequest,
        _ request: Request,
        _ address: Address,
        _ caller: Caller
    ) -> Response {
        do throws(ProtocolError) {
            try checkPage(request)
        } catch {
            return self.error(error.httpStatus, error.message)
        }
        let routes = table.withLock { $0 }.all.compactMap { route -> Route? in
            guard case .found(let found) = Self.finding(route, for: caller) else { return nil }
            return found
        }
        // Where this caller needed a token, others do too.
        let needsToken = shield.authorizationServers.isEmpty && request.headers[.authorization] != nil
        return RegistryEndpoint(origin: address.origin, needsToken: needsToken)
            .respond(to: request, asking: asked, routes: routes)
    }

    /// Refuses web pages that may not call the gateway.
    private func checkPage(_ request: Request) throws(ProtocolError) {
        try hosts.check(request.head.authority)
        try options.origins.check(HeaderFields(request.headers))
    }

    /// The token of a request that was authenticated.
    private static func token(of request: Request) -> SensitiveString? {
        let credentials = Credentials(authorization: request.headers[values: .authorization])
        return (try? credentials.bearerToken(maximumBytes: .max)).flatMap { $0 }.map { SensitiveString($0) }
    }

    private func authenticate(
        _ request: Request,
        resource: String?,
        _ channel: any Channel
    ) async throws(AuthenticationFailure) -> Caller {
        guard let authenticator = shield.authenticator else { return .anonymous }
        let asksClients = options.certificates?.asksClients ?? false
        let query = request.uri.query ?? ""
        let hasToken = query.split(separator: "&").contains { $0 == "access_token" || $0.hasPrefix("access_token=") }
        return try await authenticator.authenticate(
            Credentials(
                authorization: request.headers[values: .authorization],
                certificate: asksClients ? await ClientCertificate.verified(of: channel) : nil,
                hasTokenInQuery: hasToken,
                resource: resource
            )
        )
    }

    /// What a request is for: the route, and the address under which the client knows it.
    private struct Address {
        /// The path of the route.
        var route: String
        /// The beginning of the resource's URL.
        var origin: String
        /// The path in the resource's URL.
        var path: String
        /// Whether the settings say that the resource has this URL. The address that a request itself names does not count: a token for
        /// another resource would fit a `Host` that its holder writes.
        var isConfigured: Bool
    }

    private func address(of request: Request) -> Address {
        let path = request.uri.path
        let authority = request.head.authority
        let known = ProtectedResourceMetadata.resourcePath(of: path)
        // A host of a pattern leads to one route and no other, so a token for it is of use there alone.
        if let route = options.hostnames.path(for: authority), let authority, (known ?? path) == HostPatterns.endpoint {
            return Address(
                route: known == nil ? route : path.dropLast(HostPatterns.endpoint.count) + route,
                origin: "\(scheme)://\(authority.lowercased())",
                path: HostPatterns.endpoint,
                // A pattern has no port.
                isConfigured: !authority.contains(":")
            )
        }
        return Address(
            route: path,
            origin: shield.origin ?? "\(scheme)://\(authority ?? host)",
            path: known ?? path,
            isConfigured: shield.origin != nil
        )
    }

    /// The scheme of the clients' URLs: what stands before the gateway may serve TLS.
    private var scheme: String {
        shield.origin?.hasPrefix("https:") == true || options.certificates != nil ? "https" : "http"
    }

    private func refusal(_ failure: AuthenticationFailure, _ metadataURL: String?) -> Response {
        var response = error(failure.httpStatus, failure.message)
        if let challenge = AuthorizationChallenge.value(for: failure, metadataURL: metadataURL) {
            response.headers[.wwwAuthenticate] = challenge
        }
        if failure.httpStatus == 503 { response.headers[.retryAfter] = "5" }
        return response
    }

    /// An error before the message was read, so that its id is not known.
    private func error(_ status: Int, _ message: String) -> Response {
        let error = JSONRPCError(code: ErrorCode(rawValue: Int64(status)), message: message, data: nil)
        return Response(
            status: .init(code: status),
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSONRPCResponse(id: nil, error: error).bytes))
        )
    }

    /// The metadata of a resource (RFC 9728), which needs no credentials. Of a route that does not exist it names no scopes.
    private func metadata(_ path: String, _ address: Address) -> Response {
        let scopes = table.withLock { $0[path] }.map { route in
            route.members.reduce(into: Set<String>()) { scopes, member in
                for entry in member.publishedTools ?? [] { scopes.formUnion(entry.requiredScopes) }
            }
        }
        let auditScopes: Set<String>? = path == AuditEndpoint.path ? [AuditQueryAccess.defaultScope] : nil
        let metadata = ProtectedResourceMetadata(
            origin: address.origin,
            path: address.path,
            authorizationServers: shield.authorizationServers,
            scopes: scopes ?? auditScopes ?? []
        )
        guard let document = metadata.document else { return Response(status: .notFound) }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "max-age=60"],
            body: .init(byteBuffer: ByteBuffer(bytes: document.bytes))
        )
    }

    /// What is answered without credentials; `nil` for everything else.
    private func plain(_ address: Address, _ request: Request) -> Response? {
        let path = address.route
        if let resource = ProtectedResourceMetadata.resourcePath(of: path) {
            guard request.method == .get else { return Response(status: .methodNotAllowed, headers: [.allow: "GET"]) }
            return metadata(resource, address)
        }
        return switch (path, request.method) {
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
        default: nil
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
