import MCPProtocol

/// Requests of 2026-07-28 that are right, for tests that break one thing.
enum Modern {
    static func request(
        _ method: String,
        id: RequestID = 1,
        params: RawJSON? = nil,
        capabilities: ClientCapabilities = ClientCapabilities(elicitation: true)
    ) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: method, params: params).with(
            metadata: RequestMetadata(
                clientCapabilities: capabilities,
                clientInfo: Implementation(name: "client", version: "1")
            )
        )
    }

    static func call(
        _ tool: String,
        _ arguments: RawJSON = [:],
        id: RequestID = 1,
        progressToken: RawJSON? = nil,
        capabilities: ClientCapabilities = ClientCapabilities(elicitation: true)
    ) -> JSONRPCRequest {
        let params = CallToolParams(name: tool, arguments: arguments).raw
        let request = request("tools/call", id: id, params: params, capabilities: capabilities)
        return progressToken == nil ? request : request.with(metadataFields: [("progressToken", progressToken)])
    }

    static func listen(_ filter: SubscriptionFilter, id: RequestID = "listen") -> JSONRPCRequest {
        filter.request(
            id: id,
            metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil)
        )
    }
}
