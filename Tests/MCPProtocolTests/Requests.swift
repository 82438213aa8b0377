import MCPProtocol

/// Requests and headers that are right, for tests that break one thing.
enum Sample {
    static let metadata = RequestMetadata(
        clientCapabilities: ClientCapabilities(),
        clientInfo: Implementation(name: "client", version: "1")
    )

    static func request(
        _ method: String = "tools/list",
        id: RequestID = 1,
        params: RawJSON? = nil
    ) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: method, params: params).with(metadata: metadata)
    }

    static func call(_ name: String, arguments: RawJSON? = nil) -> JSONRPCRequest {
        request("tools/call", params: CallToolParams(name: name, arguments: arguments).raw)
    }

    static func initialize(_ version: ProtocolVersion = .v2025_11_25, id: RequestID = 1) -> JSONRPCRequest {
        InitializeParams(
            protocolVersion: version,
            capabilities: ClientCapabilities(),
            clientInfo: Implementation(name: "client", version: "1")
        ).request(id: id)
    }

    static let discoverResult = DiscoverResult(
        supportedVersions: [.v2026_07_28],
        capabilities: ServerCapabilities(tools: true, listChanged: true),
        serverInfo: Implementation(name: "server", version: "2"),
        instructions: "Use it well.",
        caching: CachingHints(timeToLiveMilliseconds: 1_000, scope: .public)
    )

    static func initializeResult(_ version: ProtocolVersion) -> InitializeResult {
        InitializeResult(
            protocolVersion: version,
            capabilities: ServerCapabilities(tools: true),
            serverInfo: Implementation(name: "server", version: "2")
        )
    }

    static func error(_ code: ErrorCode, data: RawJSON? = nil, id: RequestID? = 1) -> JSONRPCResponse {
        JSONRPCResponse(id: id, error: JSONRPCError(code: code, message: "no", data: data))
    }
}

extension JSONRPCMessage {
    /// The message that these bytes are, for tests that wrote them.
    init(_ text: String) throws { try self.init(parsing: Array(text.utf8)) }
}
