public import HTTPTypes

/// Sends one request to a registry. Tests replace it.
public protocol RegistryTransport: Sendable {
    /// Sends a GET request and reads the answer. Redirects are not followed.
    ///
    /// - Parameters:
    ///   - url: the URL.
    ///   - headers: the header fields, which can contain credentials.
    ///   - limit: the maximum size of the body, in bytes.
    /// - Throws: `RegistryError`; `CancellationError`.
    func get(_ url: String, headers: HTTPFields, limit: Int) async throws -> RegistryAnswer
}

/// What a registry answers.
public struct RegistryAnswer: Sendable {
    /// The status.
    public var status: Int
    /// The header fields.
    public var headers: HTTPFields
    /// The body.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
