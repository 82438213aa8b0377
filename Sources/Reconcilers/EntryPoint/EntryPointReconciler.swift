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
            let request = target.request
            // Before the API server is asked for Secrets, which would be for nothing.
            if let error = table.outage(of: request.image.registry) {
                table.settle(key, target, .failure(error))
                return table.delay(key).map { .requeueAfter($0) } ?? .done
            }
            let keyring = try await PullSecretReader(cluster: cluster).keyring(
                request.pullSecrets,
                serviceAccount: request.serviceAccount,
                namespace: key.namespace
            )
            let image = ImageReadKey(image: request.image, credentials: keyring.fingerprint(for: request.image))
            switch table.begin(image, for: key) {
            case .wait: return .done
            case .known(let outcome): table.settle(key, target, outcome)
            case .read:
                let outcome: EntryPointCache.Outcome
                do {
                    outcome = .success(try await reader.read(request.image, keyring: keyring))
                } catch let error as RegistryError {
                    outcome = .failure(error)
                } catch {
                    table.finish(image, nil)
                    throw error
                }
                metrics.countEntryPointRead(outcome)
                table.settle(key, target, outcome)
                table.finish(image, outcome)
            }
        }
        return table.delay(key).map { .requeueAfter($0) } ?? .done
    }
}
