internal import ControllerRuntime
internal import FoundationEssentials
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
            let keyring = try await keyring(for: request, namespace: key.namespace)
            let image = EntryPointCache.Key(image: request.image, credentials: keyring.fingerprint(for: request.image))
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

    /// The credentials of the Secrets that the pods would pull with. Those that the kubelet cannot use are left out; the server's
    /// condition names them.
    private func keyring(for request: EntryPointRequest, namespace: String) async throws -> Keyring {
        var names = request.pullSecrets
        if names.isEmpty {
            let reference = ObjectReference(type: .serviceAccount, namespace: namespace, name: request.serviceAccount)
            let account = try await cluster.get(reference)
            names = (account?["imagePullSecrets"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        }
        var keyring = Keyring()
        for name in names {
            let reference = ObjectReference(type: .secret, namespace: namespace, name: name)
            guard let secret = try await cluster.get(reference) else { continue }
            func value(_ key: String) -> [UInt8]? {
                secret["data"]?[key]?.stringValue.flatMap { Data(base64Encoded: $0) }.map(Array.init)
            }
            switch secret["type"]?.stringValue {
            case "kubernetes.io/dockerconfigjson":
                if let value = value(".dockerconfigjson") { try? keyring.add(dockerConfigJSON: value) }
            case "kubernetes.io/dockercfg":
                if let value = value(".dockercfg") { try? keyring.add(dockerConfig: value) }
            default: continue
            }
        }
        return keyring
    }
}
