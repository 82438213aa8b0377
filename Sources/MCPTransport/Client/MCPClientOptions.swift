public import HTTPTypes
public import MCPProtocol

/// How a client introduces itself, what it supports, and what it allows the server.
public struct MCPClientOptions: Sendable {
    /// Who the client is.
    public var clientInfo = Implementation(name: "moorage", version: "0.1.0")
    /// What the client can do for servers. Requests that need a capability are answered by ``MCPClientHandlers/request``.
    public var capabilities = ClientCapabilities()
    /// The protocol versions to speak.
    public var versions = SupportedVersions.all
    /// What was agreed with this server before. Its way is tried first, which saves requests to servers of the legacy era.
    public var remembered: ClientNegotiation.Agreement?
    /// Whether HTTP+SSE is used where a server at an endpoint of Streamable HTTP offers nothing else. `true`.
    public var fallsBackToHTTPSSE = true
    /// Header fields for each HTTP request, such as `Authorization`. Those of MCP take precedence.
    public var headers = HTTPFields()
    /// What the server may cost.
    public var limits = ClientLimits()

    /// The defaults.
    public init() {}
}

/// What happens with what the server sends on its own account.
public struct MCPClientHandlers: Sendable {
    /// Takes a notification. The stream that carries it is not read on until this returns.
    public var notification: @Sendable (JSONRPCNotification) async -> Void
    /// Answers a request of the server. `ping` is answered before; requests run concurrently, and are cancelled when the server says so.
    public var request: @Sendable (JSONRPCRequest) async -> JSONRPCResponse.Outcome
    /// Takes a line that a process wrote to its standard error.
    public var standardError: @Sendable (String) async -> Void

    /// - Parameters:
    ///   - notification: by default, notifications are dropped.
    ///   - request: by default, the answer is that the method does not exist.
    ///   - standardError: by default, the output is dropped.
    public init(
        notification: @escaping @Sendable (JSONRPCNotification) async -> Void = { _ in },
        request: @escaping @Sendable (JSONRPCRequest) async -> JSONRPCResponse.Outcome = { request in
            .error(JSONRPCError(code: .methodNotFound, message: "Method not found: \(request.method)"))
        },
        standardError: @escaping @Sendable (String) async -> Void = { _ in }
    ) {
        self.notification = notification
        self.request = request
        self.standardError = standardError
    }
}
