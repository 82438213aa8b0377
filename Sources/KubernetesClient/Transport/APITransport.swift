/// Sends a request to an API server and returns its answer: `HTTPTransport`, or a fake in tests.
///
/// A transport has the server's address and the credentials. It does not retry, except once with new credentials if the
/// server returns 401.
public protocol APITransport: Sendable {
    /// The server's host, with its port if that is not the default, for metrics.
    var host: String { get }

    /// Sends a request.
    ///
    /// - Returns: the answer, with any status.
    /// - Throws: `ClientError` if there is no answer: `connectionRefused` guarantees that nothing was sent.
    func execute(_ request: APIRequest) async throws -> APIResponse
}

extension APITransport {
    /// `""`: a transport without a server.
    public var host: String { "" }
}

/// Receives a record of every request, so that metrics can count it (`rest_client_requests_total`).
public protocol ClientObserver: Sendable {
    /// An attempt of a request has ended. A request that is retried is reported once for each attempt.
    func requestFinished(_ record: RequestRecord)
    /// An object that the server sent could not be decoded, and was skipped.
    func decodeFailed(_ failure: DecodeFailure)
}

extension ClientObserver {
    public func decodeFailed(_ failure: DecodeFailure) {}
}

/// One attempt of a request, for metrics.
public struct RequestRecord: Sendable, Hashable {
    /// The HTTP method.
    public var method: String
    /// The server's host.
    public var host: String
    /// The HTTP status code, or `<error>`, as in client-go, if there was no answer.
    public var code: String
    /// How long it took until the head of the answer arrived.
    public var duration: Duration
    /// The number of the attempt, from 1.
    public var attempt: Int

    public init(method: String, host: String, code: String, duration: Duration, attempt: Int = 1) {
        self.method = method
        self.host = host
        self.code = code
        self.duration = duration
        self.attempt = attempt
    }
}
