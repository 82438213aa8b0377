import KubernetesAPI

/// The equivalent of etcd and the watch cache: objects, a common revision, and a window of history. It has no I/O; its
/// owner notifies watchers of changes.
struct Storage {
    private(set) var revision: Int64 = 1
    private var buckets: [ResourceKey: [String: [String: StoredObject]]] = [:]
    private var dependents: [String: Set<ObjectKey>] = [:]
    private var keysByUID: [String: ObjectKey] = [:]
    private var histories: [ResourceKey: History] = [:]
    /// The oldest revision that can still be read, of any resource.
    private(set) var compactedRevision: Int64 = 0
    /// The number of changes of one resource that are kept.
    let historyLimit: Int

    private struct History {
        var changes: [Change] = []
        /// Changes up to this revision are discarded.
        var floor: Int64 = 0
    }

    init(historyLimit: Int) {
        self.historyLimit = historyLimit
    }

    subscript(key: ObjectKey) -> StoredObject? { buckets[key.resource]?[key.namespace]?[key.name] }

    func object(uid: String) -> StoredObject? { keysByUID[uid].flatMap { self[$0] } }

    /// The objects that have `uid` as an owner.
    func dependents(ofUID uid: String) -> [StoredObject] { (dependents[uid] ?? []).compactMap { self[$0] } }

    /// The objects of a resource, in all namespaces or in one, unordered.
    func objects(_ resource: ResourceKey, namespace: String? = nil) -> [StoredObject] {
        guard let bucket = buckets[resource] else { return [] }
        if let namespace { return bucket[namespace].map { Array($0.values) } ?? [] }
        return bucket.values.flatMap(\.values)
    }

    func count(_ resource: ResourceKey, namespace: String) -> Int { buckets[resource]?[namespace]?.count ?? 0 }

    var resources: [ResourceKey] { buckets.keys.sorted() }

    /// Stores an object with the next revision.
    mutating func put(_ value: JSONValue, at key: ObjectKey) -> Change {
        revision += 1
        var value = value
        var metadata = value.metadata
        value["metadata"] = nil
        metadata["resourceVersion"] = .string(String(revision))
        value["metadata"] = metadata
        let old = self[key]
        let new = StoredObject(key: key, value: value, revision: revision)
        if let old { unindex(old) }
        buckets[key.resource, default: [:]][key.namespace, default: [:]][key.name] = new
        keysByUID[new.uid] = key
        for owner in value.ownerReferences {
            if let uid = owner["uid"]?.stringValue { dependents[uid, default: []].insert(key) }
        }
        return record(Change(revision: revision, key: key, old: old, new: new))
    }

    mutating func remove(_ key: ObjectKey) -> Change? {
        guard let old = self[key] else { return nil }
        revision += 1
        unindex(old)
        buckets[key.resource]?[key.namespace]?[key.name] = nil
        return record(Change(revision: revision, key: key, old: old, new: nil))
    }

    private mutating func unindex(_ object: StoredObject) {
        keysByUID[object.uid] = nil
        for owner in object.value.ownerReferences {
            guard let uid = owner["uid"]?.stringValue else { continue }
            dependents[uid]?.remove(object.key)
            if dependents[uid]?.isEmpty == true { dependents[uid] = nil }
        }
    }

    private mutating func record(_ change: Change) -> Change {
        var history = histories.removeValue(forKey: change.key.resource) ?? History()
        history.changes.append(change)
        if history.changes.count > historyLimit * 2 {
            let surplus = history.changes.count - historyLimit
            history.floor = history.changes[surplus - 1].revision
            history.changes.removeFirst(surplus)
        }
        histories[change.key.resource] = history
        return change
    }

    /// Discards all history, as `etcdctl compact` does.
    mutating func compact() {
        compactedRevision = revision
        histories = [:]
    }

    /// The oldest revision after which all changes of a resource are known.
    func floor(_ resource: ResourceKey) -> Int64 { max(compactedRevision, histories[resource]?.floor ?? 0) }

    /// The changes after a revision, oldest first, or `nil` if some were discarded.
    func changes(_ resource: ResourceKey, after revision: Int64) -> [Change]? {
        guard revision >= floor(resource) else { return nil }
        guard let changes = histories[resource]?.changes else { return [] }
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].revision > revision { high = middle } else { low = middle + 1 }
        }
        return Array(changes[low...])
    }

    /// The objects of a resource at a revision, or `nil` if its history was discarded.
    func snapshot(_ resource: ResourceKey, namespace: String?, at revision: Int64) -> [StoredObject]? {
        let current = objects(resource, namespace: namespace)
        if revision == self.revision { return current }
        guard let changes = changes(resource, after: revision) else { return nil }
        if changes.isEmpty { return current }
        var byKey = Dictionary(current.map { ($0.key, $0) }, uniquingKeysWith: { _, last in last })
        for change in changes.reversed() where namespace == nil || change.key.namespace == namespace {
            byKey[change.key] = change.old
        }
        return Array(byKey.values)
    }
}
