/// Why a request has no answer that could be used. Where the server answered with a `Status`, see `APIError`.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// No connection could be made, so nothing was sent.
        case connectionRefused
        /// The connection was lost on the way: the server may have acted on the request, or not.
        case connectionLost
        /// The server took longer than allowed.
        case timeout
        /// A watch brought nothing, no bookmark either, for longer than its idle timeout: the connection is held for dead.
        case silentWatch
        /// The answer ended in the middle of an object.
        case truncated
        /// The answer is longer than allowed.
        case bodyTooLarge
        /// The answer is not what was asked for.
        case undecodable
        /// The request could not be made from what was given.
        case invalidRequest
        /// The credentials could not be had.
        case credentials
        /// TLS failed: the server's certificate is not trusted, or ours could not be read.
        case tls
        /// The configuration is wrong or incomplete.
        case configuration
    }

    /// What happened.
    public var code: Code
    /// What happened to what, and the way out.
    public var message: String
    /// What caused it.
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// Whether the connection failed rather than the request: a watch may go on from its last resourceVersion.
    public var isConnectionFailure: Bool {
        switch code {
        case .connectionRefused, .connectionLost, .timeout, .silentWatch, .truncated: true
        default: false
        }
    }

    public var description: String {
        guard let underlying else { return message }
        return "\(message): \(underlying)"
    }
}
