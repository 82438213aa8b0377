internal import ControllerRuntime
internal import KubernetesAPI

extension ChildRecord: CachedObject {
    /// The part of the metadata that the store needs; labels and the like stay in the content.
    var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: reference.name, namespace: reference.namespace)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        return metadata
    }
}

/// The caches of everything that Moorage renders, one a kind.
struct ChildCaches: Sendable {
    /// The index under which a store finds the children of an owner: the owner's uid, so that of a namesake that was deleted
    /// nothing is found.
    static let ownerIndex = "owner"

    private let stores: [ResourceType: Store<ChildRecord>]

    init(stores: [ResourceType: Store<ChildRecord>]) {
        self.stores = stores
    }

    /// Whether objects of this kind are watched; one that the cluster does not serve is not.
    func isWatched(_ type: ResourceType) -> Bool { stores[type] != nil }

    /// The object of this name, whoever it belongs to.
    subscript(reference: ObjectReference) -> ChildRecord? {
        stores[reference.type]?.get(namespace: reference.namespace ?? "", name: reference.name)
    }

    /// All that is known of an owner's children, and of the objects of the names that are its own.
    func live(
        ownedBy uid: String,
        named names: some Sequence<ObjectReference>
    ) -> [ObjectReference: ChildRecord] {
        var live: [ObjectReference: ChildRecord] = [:]
        for store in stores.values {
            for record in store.list(index: ChildCaches.ownerIndex, value: uid) {
                live[record.reference] = record
            }
        }
        for reference in names where live[reference] == nil {
            live[reference] = self[reference]
        }
        return live
    }

    /// Takes in what a write returned, so that the next decision does not wait for the watch to show it.
    func assume(_ record: ChildRecord) {
        stores[record.reference.type]?.assume(record)
    }

    /// The values under which a child is found.
    static func owners(of record: ChildRecord) -> [String] { [record.owner?.uid].compactMap { $0 } }
}
