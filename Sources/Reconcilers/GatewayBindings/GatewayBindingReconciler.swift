internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging
internal import Policy
import Synchronization

/// Registers the servers of mcp-lifecycle-operator: it creates a remote MCPServer for each binding of Moorage's, and reports what becomes
/// of it. The MCPServer is deleted with the binding, by Kubernetes.
final class GatewayBindingReconciler: Sendable {
    private let context: OperatorContext
    private let caches: GatewayBindingCaches
    private let settings: PlatformGatewayBindings
    private let memories = Mutex<[NamespacedName: StatusMemory<GatewayBinding.Status>]>([:])
    private let retries = Mutex<[NamespacedName: ProblemRetry]>([:])

    private static let controller = "mcpgatewaybinding"

    init(context: OperatorContext, caches: GatewayBindingCaches, settings: PlatformGatewayBindings) {
        self.context = context
        self.caches = caches
        self.settings = settings
    }

    /// Reconciles one binding.
    ///
    /// - Throws: errors that a retry can fix.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let binding = caches.bindings.store.get(key), let uid = binding.metadata.uid,
            binding.metadata.deletionTimestamp == nil
        else {
            forget(key)
            return .done
        }
        let isOurs = settings.isOurs(provider: binding.spec.provider)
        try await prune(key.namespace, owner: uid, keeping: isOurs ? binding.spec.mcpServerRef : nil)
        guard isOurs else {
            // Its status is that of its provider.
            forget(key)
            return .done
        }
        let plan = GatewayBindingPlan(
            binding,
            target: caches.targets.store.get(binding.server),
            server: context.caches.servers.store.get(binding.server),
            settings: settings,
            clusterDomain: context.platform.clusterDomain ?? "cluster.local"
        )
        let problem = try await carryOut(plan.change, binding)
        let registration = problem.map { .refused($0.finding.message) } ?? plan.registration
        if let registration { try await report(registration, binding) }
        return retry(key, after: problem)
    }

    private func forget(_ key: NamespacedName) {
        _ = memories.withLock { $0.removeValue(forKey: key) }
        _ = retries.withLock { $0.removeValue(forKey: key) }
    }

    /// Deletes the MCPServers that were created for a binding which now names another server, or another provider.
    ///
    /// - Parameter name: the MCPServer that is kept.
    private func prune(_ namespace: String, owner uid: String, keeping name: String?) async throws {
        let servers = context.caches.servers.store.list(index: OperatorCaches.Index.namespace, value: namespace)
        for server in servers
        where server.metadata.controllerReference?.uid == uid && server.metadata.name != name
            && server.metadata.deletionTimestamp == nil
        {
            try await context.cluster.delete(reference(server.namespacedName), uid: server.metadata.uid ?? "")
            context.metrics.countWrites(1, controller: Self.controller, target: "children")
        }
    }

    /// Writes the MCPServer of a binding.
    ///
    /// - Returns: why it could not be written, if a retry alone does not fix it.
    private func carryOut(_ change: GatewayBindingPlan.Change, _ binding: GatewayBinding) async throws -> WriteProblem?
    {
        let reference = reference(binding.server)
        do {
            switch change {
            case .none: return nil
            case .create(let server):
                try await context.cluster.create(JSONValue(encoding: server), at: reference) { _ in }
            case .patch(let operations): try await context.cluster.patch(operations, of: reference)
            }
        } catch let error as APIError {
            // What the cache does not show yet is reported by its own event.
            if error.isAlreadyExists || error.isConflict || error.isNotFound { return nil }
            let problem = WriteProblem(error, writing: reference)
            guard problem.kind != .failed else { throw error }
            context.logger.warning("could not write \(reference): \(error)")
            return problem
        }
        context.metrics.countWrites(1, controller: Self.controller, target: "children")
        return nil
    }

    private func reference(_ server: NamespacedName) -> ObjectReference {
        ObjectReference(type: MCPServer.resourceType, namespace: server.namespace, name: server.name)
    }

    private func report(_ registration: GatewayRegistration, _ binding: GatewayBinding) async throws {
        let key = binding.namespacedName
        var memory = memories.withLock { $0[key] }
        let known = memory?.status(forVersion: binding.metadata.resourceVersion) ?? binding.ownStatus
        let status = binding.status(after: registration, known: known, now: context.now)
        guard status != known else { return }
        let reference = ObjectReference(
            type: GatewayBinding.resourceType,
            namespace: key.namespace,
            name: key.name
        )
        if try await context.write(
            status,
            to: reference,
            binding.metadata,
            memory: &memory,
            controller: Self.controller
        ) {
            memories.withLock { [memory] in $0[key] = memory }
        }
    }

    private func retry(_ key: NamespacedName, after problem: WriteProblem?) -> ReconcileResult {
        let now = context.clock.now
        let delay = retries.withLock { retries -> Duration? in
            guard let problem else {
                retries[key] = nil
                return nil
            }
            return retries[key, default: ProblemRetry()].delay(after: [problem], now: now)
        }
        return delay.map { .requeueAfter($0) } ?? .done
    }
}
