internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
import Synchronization

/// Keeps, from the caches, whose rules hold in which namespace. Informers call `refresh` for the namespace of a change
/// before anything that depends on it is queued.
final class ClaimTable: Sendable {
    private let tenants: Store<MCPTenant>
    private let namespaces: Store<ChildRecord>
    private let protected: ProtectedNamespaces
    private let claims = Mutex(NamespaceClaims())

    init(tenants: Store<MCPTenant>, namespaces: Store<ChildRecord>, protected: ProtectedNamespaces) {
        self.tenants = tenants
        self.namespaces = namespaces
        self.protected = protected
    }

    /// The table at this moment.
    var current: NamespaceClaims { claims.withLock { $0 } }

    /// Decides again who holds one namespace.
    ///
    /// - Returns: whether it is another holder now; a change of the holder's spec alone is none.
    func refresh(_ namespace: String) -> Bool {
        // A protected namespace is held by nobody, so a claim on it changes nothing for others.
        guard !protected.contains(namespace) else { return false }
        // The stores are read under the lock, so that of two refreshes the later one decides on the later state.
        return claims.withLock { claims in
            let before = claims[namespace]
            let after = NamespaceClaims.holder(
                existing: namespaces.get(namespace: "", name: namespace).map(NamespaceFacts.init),
                claimants: tenants.list(index: OperatorCaches.Index.claim, value: namespace)
            )
            claims[namespace] = after
            return after.map { !$0.isSameHolder(as: before) } ?? (before != nil)
        }
    }
}

extension NamespaceFacts {
    fileprivate init(_ record: ChildRecord) {
        self.init(name: record.reference.name, uid: record.uid, tenantLabel: record.tenantLabel)
    }
}
