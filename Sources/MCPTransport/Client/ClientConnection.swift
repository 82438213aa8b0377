internal import MCPProtocol

/// A connection to a server after the negotiation.
protocol ClientConnection: Sendable {
    /// Sends a request and waits for its response.
    func send(_ request: JSONRPCRequest, parameterHeaders: ParameterHeaders) async throws -> JSONRPCResponse

    /// Sends a notification.
    func notify(_ notification: JSONRPCNotification) async throws

    /// Reports changes until the server ends the stream.
    func listen(_ filter: SubscriptionFilter, _ report: @escaping @Sendable (MCPChange) throws -> Void) async throws

    /// Tells the server that the client is done, and ends what belongs to the connection. Bounded in time.
    func close() async
}
