import KubernetesAPI

/// A change of one object in a store: `old` is `nil` for a new object, `new` is `nil` for a deleted one.
public struct StoreChange<Object: CachedObject>: Sendable {
    private let before: Stored<Object>?
    private let after: Stored<Object>?

    /// The object before the change.
    public var old: Object? { before?.object }
    /// The object after the change.
    public var new: Object? { after?.object }

    init(old: Stored<Object>?, new: Stored<Object>?) {
        before = old
        after = new
    }

    /// The change as two changes: the deletion of the old object and the addition of the new one.
    var deletionAndAddition: [StoreChange] { [StoreChange(old: before, new: nil), StoreChange(old: nil, new: after)] }
}

/// An object behind a reference. Objects are large, and a dictionary that grows, is copied or is half empty would
/// otherwise use as much memory again.
final class Stored<Object: Sendable>: Sendable {
    let object: Object

    init(_ object: Object) { self.object = object }
}

/// All objects of a scope, from a list.
struct Replacement<Object: CachedObject>: Sendable {
    /// The objects that could be decoded. They are not copied on their way into the store: a list of thousands of large
    /// objects would otherwise be in memory several times.
    var stored: [Stored<Object>]
    /// The objects that exist but cannot be decoded: the store keeps their last version.
    var unreadable: Set<NamespacedName> = []
    /// The version of the list. An object that is stored with a later version was written after it. `nil` if it is not
    /// known.
    var resourceVersion: String?
    /// Whether the server was restored from a backup, so that earlier versions have no meaning any more.
    var isRewound = false
}

extension Replacement {
    /// A replacement with objects that are not behind references yet.
    init(
        objects: [Object],
        unreadable: Set<NamespacedName> = [],
        resourceVersion: String? = nil,
        isRewound: Bool = false
    ) {
        self.init(
            stored: objects.map(Stored.init),
            unreadable: unreadable,
            resourceVersion: resourceVersion,
            isRewound: isRewound
        )
    }
}

/// Computes the values of an object in an index; for example, the Secrets that a server reads.
public typealias IndexFunction<Object> = @Sendable (Object) -> [String]

/// The keys with one value in an index. Usually there is only one, because an owner has one child of a kind, and it
/// needs no set.
private enum IndexedKeys {
    case one(NamespacedName)
    case several(Set<NamespacedName>)

    var sorted: [NamespacedName] {
        switch self {
        case .one(let key): [key]
        case .several(let keys): keys.sorted()
        }
    }

    mutating func insert(_ key: NamespacedName) {
        switch self {
        case .one(let other):
            if other != key { self = .several([other, key]) }
        case .several(var keys):
            // Release the set before changing it, so that it is changed in place.
            self = .one(key)
            keys.insert(key)
            self = .several(keys)
        }
    }

    /// Returns whether no keys are left.
    mutating func remove(_ key: NamespacedName) -> Bool {
        switch self {
        case .one(let other): return other == key
        case .several(var keys):
            self = .one(key)
            keys.remove(key)
            let isEmpty = keys.isEmpty
            self = .several(keys)
            return isEmpty
        }
    }
}

/// The contents of a store: objects by key, and by the values of indexes.
struct StoreContents<Object: CachedObject>: Sendable {
    private(set) var objects: [NamespacedName: Stored<Object>] = [:]
    private var indexes: [String: [String: IndexedKeys]] = [:]
    private let functions: [String: IndexFunction<Object>]
    /// The version up to which the server has reported everything, including deletions: in all namespaces, and later in
    /// some.
    private var reported: UInt64 = 0
    private var reportedByNamespace: [String: UInt64] = [:]

    init(indexes functions: [String: IndexFunction<Object>] = [:]) {
        self.functions = functions
        for name in functions.keys { indexes[name] = [:] }
    }

    /// The keys under `value` in the index `name`, sorted; `nil` if there is no such index.
    func keys(index name: String, value: String) -> [NamespacedName]? {
        indexes[name].map { $0[value]?.sorted ?? [] }
    }

    /// Stores an object. Returns `nil` if this version or a later one is already stored: a writer stores the result of
    /// its write, and the watch then still reports earlier changes. Versions of one kind can be compared as numbers
    /// (KEP-5504); if they are not numbers, the last one is stored.
    mutating func upsert(_ object: Object) -> StoreChange<Object>? { upsert(Stored(object)) }

    private mutating func upsert(_ stored: Stored<Object>) -> StoreChange<Object>? {
        noteReport(of: stored.object)
        return put(stored)
    }

    /// Stores the result of a write. Returns `nil` if the server has already reported something later: then the store
    /// is up to date, even if it has no such object. A watch or a list may have reported the deletion of the object
    /// before the writer received its answer, and would not report it again.
    mutating func assume(_ object: Object) -> StoreChange<Object>? {
        let key = object.namespacedName
        if objects[key] == nil, let version = version(of: object), version <= reportedVersion(in: key.namespace) {
            return nil
        }
        return put(Stored(object))
    }

    private mutating func put(_ new: Stored<Object>) -> StoreChange<Object>? {
        let object = new.object
        let key = object.namespacedName
        let stored = objects[key]
        if let old = stored?.object {
            if old.metadata.resourceVersion != nil, old.metadata.resourceVersion == object.metadata.resourceVersion,
                old.metadata.uid == object.metadata.uid
            {
                return nil
            }
            if isLater(old, than: object) { return nil }
        }
        return store(new, under: key)
    }

    private mutating func store(_ new: Stored<Object>, under key: NamespacedName) -> StoreChange<Object> {
        let old = objects.updateValue(new, forKey: key)
        reindex(key, old: old?.object, new: new.object)
        return StoreChange(old: old, new: new)
    }

    /// Changes what is kept of one version of an object. Indexes are not updated.
    mutating func amend(_ key: NamespacedName, resourceVersion: String, _ change: (inout Object) -> Void) {
        guard var object = objects[key]?.object, object.metadata.resourceVersion == resourceVersion else { return }
        change(&object)
        objects[key] = Stored(object)
    }

    /// Removes an object. Returns `nil` if it does not exist.
    mutating func remove(_ key: NamespacedName) -> StoreChange<Object>? {
        guard let old = objects.removeValue(forKey: key) else { return nil }
        reindex(key, old: old.object, new: nil)
        return StoreChange(old: old, new: nil)
    }

    /// Removes an object whose deletion the server reported. Returns `nil` if it does not exist, or if a writer has
    /// stored a successor with the same name.
    mutating func remove(deleted object: Object) -> StoreChange<Object>? {
        noteReport(of: object)
        let key = object.namespacedName
        guard let stored = objects[key]?.object else { return nil }
        if stored.metadata.uid != object.metadata.uid, isLater(stored, than: object) { return nil }
        return remove(key)
    }

    /// Replaces the objects of `namespace`, or of all namespaces. An object that is missing from the replacement was
    /// deleted while no watch ran; an object that was deleted and created again is reported as a deletion and an
    /// addition.
    mutating func replace(with replacement: Replacement<Object>, namespace: String?) -> [StoreChange<Object>] {
        var changes: [StoreChange<Object>] = []
        if replacement.isRewound {
            if let namespace {
                reportedByNamespace[namespace] = nil
            } else {
                reported = 0
                reportedByNamespace = [:]
            }
        }
        let kept = replacement.unreadable.union(replacement.stored.map(\.object.namespacedName))
        let listed = replacement.isRewound ? nil : replacement.resourceVersion.flatMap { UInt64($0) }
        for (key, stored) in objects
        where (namespace == nil || key.namespace == namespace) && !kept.contains(key) {
            // A writer stored it after the list was read. If it has been deleted since, the watch reports that.
            if let listed, let version = version(of: stored.object), version > listed { continue }
            if let change = remove(key) { changes.append(change) }
        }
        for object in replacement.stored {
            guard let change = replacement.isRewound ? overwrite(with: object) : upsert(object) else { continue }
            if let old = change.old, old.metadata.uid != object.object.metadata.uid {
                changes += change.deletionAndAddition
            } else {
                changes.append(change)
            }
        }
        // A list also reports deletions, by omitting objects.
        if let version = replacement.resourceVersion.flatMap({ UInt64($0) }) {
            if let namespace {
                reportedByNamespace[namespace] = max(reportedByNamespace[namespace] ?? 0, version)
            } else {
                reported = max(reported, version)
            }
        }
        return changes
    }

    /// Stores an object regardless of its version.
    private mutating func overwrite(with new: Stored<Object>) -> StoreChange<Object>? {
        noteReport(of: new.object)
        return store(new, under: new.object.namespacedName)
    }

    private func isLater(_ stored: Object, than other: Object) -> Bool {
        guard let stored = version(of: stored), let other = version(of: other) else { return false }
        return stored > other
    }

    private func version(of object: Object) -> UInt64? { object.metadata.resourceVersion.flatMap { UInt64($0) } }

    private func reportedVersion(in namespace: String) -> UInt64 {
        max(reported, reportedByNamespace[namespace] ?? 0)
    }

    private mutating func noteReport(of object: Object) {
        guard let version = version(of: object) else { return }
        let namespace = object.namespacedName.namespace
        reportedByNamespace[namespace] = max(reportedByNamespace[namespace] ?? 0, version)
    }

    private mutating func reindex(_ key: NamespacedName, old: Object?, new: Object?) {
        for (name, function) in functions {
            let before = Set(old.map(function) ?? [])
            let after = Set(new.map(function) ?? [])
            for value in before.subtracting(after) {
                if indexes[name]?[value]?.remove(key) == true { indexes[name]?[value] = nil }
            }
            for value in after.subtracting(before) {
                if indexes[name]?[value]?.insert(key) == nil { indexes[name]?[value] = .one(key) }
            }
        }
    }
}
