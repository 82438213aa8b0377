public import MCPTransport

/// Reaches the pods of a sandbox from this process. Their addresses lead nowhere, so the host of a URL is the UID of a pod.
public struct SandboxPods: HTTPExchange {
    private let sandbox: SandboxCluster
    private let exchange: any HTTPExchange

    /// - Parameter exchange: sends requests to the loopback address.
    public init(sandbox: SandboxCluster, exchange: any HTTPExchange) {
        self.sandbox = sandbox
        self.exchange = exchange
    }

    /// Sends a request to a URL such as `http://UID:8080/mcp`.
    public func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        let parts = request.url.split(separator: "/", maxSplits: 2)
        let authority = parts.count > 1 ? parts[1].split(separator: ":") : []
        guard authority.count == 2, let port = Int(authority[1]),
            let local = await sandbox.localPort(ofPod: String(authority[0]), port: port)
        else { throw MCPClientError(.connectionRefused, "\(request.url): no such pod is ready") }
        var request = request
        request.url = "http://127.0.0.1:\(local)/\(parts.count > 2 ? parts[2] : "")"
        return try await exchange.send(request)
    }
}
