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

/// Sends requests over HTTP/1.1 with async-http-client.
///
/// Each watch has its own connection. Over HTTP/2, all watches would share one connection, whose number of streams is limited
/// by the server (often to 100 or 250): further watches would wait until others end. Other requests share a few connections:
/// in this library, a stream of HTTP/2 takes more processor time than a request of HTTP/1.1.
///
/// Call `shutdown()` when you no longer need it.
public final class HTTPTransport: APITransport {
    /// The limits of a transport.
    public struct Options: Sendable {
        /// The time limit for connecting.
        public var connectTimeout: Duration = .seconds(10)
        /// The time limit of an exchange other than a watch, until the end of the body, unless the request sets one.
        /// The API server's own limit is 60 s.
        public var requestTimeout: Duration = .seconds(65)
        /// How long an answer can be silent, except that of a watch.
        public var readTimeout: Duration = .seconds(60)
        /// The maximum number of connections for requests other than watches.
        public var connectionLimit = 64
        /// The `User-Agent` header, which flow schemas and audit logs use.
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

    /// The maximum factor by which decompression can expand an answer. Lists of similar objects reach a factor of 100;
    /// a higher factor suggests a decompression bomb. The format's own limit is 1,032.
    private static let largestRatio = 500

    /// Creates a transport. It connects with the first request.
    ///
    /// - Parameters:
    ///   - configuration: the server's address, and the credentials.
    ///   - options: limits.
    ///   - environment: the environment variables with `HTTPS_PROXY` and `NO_PROXY`. Defaults to those of this process.
    ///   - logger: where the server's warnings are logged.
    /// - Throws: `ClientError` with `tls` or `configuration`, also for credentials that would be sent in plain text.
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
        let server = try ServerAddress(configuration.server, usesTLSByDefault: configuration.usesTLSByDefault)
        if !server.isSecure, !server.isLoopback, configuration.credentials != .none {
            throw ClientError(
                .configuration,
                "the credentials would be sent to \(server.authority) in plain text: write the server as "
                    + "https://\(server.authority)"
            )
        }
        self.server = server
        host = server.authority
        let tls = server.isSecure ? TLSMaterial(configuration, now: now) : nil
        self.tls = tls
        self.credentials = credentials ?? Self.source(configuration.credentials, now: now)
        impersonation = Self.impersonationHeaders(configuration.impersonation)
        let proxy =
            try configuration.proxyURL.map { text throws(ClientError) in try ProxySelection(text) }
            ?? ProxySelection.fromEnvironment(environment, for: server)
        let first = try tls?.current().configuration
        var settings = Self.settings(configuration, server, options, proxy, first)
        settings.timeout.read = options.readTimeout.timeAmount
        if !configuration.disableCompression {
            settings.decompression = .enabled(limit: .ratio(Self.largestRatio))
        }
        requests = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        // The reader of a watch decides how long it can be silent.
        settings.timeout.read = nil
        // API servers do not compress watches.
        settings.decompression = .disabled
        // A watch must never wait for another one to end.
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100_000
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
        // A refused connection is reported immediately: the retry policy decides whether to try again.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.httpVersion = .http1Only
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
        settings.http1_1ConnectionDebugInitializer = TCPKeepAlive.configure
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
        credentials.shutDown()
        defer { watches.shutdown { _ in } }
        try await requests.shutdown()
    }

    public func execute(_ request: APIRequest) async throws -> APIResponse {
        let credential = try await credentials.current()
        let material = try tls?.current(certificate: credential.certificate, key: credential.key)
        let response: APIResponse
        do {
            response = try await send(request, credential, material)
        } catch let error as ClientError where error.code == .tls {
            // One side does not accept the other's certificate, so the request was not processed. The files may have
            // been rotated.
            guard let tls, let material, tls.refresh(after: material.generation) else { throw error }
            return try await send(
                request,
                credential,
                try tls.current(certificate: credential.certificate, key: credential.key)
            )
        }
        guard response.status.code == 401 else { return response }
        // Both are refreshed: the server may have rejected either.
        let hasNewCredential = await credentials.refused(credential)
        let hasNewCertificate = material.map { tls?.refresh(after: $0.generation) ?? false } ?? false
        guard hasNewCredential || hasNewCertificate else { return response }
        // Read the rest of the first answer, which is a short error, so that its connection can be reused.
        _ = try? await response.body.collect(upTo: 1 << 16)
        let renewed = try await credentials.current()
        return try await send(
            request,
            renewed,
            try tls?.current(certificate: renewed.certificate, key: renewed.key)
        )
    }

    private func send(
        _ request: APIRequest,
        _ credential: RequestCredential,
        _ material: TLSMaterial.Current?
    ) async throws -> APIResponse {
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
        // All requests use the same configuration until a file is rotated, which makes the key of the connection pool
        // cheap.
        outgoing.tlsConfiguration = material?.configuration
        let client = isWatch ? watches : requests
        let limit = isWatch ? nil : request.timeout ?? options.requestTimeout
        do {
            let deadline = limit.map { (ContinuousClock.now + $0, $0) }
            let answer = try await client.execute(
                outgoing,
                deadline: limit.map { .now() + $0.timeAmount } ?? .distantFuture
            )
            return try receive(answer, name, deadline: deadline)
        } catch {
            throw TransportFailure.error(error, request: name)
        }
    }

    private func receive(
        _ answer: HTTPClientResponse,
        _ name: String,
        deadline: (ContinuousClock.Instant, limit: Duration)?
    ) throws -> APIResponse {
        var fields = HTTPFields()
        for (key, value) in answer.headers {
            if let fieldName = HTTPField.Name(key) { fields.append(HTTPField(name: fieldName, value: value)) }
        }
        for header in answer.headers["Warning"] {
            for text in warnings.withLock({ $0.newTexts(in: header) }) {
                logger.warning("the API server warns", metadata: ["warning": "\(text)"])
            }
        }
        return APIResponse(
            status: .init(code: Int(answer.status.code), reasonPhrase: answer.status.reasonPhrase),
            headers: fields,
            body: APIResponse.Body(IncomingChunks(body: answer.body, request: name, deadline: deadline))
        )
    }

    /// As in `transport/round_trippers.go`: one header for each group, extra keys escaped and in lower case.
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

/// The chunks of an answer's body as arrays, with this client's errors.
///
/// async-http-client's deadline only applies until the head of the answer, and its read timeout restarts with every
/// byte, so a body that arrives slowly would never time out. Therefore each chunk is checked against the deadline; the
/// read timeout detects complete silence.
private struct IncomingChunks: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    let body: HTTPClientResponse.Body
    let request: String
    let deadline: (ContinuousClock.Instant, limit: Duration)?

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: body.makeAsyncIterator(), request: request, deadline: deadline)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: HTTPClientResponse.Body.AsyncIterator
        let request: String
        let deadline: (ContinuousClock.Instant, limit: Duration)?

        mutating func next() async throws -> [UInt8]? {
            do {
                guard let buffer = try await iterator.next() else { return nil }
                if let (end, limit) = deadline, ContinuousClock.now > end {
                    throw ClientError(.timeout, "\(request): the answer was not complete after \(limit)")
                }
                return Array(buffer.readableBytesView)
            } catch {
                throw TransportFailure.error(error, request: request, hasAnswer: true)
            }
        }
    }
}

extension Duration {
    /// The duration as a NIO time amount, truncated to nanoseconds.
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return .nanoseconds(overflow ? Int64.max / 2 : whole + attoseconds / 1_000_000_000)
    }
}
