internal import ControllerRuntime
internal import KubernetesAPI
internal import Registry
internal import SupplyChain

/// Reads the entry point that a server waits for.
struct EntryPointReconciler: Sendable {
    let table: EntryPointTable
    let reader: any EntryPointReader
    let cluster: any ClusterAccess
    let metrics: OperatorMetrics

    /// Reads what is due for one server, unless another server already reads the same image.
    ///
    /// - Throws: `APIError` if a pull Secret cannot be read; `CancellationError`.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        if let target = table.due(key) {
            let outcome = try await table.outcome(
                of: target,
                for: key,
                pullSecrets: PullSecretReader(cluster: cluster),
                count: metrics.countEntryPointRead
            ) { image, keyring in
                try await reader.read(image, keyring: keyring)
            }
            guard let outcome else { return .done }
            table.settle(key, target, outcome)
        }
        return table.delay(key).map { .requeueAfter($0) } ?? .done
    }
}
