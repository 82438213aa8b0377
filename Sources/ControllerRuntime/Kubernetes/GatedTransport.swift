internal import HTTPTypes
public import KubernetesClient

/// Blocks writes while this process does not lead.
///
/// All reconcilers use a client with this transport, so that nothing is written after the lead is lost, wherever a reconcile
/// is at that moment. It is not a fence: a write that has been sent when the lead ends still arrives.
public struct GatedTransport: APITransport {
    private let base: any APITransport
    private let gate: LeadershipGate

    /// Checks `gate` before each write.
    public init(_ base: any APITransport, gate: LeadershipGate) {
        self.base = base
        self.gate = gate
    }

    public var host: String { base.host }

    /// - Throws: `LeadershipLostError` for a write without the lead, otherwise what `base` throws.
    public func execute(_ request: APIRequest) async throws -> APIResponse {
        if request.method != .get, request.method != .head { try gate.check() }
        return try await base.execute(request)
    }
}
