internal import AsyncHTTPClient
internal import FoundationEssentials
internal import HTTPTypes
public import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Carries requests over HTTP/1.1 or HTTP/2 with async-http-client. Watches have a client, and so connections, of their own.
///
/// Call `shutdown()` when it is done with.
public final class HTTPTransport: APITransport {
    /// The limits of a transport.
    public struct Options: Sendable {
        /// How long making a connection may take.
        public var connectTimeout: Duration = .seconds(10)
        /// How long an exchange that is no watch may take, where the request does not say. The API server's own limit is 60 s.
        public var requestTimeout: Duration = .seconds(65)
        /// How long the answer to a request that is no watch may be silent.
        public var readTimeout: Duration = .seconds(60)
        /// How many HTTP/1.1 connections requests and watches may each have; with HTTP/2 one serves all.
        public var connectionLimit = 64
        /// Who asks, by which priority rules and audit logs know us.
        public var userAgent: String

        public init(version: String = "0.1.0") {
            userAgent = "moorage/\(version) (linux/\(Self.architecture))"
        }

        private static var architecture: String {
            #if arch(arm64)
                "arm64"
            #else
                "amd64"
            #endif
        }
    }

    public let host: String

    private let configuration: KubernetesClientConfiguration
    private let server: ServerAddress
    private let options: Options
    private let logger: Logger
    private let tls: TLSMaterial?
    private let credentials: any CredentialSource
    private let requests: HTTPClient
    private let watches: HTTPClient
    private let warnings = Mutex(WarningLog())
    private let impersonation: HTTPFields

    /// How many times its compressed size an answer may have. Lists of like objects reach a hundred; what is beyond was made
    /// to swell. The format's own limit is 1,032.
    private static let largestRatio = 500

    /// Makes a transport; connections are made with the first request.
    ///
    /// - Parameters:
    ///   - configuration: where the server is, and how to be known to it.
    ///   - options: limits.
    ///   - environment: where `HTTPS_PROXY` and `NO_PROXY` are looked up, this process's where it is not given.
    ///   - logger: where the server's warnings go.
    /// - Throws: `ClientError` with `configuration` or `tls`.
    public convenience init(
        _ configuration: KubernetesClientConfiguration,
        options: Options = Options(),
        environment: [String: String]? = nil,
        logger: Logger = Logger(label: "moorage.client", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws {
        try self.init(
            configuration,
            options: options,
            environment: environment ?? ProcessInfo.processInfo.environment,
            logger: logger,
            credentials: nil,
            now: { ContinuousClock.now }
        )
    }

    init(
        _ configuration: KubernetesClientConfiguration,
        options: Options,
        environment: [String: String],
        logger: Logger = Logger(label: "moorage.client", factory: { _ in SwiftLogNoOpLogHandler() }),
        credentials: (any CredentialSource)?,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) throws {
        self.configuration = configuration
        self.options = options
        self.logger = logger
        let server = try ServerAddress(configuration.server)
        self.server = server
        host = server.authority
        let tls = server.isSecure ? TLSMaterial(configuration, now: now) : nil
        self.tls = tls
        self.credentials = credentials ?? Self.source(configuration.credentials, now: now)
        impersonation = Self.impersonationHeaders(configuration.impersonation)
        let proxy =
            try configuration.proxyURL.map { text throws(ClientError) in try ProxySelection(text) }
            ?? ProxySelection.fromEnvironment(environment, for: server)
        let first = try tls?.current()
        var settings = Self.settings(configuration, server, options, proxy, first)
        settings.timeout.read = options.readTimeout.timeAmount
        if !configuration.disableCompression {
            settings.decompression = .enabled(limit: .ratio(Self.largestRatio))
        }
        requests = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        // A watch has an idle timeout around it.
        settings.timeout.read = nil
        // API servers compress no watches.
        settings.decompression = .disabled
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        watches = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    private static func settings(
        _ configuration: KubernetesClientConfiguration,
        _ server: ServerAddress,
        _ options: Options,
        _ proxy: ProxySelection?,
        _ tls: TLSConfiguration?
    ) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration(tlsConfiguration: tls)
        settings.redirectConfiguration = .disallow
        settings.timeout.connect = options.connectTimeout.timeAmount
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionLimit
        // A connection that is refused is told at once: whether to try again is the retry policy's to say.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.httpVersion = .automatic
        if let name = configuration.tlsServerName { settings.dnsOverride = [name: server.host] }
        settings.proxy = proxy.map { proxy in
            switch proxy.kind {
            case .socks5: return .socksServer(host: proxy.host, port: proxy.port)
            case .http:
                guard let pair = proxy.credentials else { return .server(host: proxy.host, port: proxy.port) }
                let encoded = Data(pair.reveal().utf8).base64EncodedString()
                return .server(host: proxy.host, port: proxy.port, authorization: .basic(credentials: encoded))
            }
        }
        settings.http1_1ConnectionDebugInitializer = DeadPeers.watch
        settings.http2ConnectionDebugInitializer = DeadPeers.watch
        return settings
    }

    private static func source(
        _ credentials: KubernetesClientConfiguration.Credentials,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) -> any CredentialSource {
        switch credentials {
        case .none: return FixedCredential(credential: RequestCredential())
        case .token(let token):
            let value = SensitiveString("Bearer \(token.reveal().trimmed)")
            return FixedCredential(credential: RequestCredential(authorization: value))
        case .tokenFile(let path, let initial): return TokenFileSource(path: path, initial: initial, now: now)
        case .basic(let username, let password):
            let pair = Data("\(username):\(password.reveal())".utf8).base64EncodedString()
            return FixedCredential(credential: RequestCredential(authorization: SensitiveString("Basic \(pair)")))
        case .exec(let configuration): return ExecCredentialSource(configuration: configuration)
        }
    }

    /// Closes all connections.
    public func shutdown() async throws {
        defer { watches.shutdown { _ in } }
        try await requests.shutdown()
    }

    public func execute(_ request: APIRequest) async throws -> APIResponse {
        let credential = try await credentials.current()
        let response: APIResponse
        do {
            response = try await send(request, credential)
        } catch let error as ClientError where error.code == .tls {
            // One side does not believe the other, so nothing was done: the files may have rotated since they were read.
            guard tls?.reread() == true else { throw error }
            return try await send(request, credential)
        }
        guard response.status.code == 401 else { return response }
        // Both, whatever the first says: either may be what the server refused.
        let hasNewCredential = await credentials.refused(credential)
        let hasNewCertificate = tls?.reread() ?? false
        guard hasNewCredential || hasNewCertificate else { return response }
        // Let go of the first answer before asking again: its body is an error's, and short.
        _ = try? await response.body.collect(upTo: 1 << 16)
        return try await send(request, try await credentials.current())
    }

    private func send(_ request: APIRequest, _ credential: RequestCredential) async throws -> APIResponse {
        let name = "\(request.method.rawValue) \(server.prefix())\(request.path)"
        var outgoing = HTTPClientRequest(
            url: server.prefix(host: configuration.tlsServerName) + request.target(basePath: server.basePath)
        )
        let isWatch = request.purpose == .watch
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        for field in impersonation { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        outgoing.headers.replaceOrAdd(name: "User-Agent", value: options.userAgent)
        if configuration.tlsServerName != nil { outgoing.headers.add(name: "Host", value: server.authority) }
        if let authorization = credential.authorization, !outgoing.headers.contains(name: "Authorization") {
            outgoing.headers.add(name: "Authorization", value: authorization.reveal())
        }
        if !isWatch, !configuration.disableCompression,
            !outgoing.headers.contains(name: "Accept-Encoding")
        {
            outgoing.headers.add(name: "Accept-Encoding", value: "gzip")
        }
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        // One configuration for all requests, while nothing rotated, keeps the pool's key cheap.
        outgoing.tlsConfiguration = try tls?.current(certificate: credential.certificate, key: credential.key)
        let client = isWatch ? watches : requests
        let timeout = isWatch ? nil : (request.timeout ?? options.requestTimeout).timeAmount
        do {
            let answer = try await client.execute(
                outgoing,
                deadline: timeout.map { .now() + $0 } ?? .distantFuture
            )
            return try receive(answer, name)
        } catch {
            throw TransportFailure.error(error, request: name)
        }
    }

    private func receive(_ answer: HTTPClientResponse, _ name: String) throws -> APIResponse {
        var fields = HTTPFields()
        for (key, value) in answer.headers {
            if let fieldName = HTTPField.Name(key) { fields.append(HTTPField(name: fieldName, value: value)) }
        }
        for header in answer.headers["Warning"] {
            for text in warnings.withLock({ $0.news(in: header) }) {
                logger.warning("the API server warns", metadata: ["warning": "\(text)"])
            }
        }
        return APIResponse(
            status: .init(code: Int(answer.status.code), reasonPhrase: answer.status.reasonPhrase),
            headers: fields,
            body: APIResponse.Body(IncomingChunks(body: answer.body, request: name))
        )
    }

    /// `transport/round_trippers.go`: one header a group, extra keys escaped and in lower case.
    static func impersonationHeaders(_ impersonation: KubernetesClientConfiguration.Impersonation?) -> HTTPFields {
        var fields = HTTPFields()
        guard let impersonation else { return fields }
        func add(_ name: String, _ value: String) {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        add("Impersonate-User", impersonation.user)
        if let uid = impersonation.uid { add("Impersonate-Uid", uid) }
        for group in impersonation.groups { add("Impersonate-Group", group) }
        for (key, values) in impersonation.extra.sorted(by: { $0.key < $1.key }) {
            var escaped = ""
            PercentEncoding.append(key.lowercased(), allowing: PercentEncoding.unreserved, to: &escaped)
            for value in values { add("Impersonate-Extra-\(escaped)", value) }
        }
        return fields
    }
}

/// An answer's body as arrays, with errors of ours.
private struct IncomingChunks: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    let body: HTTPClientResponse.Body
    let request: String

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: body.makeAsyncIterator(), request: request)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: HTTPClientResponse.Body.AsyncIterator
        let request: String

        mutating func next() async throws -> [UInt8]? {
            do {
                guard let buffer = try await iterator.next() else { return nil }
                return Array(buffer.readableBytesView)
            } catch {
                throw TransportFailure.error(error, request: request, hasAnswer: true)
            }
        }
    }
}

extension Duration {
    /// As NIO has it, cut to whole nanoseconds.
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return .nanoseconds(overflow ? Int64.max / 2 : whole + attoseconds / 1_000_000_000)
    }
}
