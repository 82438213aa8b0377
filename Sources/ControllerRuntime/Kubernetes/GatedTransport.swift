internal import HTTPTypes
public import KubernetesClient

/// Lets only reads through while this process does not lead.
///
/// The client of everything that reconciles goes over this, so that nothing is written after the lead was lost, wherever the
/// reconcile is by then. It is no fence: a write that was on its way when the lead ended still arrives.
public struct GatedTransport: APITransport {
    private let base: any APITransport
    private let gate: LeadershipGate

    /// Puts `gate` before the writes of `base`.
    public init(_ base: any APITransport, gate: LeadershipGate) {
        self.base = base
        self.gate = gate
    }

    public var host: String { base.host }

    /// - Throws: `LeadershipLostError` for a write without the lead, otherwise as the transport below.
    public func execute(_ request: APIRequest) async throws -> APIResponse {
        if request.method != .get, request.method != .head { try gate.check() }
        return try await base.execute(request)
    }
}
