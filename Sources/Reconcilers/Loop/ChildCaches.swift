internal import ControllerRuntime
internal import KubernetesAPI

extension ChildRecord: CachedObject {
    /// The part of the metadata that the store needs; labels and other metadata are in the content.
    var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: reference.name, namespace: reference.namespace)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        return metadata
    }
}

/// The caches of all kinds that Moorage renders.
struct ChildCaches: Sendable {
    /// The index of children by the owner's UID, so that the children of a deleted owner with the same name are not
    /// found.
    static let ownerIndex = "owner"

    private let informers: [ResourceType: Informer<ChildRecord>]
    private let strings: SharedStrings

    /// - Parameters:
    ///   - informers: the informers by kind.
    ///   - strings: the strings that the informers share.
    init(informers: [ResourceType: Informer<ChildRecord>], strings: SharedStrings) {
        self.informers = informers
        self.strings = strings
    }

    /// Whether objects of this kind are watched. A kind that the cluster does not serve is not watched.
    func isWatched(_ type: ResourceType) -> Bool { informers[type] != nil }

    /// The object with this name, regardless of its owner.
    subscript(reference: ObjectReference) -> ChildRecord? {
        informers[reference.type]?.store.get(namespace: reference.namespace ?? "", name: reference.name)
    }

    /// Everything that is known about an owner's children, and about objects that have the names of its children.
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

    /// Stores what a write returned, so that the next decision does not wait for the watch event, and notifies
    /// everything that depends on the object.
    func assume(_ record: ChildRecord) {
        informers[record.reference.type]?.assume(record.sharing(strings))
    }

    /// Notes that a version of an object contains a render. Does nothing if the cache has another version.
    func confirm(_ verification: Verification, of reference: ObjectReference) {
        informers[reference.type]?.store.amend(
            NamespacedName(namespace: reference.namespace ?? "", name: reference.name),
            resourceVersion: verification.resourceVersion
        ) { $0.confirm(verification.renderHash) }
    }

    /// The index values of a child.
    static func owners(of record: ChildRecord) -> [String] { [record.owner?.uid].compactMap { $0 } }
}
