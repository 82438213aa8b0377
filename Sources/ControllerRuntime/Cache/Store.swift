public import KubernetesAPI
import Synchronization

/// A cache of the objects of one kind, read without waiting.
///
/// Readers always see a complete state: while objects are listed again the old ones stay, and are replaced in one step.
public final class Store<Object: CachedObject>: Sendable {
    private let contents: Mutex<StoreContents<Object>>

    /// Makes an empty store.
    ///
    /// - Parameter indexes: by name, the values under which an object is found.
    public init(indexes: [String: IndexFunction<Object>] = [:]) {
        contents = Mutex(StoreContents(indexes: indexes))
    }

    /// The object of this key.
    public func get(_ key: NamespacedName) -> Object? {
        contents.withLock { $0.objects[key] }?.object
    }

    /// The object of this namespace (empty for cluster-scoped objects) and name.
    public func get(namespace: String, name: String) -> Object? {
        get(NamespacedName(namespace: namespace, name: name))
    }

    /// All objects in no particular order, as they are at this moment; they are not copied.
    public var all: some Collection<Object> { contents.withLock { $0.objects }.values.lazy.map(\.object) }

    /// All objects, or those of one namespace, in the order of their keys.
    public func list(namespace: String? = nil) -> [Object] {
        contents.withLock { $0.objects }
            .filter { namespace == nil || $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }
            .map(\.value.object)
    }

    /// The objects that an index lists under a value, in the order of their keys. Empty where no such index was declared.
    public func list(index: String, value: String) -> [Object] {
        contents.withLock { contents in
            let keys = contents.keys(index: index, value: value)
            assert(keys != nil, "there is no index \(index)")
            return (keys ?? []).compactMap { contents.objects[$0]?.object }
        }
    }

    /// The keys that an index lists under a value, sorted. Empty where no such index was declared.
    public func keys(index: String, value: String) -> [NamespacedName] {
        contents.withLock { contents in
            let keys = contents.keys(index: index, value: value)
            assert(keys != nil, "there is no index \(index)")
            return keys ?? []
        }
    }

    /// How many objects there are.
    public var count: Int { contents.withLock { $0.objects.count } }

    /// Stores an object, and returns what changed. Informers call this; so may a test.
    @discardableResult
    public func upsert(_ object: Object) -> StoreChange<Object>? {
        contents.withLock { $0.upsert(object) }
    }

    /// Stores what a write returned, unless the server has reported something later meanwhile, such as its deletion.
    ///
    /// Handlers do not see this change: use `Informer.assume(_:)`.
    func assume(_ object: Object) -> StoreChange<Object>? {
        contents.withLock { $0.assume(object) }
    }

    /// Removes an object, and returns what changed.
    @discardableResult
    public func remove(_ key: NamespacedName) -> StoreChange<Object>? {
        contents.withLock { $0.remove(key) }
    }

    /// Removes an object whose deletion the server has reported, unless its successor is stored already.
    func remove(deleted object: Object) -> StoreChange<Object>? {
        contents.withLock { $0.remove(deleted: object) }
    }

    /// Replaces all objects, of one namespace or of all, and returns what changed.
    @discardableResult
    public func replace(with objects: [Object], namespace: String? = nil) -> [StoreChange<Object>] {
        replace(with: Replacement(objects: objects), namespace: namespace)
    }

    /// Replaces all objects by what a list returned, and returns what changed.
    func replace(with replacement: Replacement<Object>, namespace: String?) -> [StoreChange<Object>] {
        contents.withLock { $0.replace(with: replacement, namespace: namespace) }
    }
}
