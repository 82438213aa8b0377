/// What carries a request to an API server and brings its answer: `HTTPTransport`, or a fake in tests.
///
/// A transport knows the server's address and the credentials. It does not retry, but for one refresh of credentials that
/// the server refused with 401.
public protocol APITransport: Sendable {
    /// The server's host, with its port where that is not the default, as it stands in metrics.
    var host: String { get }

    /// Sends a request.
    ///
    /// - Returns: the answer, whatever its status is.
    /// - Throws: `ClientError` where there is no answer: `connectionRefused` promises that nothing was sent.
    func execute(_ request: APIRequest) async throws -> APIResponse
}

extension APITransport {
    /// `""`: a transport that stands for no server.
    public var host: String { "" }
}

/// Told of every request that ended, so that metrics can count it (`rest_client_requests_total`).
public protocol ClientObserver: Sendable {
    /// One attempt at a request has ended; a request that was retried is told of once an attempt.
    func requestFinished(_ record: RequestRecord)
    /// An object that the server sent could not be read, and was left out.
    func decodeFailed(_ failure: DecodeFailure)
}

extension ClientObserver {
    public func decodeFailed(_ failure: DecodeFailure) {}
}

/// One attempt at a request, as metrics want it.
public struct RequestRecord: Sendable, Hashable {
    /// The HTTP method.
    public var method: String
    /// The server's host.
    public var host: String
    /// The HTTP status code, or `<error>` as client-go has it where there was no answer.
    public var code: String
    /// How long the answer's head took.
    public var duration: Duration
    /// Which attempt this was, from 1.
    public var attempt: Int

    public init(method: String, host: String, code: String, duration: Duration, attempt: Int = 1) {
        self.method = method
        self.host = host
        self.code = code
        self.duration = duration
        self.attempt = attempt
    }
}
