internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTPCompression
internal import NIOPosix
internal import NIOSSL

/// Says of an error from below whether anything can have been sent: what may be repeated hangs on that.
enum TransportFailure {
    static func error(_ error: any Error, request: String, hasAnswer: Bool = false) -> any Error {
        switch error {
        case let error as ClientError: return error
        case is CancellationError: return error
        case let error as HTTPClientError: return client(error, request: request, hasAnswer: hasAnswer)
        case NIOHTTPDecompression.DecompressionError.limit:
            return ClientError(
                .bodyTooLarge,
                "\(request): the compressed answer swells beyond what answers do; set `disable-compression` for this cluster if "
                    + "it is right",
                underlying: error
            )
        case is NIOConnectionError:
            return ClientError(.connectionRefused, "\(request): no connection could be made", underlying: error)
        case let error as IOError where error.errnoCode == connectionRefusedErrno:
            // Only connecting gives this: a connection that stands is reset, not refused.
            return ClientError(.connectionRefused, "\(request): nobody listens there", underlying: error)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            if hasAnswer { break }
            return ClientError(
                .tls,
                "\(request): TLS failed; the server's certificate must be signed by the configured certificate authority "
                    + "and hold the server's name",
                underlying: error
            )
        default: break
        }
        return ClientError(.connectionLost, "\(request): the connection was lost", underlying: error)
    }

    /// `ECONNREFUSED` of Linux.
    #if os(Linux)
        private static let connectionRefusedErrno: CInt = 111
    #else
        private static let connectionRefusedErrno: CInt = 61
    #endif

    private static func client(_ error: HTTPClientError, request: String, hasAnswer: Bool) -> any Error {
        switch error {
        case .cancelled, .requestStreamCancelled: return CancellationError()
        case .connectTimeout, .tlsHandshakeTimeout, .socksHandshakeTimeout, .httpProxyHandshakeTimeout,
            .getConnectionFromPoolTimeout:
            return ClientError(.connectionRefused, "\(request): no connection in time", underlying: error)
        case .invalidProxyResponse, .proxyAuthenticationRequired:
            return ClientError(.configuration, "\(request): the proxy refused", underlying: error)
        case .readTimeout, .deadlineExceeded, .writeTimeout:
            return ClientError(.timeout, "\(request): the server took too long", underlying: error)
        case .remoteConnectionClosed:
            return ClientError(.connectionLost, "\(request): the server closed the connection", underlying: error)
        case .invalidURL, .emptyHost, .emptyScheme, .alreadyShutdown:
            return ClientError(.invalidRequest, "\(request): the request cannot be sent", underlying: error)
        default:
            return ClientError(
                .connectionLost,
                "\(request): \(hasAnswer ? "the answer broke off" : "there was no answer")",
                underlying: error
            )
        }
    }
}

/// Lets the kernel find peers that vanished without a word: async-http-client sends no HTTP/2 pings, and a dead HTTP/2
/// connection would be taken by request after request, each running into its timeout.
enum DeadPeers {
    static func watch(_ channel: any Channel) -> EventLoopFuture<Void> {
        var result = channel.setOption(.socketOption(.so_keepalive), value: 1)
        #if os(Linux)
            // Numbers of <netinet/tcp.h>: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT. Thirty seconds of silence,
            // then three probes five seconds apart, and 45 s (in ms) for data that nobody acknowledges: as client-go's ping.
            for (option, value) in [(4, 30), (5, 5), (6, 3), (18, 45_000)] as [(CInt, Int)] {
                result = result.flatMap {
                    channel.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: option)), value: value)
                }
            }
        #endif
        // Not every channel is a socket, in tests above all.
        return result.flatMapError { _ in channel.eventLoop.makeSucceededVoidFuture() }
    }
}
