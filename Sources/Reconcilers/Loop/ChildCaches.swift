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

/// The caches of everything that Moorage renders, one for each kind.
struct ChildCaches: Sendable {
    /// The index under which a store finds the children of an owner: the owner's uid, so that of a namesake that was deleted
    /// nothing is found.
    static let ownerIndex = "owner"

    private let informers: [ResourceType: Informer<ChildRecord>]

    init(informers: [ResourceType: Informer<ChildRecord>]) {
        self.informers = informers
    }

    /// Whether objects of this kind are watched; one that the cluster does not serve is not.
    func isWatched(_ type: ResourceType) -> Bool { informers[type] != nil }

    /// The object of this name, whoever it belongs to.
    subscript(reference: ObjectReference) -> ChildRecord? {
        informers[reference.type]?.store.get(namespace: reference.namespace ?? "", name: reference.name)
    }

    /// All that is known of an owner's children, and of the objects of the names that are its own.
    func live(
        ownedBy uid: String,
        named names: some Sequence<ObjectReference>
    ) -> [ObjectReference: ChildRecord] {
        var live: [ObjectReference: ChildRecord] = [:]
        for informer in informers.values {
            for record in informer.store.list(index: ChildCaches.ownerIndex, value: uid) {
                live[record.reference] = record
            }
        }
        for reference in names where live[reference] == nil {
            live[reference] = self[reference]
        }
        return live
    }

    /// Stores what a write returned, so that the next decision does not wait for the watch event, and reports it to whoever
    /// depends on the object.
    func assume(_ record: ChildRecord) {
        informers[record.reference.type]?.assume(record)
    }

    /// The values under which a child is found.
    static func owners(of record: ChildRecord) -> [String] { [record.owner?.uid].compactMap { $0 } }
}
