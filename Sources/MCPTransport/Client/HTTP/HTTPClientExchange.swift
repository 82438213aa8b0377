internal import AsyncHTTPClient
internal import HTTPTypes
internal import MCPProtocol
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Sends requests over HTTP/1.1 with async-http-client. One can serve any number of clients. Call ``shutdown()`` when it is no longer
/// needed.
///
/// Nothing is decompressed, so that no answer becomes larger than it was sent. Redirects are followed within the origin only, since
/// requests carry credentials.
public final class HTTPClientExchange: HTTPExchange {
    /// Which certificates of servers are accepted.
    public enum Trust: Sendable, Hashable {
        /// Those that an authority known to the system has signed.
        case system
        /// Those that an authority in this PEM text has signed.
        case authorities(pem: String)
        /// Any. Whoever is in between can read and change everything.
        case insecureAny

        /// - Throws: `MCPClientError` if the certificates of the authorities are not valid.
        func validate() throws {
            guard case .authorities(let pem) = self else { return }
            _ = try Self.certificates(pem)
        }

        fileprivate static func certificates(_ pem: String) throws -> [NIOSSLCertificate] {
            do {
                return try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
            } catch {
                throw MCPClientError(
                    .invalidEndpoint,
                    "the certificates of the authorities are not valid PEM",
                    underlying: error
                )
            }
        }
    }

    /// The options of an exchange.
    public struct Options: Sendable {
        /// Which certificates are accepted.
        public var trust = Trust.system
        /// The time for connecting, TLS included. 10 s.
        public var connectTimeout: Duration = .seconds(10)
        /// How long a connection stays open that nothing uses. 5 s.
        public var idleTimeout: Duration = .seconds(5)
        /// The maximum number of connections to one host. 100,000: a call must not wait for a stream to end.
        public var connectionsPerHost = 100_000
        /// How many redirects are followed. 5.
        public var maximumRedirects = 5
        /// The addresses of hosts, which are then not resolved. TLS and the header `Host` use the name of the host.
        public var addresses: [String: String] = [:]
        /// The header `User-Agent`.
        public var userAgent = "moorage/0.1.0"

        /// The defaults.
        public init() {}
    }

    private let client: HTTPClient
    private let options: Options
    /// Where HTTP was spoken without TLS, as the origins of `https`: there, no failure is because of TLS.
    private let speaksPlainHTTP = Mutex<Set<String>>([])

    /// - Throws: `MCPClientError` if the certificates of the authorities are not valid.
    public init(_ options: Options = Options()) throws {
        self.options = options
        var tls = TLSConfiguration.makeClientConfiguration()
        switch options.trust {
        case .system: break
        case .insecureAny: tls.certificateVerification = .none
        case .authorities(let pem): tls.trustRoots = .certificates(try Trust.certificates(pem))
        }
        client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: Self.configuration(options, tls)
        )
    }

    private static func configuration(_ options: Options, _ tls: TLSConfiguration) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration(tlsConfiguration: tls)
        settings.redirectConfiguration = .disallow
        settings.dnsOverride = options.addresses
        settings.decompression = .disabled
        settings.httpVersion = .http1Only
        settings.timeout.connect = options.connectTimeout.timeAmount
        settings.connectionPool.idleTimeout = options.idleTimeout.timeAmount
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionsPerHost
        // A refused connection is reported at once.
        settings.connectionPool.retryConnectionEstablishment = false
        return settings
    }

    /// Closes all connections.
    public func shutdown() async {
        try? await client.shutdown()
    }

    public func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        var request = request
        for _ in 0...options.maximumRedirects {
            let response = try await sendOnce(request)
            guard let target = redirect(request, response) else { return response }
            request.url = target
        }
        throw MCPClientError.limit(
            .redirects,
            MCPEndpoint.redacted(request.url),
            "the server redirects more than \(options.maximumRedirects) times"
        )
    }

    /// The URL to send the request to instead, if the server says so and it is of the same origin.
    private func redirect(_ request: HTTPExchangeRequest, _ response: HTTPExchangeResponse) -> String? {
        let keepsMethod = response.status == 307 || response.status == 308
        guard keepsMethod || request.method == .get && [301, 302, 303].contains(response.status),
            let location = response.headers[.location]
        else { return nil }
        let event = ServerSentEvent(type: "endpoint", data: Array(location.utf8))
        return try? EventStreamEndpoint.resolve(event, against: request.url)
    }

    private func sendOnce(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        outgoing.headers.replaceOrAdd(name: "User-Agent", value: options.userAgent)
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let response = try await client.execute(outgoing, deadline: .distantFuture)
            if let origin = HTTPFailure.secureOrigin(of: request.url) {
                speaksPlainHTTP.withLock { origins in
                    if origins.count >= 10_000 { origins = [] }
                    origins.insert(origin)
                }
            }
            var headers = HTTPFields()
            for (name, value) in response.headers {
                if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
            }
            return HTTPExchangeResponse(
                status: Int(response.status.code),
                headers: headers,
                body: HTTPExchangeBody(IncomingChunks(body: response.body, url: request.url))
            )
        } catch {
            throw await explain(error, request.url)
        }
    }

    private func explain(_ error: any Error, _ url: String) async -> any Error {
        if Task.isCancelled { return CancellationError() }
        let failure = HTTPFailure.error(error, url: url, hasAnswer: false)
        // A server of TLS rejects plain HTTP without a word in HTTP.
        let code = (failure as? MCPClientError)?.code
        guard code == .connectionLost || code == .notMCP, let origin = HTTPFailure.secureOrigin(of: url),
            !speaksPlainHTTP.withLock({ $0.contains(origin) }), await speaksTLS(origin)
        else { return failure }
        return MCPClientError(
            .serverRequiresTLS,
            "\(MCPEndpoint.redacted(url)): the server speaks TLS; write the URL with https://",
            underlying: error
        )
    }

    /// Whether a server completes a TLS handshake or fails in one.
    private func speaksTLS(_ origin: String) async -> Bool {
        var request = HTTPClientRequest(url: origin)
        request.method = .HEAD
        do {
            return try await TimeLimit.run(.seconds(2), clock: ContinuousClock()) { [client, request] in
                _ = try await client.execute(request, deadline: .distantFuture)
                return true
            }
        } catch {
            let code = (HTTPFailure.error(error, url: origin, hasAnswer: false) as? MCPClientError)?.code
            return code == .certificateNotTrusted
        }
    }
}

/// The chunks of a body as arrays, with this client's errors.
private struct IncomingChunks: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    let body: HTTPClientResponse.Body
    let url: String

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: body.makeAsyncIterator(), url: url) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: HTTPClientResponse.Body.AsyncIterator
        let url: String

        mutating func next() async throws -> [UInt8]? {
            do {
                return try await iterator.next().map { Array($0.readableBytesView) }
            } catch {
                if Task.isCancelled { throw CancellationError() }
                throw HTTPFailure.error(error, url: url, hasAnswer: true)
            }
        }
    }
}

extension Duration {
    /// The duration as NIO has it, truncated to nanoseconds.
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return .nanoseconds(overflow ? Int64.max / 2 : whole + attoseconds / 1_000_000_000)
    }
}
