import MCPTransport
import SandboxCluster

/// Reaches the pods of a sandbox, whose addresses lead nowhere: the host of a URL is the UID of a pod.
struct SandboxPods: HTTPExchange {
    let sandbox: SandboxCluster
    let exchange: any HTTPExchange

    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        // http://UID:PORT/PATH
        let parts = request.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        let authority = parts.count > 1 ? parts[1].split(separator: ":") : []
        guard authority.count == 2, let port = Int(authority[1]),
            let local = await sandbox.localPort(ofPod: String(authority[0]), port: port)
        else { throw MCPClientError(.connectionRefused, "\(request.url): no such pod is ready") }
        var request = request
        request.url = "http://127.0.0.1:\(local)/\(parts.count > 2 ? parts[2] : "")"
        return try await exchange.send(request)
    }
}
