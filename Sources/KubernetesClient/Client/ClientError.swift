/// Why a request has no usable answer. If the server answered with a `Status`, see `APIError`.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// No connection could be made, so nothing was sent.
        case connectionRefused
        /// The connection was lost: the server may or may not have acted on the request.
        case connectionLost
        /// The server did not respond in time.
        case timeout
        /// The answer ended inside an object.
        case truncated
        /// The answer is longer than allowed.
        case bodyTooLarge
        /// The answer is not of the requested kind, or cannot be decoded.
        case undecodable
        /// The request could not be built from its arguments.
        case invalidRequest
        /// The credentials could not be obtained.
        case credentials
        /// TLS failed: the server's certificate is not trusted, or the client's could not be read.
        case tls
        /// The configuration is wrong or incomplete.
        case configuration
    }

    /// What happened.
    public var code: Code
    /// What happened, for which request or file, and how to fix it.
    public var message: String
    /// The cause.
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// Whether the connection failed rather than the request: a watch can be continued from its last resourceVersion.
    public var isConnectionFailure: Bool {
        switch code {
        case .connectionRefused, .connectionLost, .timeout, .truncated: true
        default: false
        }
    }

    public var description: String {
        guard let underlying else { return message }
        return "\(message): \(underlying)"
    }
}
