internal import HTTPTypes
public import KubernetesClient

/// Blocks writes while this process is not the leader.
///
/// All reconcilers use a client with this transport, so that nothing is written after leadership is lost, no matter
/// what a reconcile is doing at that moment. It is not a fence: a write that was sent before leadership ended still
/// arrives.
public struct GatedTransport: APITransport {
    private let base: any APITransport
    private let gate: LeadershipGate

    /// Creates a transport that checks `gate` before each write.
    public init(_ base: any APITransport, gate: LeadershipGate) {
        self.base = base
        self.gate = gate
    }

    public var host: String { base.host }

    /// - Throws: `LeadershipLostError` for a write without leadership, otherwise what `base` throws.
    public func execute(_ request: APIRequest) async throws -> APIResponse {
        if request.method != .get, request.method != .head { try gate.check() }
        return try await base.execute(request)
    }
}
