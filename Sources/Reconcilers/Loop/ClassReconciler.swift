internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient
internal import Policy
import Synchronization

/// Counts, for an MCPServerClass, the servers that use it and the servers that were rendered with an older state, and
/// deletes the stored states that no server uses any more.
final class ClassReconciler: Sendable {
    /// The minimum time between status writes for the counts, so that a thousand new servers do not cause a thousand
    /// writes.
    private static let quietPeriod = Duration.seconds(1)

    private let context: OperatorContext
    private let memories = Mutex<[NamespacedName: StatusMemory<MCPServerClassStatus>]>([:])

    init(context: OperatorContext) {
        self.context = context
    }

    /// Reconciles one class.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        let found = context.caches.classes.store.get(key)
        let current = found.map { ResolvedClass(name: key.name, spec: $0.spec) }
        let pruned = try await context.classRevisions.prune(key.name, current: current) { hash in
            let deployments = context.caches.children[.deployment]?.store
            return deployments?.keys(index: OperatorCaches.Index.classHash, value: hash).isEmpty == false
        }
        context.metrics.countWrites(pruned, controller: "mcpserverclass", target: "revisions")
        guard let serverClass = found, serverClass.metadata.uid != nil else {
            _ = memories.withLock { $0.removeValue(forKey: key) }
            return .done
        }
        let users = context.caches.servers.store.list(index: OperatorCaches.Index.usedClass, value: key.name)
        let behind = users.count { $0.status?.conditions?[type: ConditionType.classCurrent]?.status == .false }
        let status = classStatus(of: serverClass, using: users.count, behind: behind)
        var memory = memories.withLock { $0[key] }
        let known = memory?.status(forVersion: serverClass.metadata.resourceVersion) ?? serverClass.status
        guard status != known else { return .done }
        if let rest = memory?.rest(of: Self.quietPeriod, now: context.clock.now) { return .requeueAfter(rest) }
        let reference = ObjectReference(type: MCPServerClass.resourceType, namespace: nil, name: key.name)
        if try await context.write(
            status,
            to: reference,
            serverClass.metadata,
            memory: &memory,
            controller: "mcpserverclass"
        ) {
            memories.withLock { [memory] in $0[key] = memory }
        }
        return .done
    }
}
