public import MCPProtocol

/// Why a client could not do what it was asked to do.
public struct MCPClientError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Hashable {
        /// The URL or the command is not valid.
        case invalidEndpoint
        /// No program listens at the address, or the address cannot be reached.
        case connectionRefused
        /// The name of the host has no address.
        case nameNotResolved
        /// The address of the server must not be connected to.
        case addressNotAllowed
        /// The server's certificate is not signed by a known authority, or has another name.
        case certificateNotTrusted
        /// The URL says `https`, and the server does not speak TLS.
        case serverWithoutTLS
        /// The URL says `http`, and the server speaks TLS.
        case serverRequiresTLS
        /// TLS failed in another way.
        case tls
        /// A time limit has passed.
        case timedOut
        /// The connection broke, or the response is incomplete.
        case connectionLost
        /// 401: the server wants credentials, or other ones.
        case unauthorized
        /// 403: the credentials do not allow this.
        case forbidden
        /// 404: nothing is at this path.
        case notFound
        /// 405: something else than MCP is at this path.
        case methodNotAllowed
        /// Another HTTP status.
        case httpStatus
        /// The server answers, but not as a server of MCP does.
        case notMCP
        /// The server uses another transport than the one that was asked for.
        case wrongTransport
        /// Server and client have no protocol version in common.
        case noCommonVersion
        /// The server sent what it must not send.
        case invalidMessage
        /// The server sent more than a limit allows.
        case limitExceeded(ClientLimits.Name)
        /// The server answered with a JSON-RPC error.
        case refused
        /// The request cannot be sent as it is.
        case invalidRequest
        /// The client is closed.
        case closed
        /// The server's process could not be started.
        case processNotStarted
        /// The server's process has ended.
        case processEnded
    }

    /// What kind of failure it is.
    public var code: Code
    /// What happened, to which URL or command, and what to do about it.
    public var message: String
    /// The status of the HTTP response, if there was one.
    public var httpStatus: Int?
    /// The values of `WWW-Authenticate`, which say how to get access.
    public var wwwAuthenticate: [String]
    /// The error with which the server answered.
    public var jsonRPCError: JSONRPCError?
    /// The error of the layer below.
    public var underlying: (any Error)?

    public init(
        _ code: Code,
        _ message: String,
        httpStatus: Int? = nil,
        wwwAuthenticate: [String] = [],
        jsonRPCError: JSONRPCError? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
        self.wwwAuthenticate = wwwAuthenticate
        self.jsonRPCError = jsonRPCError
        self.underlying = underlying
    }

    public var description: String { message }
}

extension MCPClientError {
    /// A limit is exceeded.
    static func limit(_ name: ClientLimits.Name, _ endpoint: String, _ what: String) -> MCPClientError {
        MCPClientError(
            .limitExceeded(name),
            "\(endpoint): \(what); if that is right for this server, raise the limit \(name.rawValue)"
        )
    }

    /// What an HTTP status without a message of MCP means.
    static func status(_ status: Int, _ endpoint: String, headers: HeaderFields) -> MCPClientError {
        let code: Code
        let text: String
        switch status {
        case 401: (code, text) = (.unauthorized, "the server requires credentials, or rejects those that were sent")
        case 403: (code, text) = (.forbidden, "the server does not allow this; check the credentials and their scopes")
        case 404: (code, text) = (.notFound, "nothing is at this path; the path is usually /mcp, /sse or /")
        case 405:
            (code, text) = (.methodNotAllowed, "the path does not accept MCP messages; it is usually /mcp, /sse or /")
        case 300..<400:
            let target = headers[all: "Location"].first.map { " to \($0.debugDescription)" } ?? ""
            (code, text) = (.httpStatus, "the server redirects\(target), which is not followed; use the final URL")
        case 429: (code, text) = (.httpStatus, "the server limits the rate of requests; try again later")
        case 500...: (code, text) = (.httpStatus, "the server or a proxy before it fails; read its log")
        default: (code, text) = (.httpStatus, "the response has no message of MCP")
        }
        return MCPClientError(
            code,
            "\(endpoint): HTTP status \(status): \(text)",
            httpStatus: status,
            wwwAuthenticate: headers[all: "WWW-Authenticate"]
        )
    }

    /// The server answered a request with an error.
    static func refused(_ error: JSONRPCError, _ method: String, _ endpoint: String, status: Int? = nil) -> Self {
        MCPClientError(
            .refused,
            "\(endpoint): the server answered \(method) with the error \(error.code): \(error.message.prefix(1_000))",
            httpStatus: status,
            jsonRPCError: error
        )
    }

    /// The server sent what it must not send.
    static func invalid(_ problem: String, _ endpoint: String, underlying: (any Error)? = nil) -> MCPClientError {
        MCPClientError(
            .invalidMessage,
            "\(endpoint): the server sent a message that is not valid: \(problem.prefix(1_000))",
            underlying: underlying
        )
    }
}
