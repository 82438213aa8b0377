/// What a client finds in an HTTP response of a server (2026-07-28 and 2025-11-25, Streamable HTTP, Sending Messages).
public enum ResponseForm: Sendable, Hashable {
    /// One message in the body. With a status of 400 or more it may be something else: then the status alone counts.
    case message
    /// An event stream.
    case eventStream
    /// The server has taken a notification or a response; there is no body to read.
    case accepted
    /// Only the status counts, or the body is not a form that MCP defines.
    case status(Int)

    /// - Parameters:
    ///   - headers: of the response.
    ///   - request: whether the client has sent a request, which is answered, or something else, which is accepted.
    public init(status: Int, headers: HeaderFields, toRequest request: Bool) {
        let types = headers[all: HeaderName.contentType]
        let type = types.count == 1 ? MediaType.essence(of: types[0]) : ""
        switch status {
        case 200..<300 where !request: self = .accepted
        case 200 where type == MediaType.eventStream: self = .eventStream
        case 200 where type == MediaType.json: self = .message
        case 400... where type == MediaType.json: self = .message
        default: self = .status(status)
        }
    }
}
