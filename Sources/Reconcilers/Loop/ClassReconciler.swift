internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
import Synchronization

/// Counts, for one MCPServerClass, the servers that use it and those that were rendered with older values.
final class ClassReconciler: Sendable {
    private let context: OperatorContext
    private let memories = Mutex<[NamespacedName: StatusMemory]>([:])

    init(context: OperatorContext) {
        self.context = context
    }

    /// One pass over one class.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let serverClass = context.caches.classes.store.get(key), let uid = serverClass.metadata.uid else {
            _ = memories.withLock { $0.removeValue(forKey: key) }
            return .done
        }
        let servers = context.caches.servers.store.snapshot.values.filter { $0.status?.className == key.name }
        let behind = servers.count { server in
            server.status?.conditions?[type: ConditionType.classCurrent]?.status == .false
        }
        let status = classStatus(of: serverClass, using: servers.count, behind: behind)
        let memory = memories.withLock { $0[key] }
        let written = try JSONValue(encoding: status)
        let known =
            try memory?.status(forVersion: serverClass.metadata.resourceVersion)
            ?? JSONValue(encoding: serverClass.status)
        guard written != known else { return .done }
        let reference = ObjectReference(type: MCPServerClass.resourceType, namespace: nil, name: key.name)
        let version: String?
        do {
            version = try await context.cluster.applyStatus(reference.statusBody(written, uid: uid), to: reference)
        } catch let error as APIError where error.isNotFound || error.isConflict {
            return .done
        }
        context.metrics.countWrites(1, controller: "mcpserverclass", target: "status")
        memories.withLock {
            $0[key] = StatusMemory(
                status: written,
                basis: serverClass.metadata.resourceVersion,
                result: version,
                writtenAt: context.clock.now
            )
        }
        return .done
    }
}
