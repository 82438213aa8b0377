internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy
import Synchronization

/// Keeps, from the caches, which tenant holds each namespace. Informers call `refresh` for the namespace of a change
/// before they queue anything that depends on it.
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

    /// The current table.
    var current: NamespaceClaims { claims.withLock { $0 } }

    /// Decides again which tenant holds a namespace.
    ///
    /// - Returns: whether the holder changed. A change of the holder's spec alone does not count.
    func refresh(_ namespace: String) -> Bool {
        // No tenant can hold a protected namespace, so a claim on it does not affect others.
        guard !protected.contains(namespace) else { return false }
        // The stores are read under the lock, so that the later of two refreshes uses the later state.
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
