internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTPCompression
internal import NIOPosix
internal import NIOSSL

/// Classifies errors of the lower layers by whether anything was sent, which determines what can be retried.
enum TransportFailure {
    static func error(_ error: any Error, request: String, hasAnswer: Bool = false) -> any Error {
        switch error {
        case let error as ClientError: return error
        case is CancellationError: return error
        case let error as HTTPClientError: return client(error, request: request, hasAnswer: hasAnswer)
        case NIOHTTPDecompression.DecompressionError.limit:
            return ClientError(
                .bodyTooLarge,
                "\(request): the compressed answer expands more than a genuine answer would; if it is genuine, set "
                    + "`disable-compression` for this cluster",
                underlying: error
            )
        case is NIOConnectionError:
            return ClientError(
                .connectionRefused,
                "\(request): the connection could not be established",
                underlying: error
            )
        case let error as IOError where error.errnoCode == connectionRefusedErrno:
            // Only connecting can fail with this error: an established connection is reset, not refused.
            return ClientError(.connectionRefused, "\(request): connection refused", underlying: error)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            if hasAnswer { break }
            return ClientError(
                .tls,
                "\(request): TLS failed; the server's certificate must be signed by the configured certificate authority "
                    + "and contain the server's name",
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
            return ClientError(
                .connectionRefused,
                "\(request): the connection was not established in time",
                underlying: error
            )
        case .invalidProxyResponse, .proxyAuthenticationRequired:
            return ClientError(.configuration, "\(request): the proxy rejected the connection", underlying: error)
        case .readTimeout, .deadlineExceeded, .writeTimeout:
            return ClientError(.timeout, "\(request): the server took too long", underlying: error)
        case .remoteConnectionClosed:
            return ClientError(.connectionLost, "\(request): the server closed the connection", underlying: error)
        case .invalidURL, .emptyHost, .emptyScheme, .alreadyShutdown:
            return ClientError(.invalidRequest, "\(request): the request cannot be sent", underlying: error)
        default:
            return ClientError(
                .connectionLost,
                "\(request): \(hasAnswer ? "the answer is incomplete" : "there was no answer")",
                underlying: error
            )
        }
    }
}
