import KubernetesAPI

/// A change of one object in a store: `old` is `nil` where it is new, `new` is `nil` where it is gone.
public struct StoreChange<Object: CachedObject>: Sendable {
    private let before: Stored<Object>?
    private let after: Stored<Object>?

    /// What was there before.
    public var old: Object? { before?.object }
    /// What is there now.
    public var new: Object? { after?.object }

    init(old: Stored<Object>?, new: Stored<Object>?) {
        before = old
        after = new
    }

    /// One object that went and another that came, told apart.
    var halves: [StoreChange] { [StoreChange(old: before, new: nil), StoreChange(old: nil, new: after)] }
}

/// An object in a place of its own: objects are large, and a dictionary of them that grows, is copied or is half empty
/// would cost as much again.
final class Stored<Object: Sendable>: Sendable {
    let object: Object

    init(_ object: Object) { self.object = object }
}

/// All objects of a scope, as a list told of them.
struct Replacement<Object: CachedObject>: Sendable {
    /// The objects that could be read.
    var objects: [Object]
    /// Those that are there but could not be read: what was known of them last is kept.
    var unreadable: Set<NamespacedName> = []
    /// The version of the list; what is stored with a later one was written after it. `nil` where it is not known.
    var resourceVersion: String?
    /// Whether the server was set back to an earlier state, so that versions from before say nothing any more.
    var isRewound = false
}

/// Computes the values under which an object is found in an index; a Secret's users, for one.
public typealias IndexFunction<Object> = @Sendable (Object) -> [String]

/// The keys under one value of an index. Mostly there is one, as an owner has one child of a kind: it needs no set.
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
            // Let go of the set before it is changed, so that it is changed in place.
            self = .one(key)
            keys.insert(key)
            self = .several(keys)
        }
    }

    /// Returns whether no key is left.
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

/// What a store holds: objects by key, and by the values of named indexes.
struct StoreContents<Object: CachedObject>: Sendable {
    private(set) var objects: [NamespacedName: Stored<Object>] = [:]
    private var indexes: [String: [String: IndexedKeys]] = [:]
    private let functions: [String: IndexFunction<Object>]
    /// By namespace, the latest version that the server told of, deletions included.
    private var latest: [String: UInt64] = [:]

    init(indexes functions: [String: IndexFunction<Object>] = [:]) {
        self.functions = functions
        for name in functions.keys { indexes[name] = [:] }
    }

    /// The keys under `value` in the index `name`, sorted; `nil` if there is no such index.
    func keys(index name: String, value: String) -> [NamespacedName]? {
        indexes[name].map { $0[value]?.sorted ?? [] }
    }

    /// Puts an object in. Returns `nil` where what is stored is that very version already, or a later one: a writer puts in
    /// what its write returned, and the watch then still tells what came before it. Versions of one kind can be compared as
    /// numbers (KEP-5504); where they are none, the last one told wins.
    mutating func upsert(_ object: Object) -> StoreChange<Object>? {
        note(object)
        return put(object)
    }

    /// Puts in what a write returned. Returns `nil` where the server has told of something later: then what is stored, be it
    /// nothing, is right. A deletion may have been told before the writer got its answer, and nobody would tell it again.
    mutating func assume(_ object: Object) -> StoreChange<Object>? {
        let key = object.namespacedName
        if objects[key] == nil, let version = version(of: object), version <= latest[key.namespace] ?? 0 { return nil }
        return put(object)
    }

    private mutating func put(_ object: Object) -> StoreChange<Object>? {
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
        return store(object, under: key)
    }

    private mutating func store(_ object: Object, under key: NamespacedName) -> StoreChange<Object> {
        let new = Stored(object)
        let old = objects.updateValue(new, forKey: key)
        reindex(key, old: old?.object, new: object)
        return StoreChange(old: old, new: new)
    }

    /// Takes an object out. Returns `nil` where it was not there.
    mutating func remove(_ key: NamespacedName) -> StoreChange<Object>? {
        guard let old = objects.removeValue(forKey: key) else { return nil }
        reindex(key, old: old.object, new: nil)
        return StoreChange(old: old, new: nil)
    }

    /// Takes an object out that the server said was deleted. Returns `nil` where it was not there, and where what is stored
    /// under its name is its successor, which a writer put in.
    mutating func remove(deleted object: Object) -> StoreChange<Object>? {
        note(object)
        let key = object.namespacedName
        guard let stored = objects[key]?.object else { return nil }
        if stored.metadata.uid != object.metadata.uid, isLater(stored, than: object) { return nil }
        return remove(key)
    }

    /// Makes `replacement` all that there is in `namespace`, or in all of them without one. What is missing from it was
    /// deleted while nobody watched; an object that was deleted and made anew is told as both.
    mutating func replace(with replacement: Replacement<Object>, namespace: String?) -> [StoreChange<
        Object
    >] {
        var changes: [StoreChange<Object>] = []
        if replacement.isRewound {
            if let namespace { latest[namespace] = nil } else { latest = [:] }
        }
        let kept = replacement.unreadable.union(replacement.objects.map(\.namespacedName))
        let listed = replacement.isRewound ? nil : replacement.resourceVersion.flatMap { UInt64($0) }
        for (key, stored) in objects
        where (namespace == nil || key.namespace == namespace) && !kept.contains(key) {
            // A writer put it in after the list was read. If it is gone already, the watch will tell.
            if let listed, let version = version(of: stored.object), version > listed { continue }
            if let change = remove(key) { changes.append(change) }
        }
        for object in replacement.objects {
            guard let change = replacement.isRewound ? takeOver(object) : upsert(object) else { continue }
            if let old = change.old, old.metadata.uid != object.metadata.uid {
                changes += change.halves
            } else {
                changes.append(change)
            }
        }
        return changes
    }

    /// Puts an object in, whatever its version.
    private mutating func takeOver(_ object: Object) -> StoreChange<Object>? {
        note(object)
        return store(object, under: object.namespacedName)
    }

    private func isLater(_ stored: Object, than other: Object) -> Bool {
        guard let stored = version(of: stored), let other = version(of: other) else { return false }
        return stored > other
    }

    private func version(of object: Object) -> UInt64? { object.metadata.resourceVersion.flatMap { UInt64($0) } }

    private mutating func note(_ object: Object) {
        guard let version = version(of: object) else { return }
        let namespace = object.namespacedName.namespace
        latest[namespace] = max(latest[namespace] ?? 0, version)
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
