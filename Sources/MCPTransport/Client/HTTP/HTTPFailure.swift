internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Explains errors of async-http-client.
enum HTTPFailure {
    /// - Parameter hasAnswer: whether the head of a response has arrived.
    static func error(_ error: any Error, url: String, hasAnswer: Bool) -> any Error {
        let shown = MCPEndpoint.redacted(url)
        func failure(_ code: MCPClientError.Code, _ text: String) -> MCPClientError {
            MCPClientError(code, "\(shown): \(text)", underlying: error)
        }
        switch error {
        case let error as MCPClientError: return error
        case is CancellationError: return error
        case let error as HTTPClientError: return client(error, failure)
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty {
                return failure(
                    .nameNotResolved,
                    "the host \(error.host.debugDescription) has no address; check the name"
                )
            }
            return failure(
                .connectionRefused,
                "cannot connect: \(error.connectionErrors.map { reason($0.error) }.joined(separator: "; "))"
            )
        case let error as IOError where !hasAnswer && connectErrors.contains(error.errnoCode):
            return failure(.connectionRefused, "cannot connect: \(reason(error))")
        case is ChannelError where !hasAnswer:
            return failure(.timedOut, "the connection was not established in time")
        case is HTTPParserError:
            return failure(.notMCP, "the server's answer is not valid HTTP, or exceeds the limits of its head")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return hasAnswer ? failure(.connectionLost, "TLS failed while the response arrived") : tls(error, failure)
        default:
            return failure(
                .connectionLost,
                hasAnswer ? "the response is incomplete" : "the connection ended without a response"
            )
        }
    }

    private static func client(
        _ error: HTTPClientError,
        _ failure: (MCPClientError.Code, String) -> MCPClientError
    ) -> any Error {
        switch error {
        case .cancelled, .requestStreamCancelled: return CancellationError()
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            return failure(.timedOut, "the connection was not established in time")
        case .readTimeout, .deadlineExceeded, .writeTimeout: return failure(.timedOut, "the server took too long")
        case .invalidURL, .emptyHost, .emptyScheme:
            return failure(.invalidEndpoint, "the URL is not valid; it must be http://HOST/PATH or https://HOST/PATH")
        case .alreadyShutdown: return failure(.closed, "the HTTP client is shut down")
        case .remoteConnectionClosed:
            return failure(.connectionLost, "the server closed the connection before the response was complete")
        default:
            if error.description.contains("invalidHeaderField") {
                return failure(.invalidRequest, "a header field has a name or value that HTTP does not allow")
            }
            if error.description.contains("unsupportedScheme") {
                return failure(.invalidEndpoint, "the URL must start with http:// or https://")
            }
            return failure(.connectionLost, "the exchange failed: \(error)")
        }
    }

    /// OpenSSL's reasons have no types, only names.
    private static func tls(
        _ error: any Error,
        _ failure: (MCPClientError.Code, String) -> MCPClientError
    ) -> MCPClientError {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("HostnameValidation")
            || text.contains("failedToValidateHostname") || text.contains("hostname")
        {
            return failure(
                .certificateNotTrusted,
                "the server's certificate is not trusted; it must be valid for the host's name and signed by a known "
                    + "authority, or one that is given"
            )
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return failure(.serverWithoutTLS, "the server does not speak TLS; write the URL with http://")
        }
        return failure(.tls, "the TLS handshake failed")
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return error.errnoCode == refused ? "connection refused; check that the server runs and the port" : "\(error)"
    }

    /// Errors with which connecting fails, by their numbers on Linux and macOS: `ECONNREFUSED`, `EHOSTUNREACH`, `ENETUNREACH`,
    /// `EADDRNOTAVAIL`.
    #if os(Linux)
        private static let refused: CInt = 111
        private static let connectErrors: Set<CInt> = [111, 113, 101, 99]
    #else
        private static let refused: CInt = 61
        private static let connectErrors: Set<CInt> = [61, 65, 51, 49]
    #endif

    /// `https` and the authority of a URL with `http`; `nil` for any other URL.
    static func secureOrigin(of url: String) -> String? {
        guard url.lowercased().hasPrefix("http://") else { return nil }
        return "https://" + url.dropFirst(7).prefix { $0 != "/" && $0 != "?" && $0 != "#" } + "/"
    }
}
