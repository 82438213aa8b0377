/// What became of a call, for metrics and audit records. The set is closed, so that it can be a label.
public enum CallResult: String, Sendable, Hashable, CaseIterable {
    /// The server answered with a result.
    case success = "Success"
    /// The server answered with a result that has `isError`.
    case toolError = "ToolError"
    /// The server answered with a JSON-RPC error.
    case protocolError = "ProtocolError"
    /// The request is not valid: JSON, headers, arguments.
    case invalidRequest = "InvalidRequest"
    /// The caller is not known.
    case unauthenticated = "Unauthenticated"
    /// The caller may not do this.
    case forbidden = "Forbidden"
    /// The server, or the tool, does not exist for the caller.
    case notFound = "NotFound"
    /// A limit is exceeded.
    case rateLimited = "RateLimited"
    /// The server did not answer in time.
    case timeout = "Timeout"
    /// The server cannot be reached, or failed.
    case backendError = "BackendError"
    /// The caller cancelled the request.
    case cancelled = "Cancelled"
    /// The gateway cannot serve at the moment.
    case unavailable = "Unavailable"
}
