internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI

/// Checks the protocol of servers: one check for each pass, when one is due.
struct HandshakeReconciler: Sendable {
    let table: HandshakeTable
    let probe: any ProtocolProbe
    let inbox: ContractInbox
    /// Whether a server still exists.
    let exists: @Sendable (NamespacedName) -> Bool
    let metrics: OperatorMetrics
    let clock: RuntimeClock

    /// Checks one server.
    ///
    /// - Throws: `CancellationError`; everything else is a verdict.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard exists(HandshakeKey.server(of: key)), table.isKnown(key) else {
            table.forget(key)
            probe.forget(key)
            return .done
        }
        if let target = table.begin(key) {
            let start = clock.now
            let verdict: ProtocolVerdict
            do {
                verdict = try await probe.check(target)
            } catch {
                table.finish(key, nil)
                throw error
            }
            metrics.countCheck(verdict, duration: start.duration(to: clock.now))
            table.finish(key, verdict, hasNews: inbox.hasContract(of: key))
        }
        return table.delay(key).map { .requeueAfter($0) } ?? .done
    }
}
