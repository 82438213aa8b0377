internal import AsyncHTTPClient
internal import FoundationEssentials
public import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Sends requests with async-http-client. Call ``shutdown()`` when it is no longer needed.
public final class HTTPRegistryTransport: RegistryTransport {
    private let options: RegistryOptions
    private let tls: TLSConfiguration
    /// A client for each proxy, and one without.
    private let clients = Mutex<[RegistryProxy.Server?: HTTPClient]>([:])

    /// Creates a transport. It connects with the first request.
    ///
    /// - Throws: `RegistryError`, if the additional authorities are not valid.
    public init(_ options: RegistryOptions) throws(RegistryError) {
        self.options = options
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let pem = options.additionalAuthorities {
            let certificates = try? NIOSSLCertificate.fromPEMBytes(pem)
            guard let certificates, !certificates.isEmpty else {
                throw RegistryError(
                    .invalid,
                    "the additional authorities (registries.caFile) are not certificates in PEM"
                )
            }
            tls.additionalTrustRoots = [.certificates(certificates)]
        }
        self.tls = tls
    }

    /// Closes all connections.
    public func shutdown() async {
        let clients = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in clients { try? await client.shutdown() }
    }

    public func get(_ url: String, headers: HTTPFields, limit: Int) async throws -> RegistryAnswer {
        guard let parsed = URL(string: url), let host = parsed.host() else {
            throw RegistryError(.invalid, "the URL is not valid")
        }
        let isPlainHTTP = parsed.scheme == "http"
        let authority = host + (parsed.port.map { ":\($0)" } ?? "")
        var request = HTTPClientRequest(url: url)
        for field in headers { request.headers.add(name: field.name.rawName, value: field.value) }
        request.headers.replaceOrAdd(name: "User-Agent", value: options.userAgent)
        let client = client(for: options.proxy.server(host: host, isPlainHTTP: isPlainHTTP))
        do {
            let response = try await client.execute(request, deadline: .now() + options.timeout.timeAmount)
            var fields = HTTPFields()
            for (name, value) in response.headers {
                if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
            }
            var body: [UInt8] = []
            for try await chunk in response.body {
                body.append(contentsOf: chunk.readableBytesView)
                guard body.count <= limit else {
                    throw RegistryError(.invalid, "the answer of \(authority) is larger than \(limit) bytes")
                }
            }
            return RegistryAnswer(status: Int(response.status.code), headers: fields, body: body)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw Self.explain(error, host: authority)
        }
    }

    private func client(for proxy: RegistryProxy.Server?) -> HTTPClient {
        clients.withLock { clients in
            if let client = clients[proxy] { return client }
            var settings = HTTPClient.Configuration(tlsConfiguration: tls)
            settings.redirectConfiguration = .disallow
            settings.decompression = .disabled
            settings.httpVersion = .http1Only
            settings.timeout.connect = min(options.timeout, .seconds(10)).timeAmount
            settings.timeout.read = options.timeout.timeAmount
            // The registry client decides what is tried again.
            settings.connectionPool.retryConnectionEstablishment = false
            settings.proxy = proxy.map { proxy in
                guard let credentials = proxy.credentials else { return .server(host: proxy.host, port: proxy.port) }
                return .server(
                    host: proxy.host,
                    port: proxy.port,
                    authorization: .basic(credentials: credentials.reveal())
                )
            }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
            clients[proxy] = client
            return client
        }
    }

    private static func explain(_ error: any Error, host: String) -> RegistryError {
        switch error {
        case let error as RegistryError: return error
        case let error as NIOConnectionError:
            let isRefused = error.connectionErrors.contains { ($0.error as? IOError)?.errnoCode == refused }
            return RegistryError(
                .unavailable,
                error.connectionErrors.isEmpty
                    ? "the host \(host) has no address"
                    : "\(host) cannot be reached" + (isRefused ? ": it refuses the connection" : "")
            )
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .readTimeout, .deadlineExceeded,
                .writeTimeout, .httpProxyHandshakeTimeout:
                return RegistryError(.unavailable, "\(host) does not answer in time")
            case .invalidProxyResponse, .proxyAuthenticationRequired:
                return RegistryError(.unavailable, "the proxy does not connect to \(host)")
            default: return RegistryError(.unavailable, "the connection to \(host) was lost")
            }
        case let error as IOError:
            let isRefused = error.errnoCode == refused
            return RegistryError(
                .unavailable,
                "\(host) cannot be reached" + (isRefused ? ": it refuses the connection" : "")
            )
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return tls(error, host: host)
        default:
            return RegistryError(.unavailable, "the connection to \(host) was lost")
        }
    }

    /// `ECONNREFUSED`.
    #if os(Linux)
        private static let refused: CInt = 111
    #else
        private static let refused: CInt = 61
    #endif

    /// OpenSSL's reasons have no types, only names.
    private static func tls(_ error: any Error, host: String) -> RegistryError {
        let text = "\(error)".lowercased()
        if text.contains("wrong_version_number") || text.contains("http_request") {
            return RegistryError(
                .unavailable,
                """
                \(host) does not speak TLS: if it is to be reached over plain HTTP, add it to registries.plainHTTP of the \
                platform's configuration
                """
            )
        }
        if text.contains("certificate_verify_failed") || text.contains("hostname") {
            return RegistryError(
                .unavailable,
                """
                the certificate of \(host) is not trusted: if another authority signs it, set registries.caFile of the \
                platform's configuration
                """
            )
        }
        return RegistryError(.unavailable, "the TLS handshake with \(host) failed")
    }
}

extension Duration {
    /// The duration as NIO has it, truncated to nanoseconds.
    fileprivate var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return .nanoseconds(overflow ? Int64.max / 2 : whole + attoseconds / 1_000_000_000)
    }
}
