public import KubernetesAPI
import Synchronization

/// A cache of the objects of one kind, which is read without waiting.
///
/// Readers always see a complete state: while objects are listed again, the old objects are kept, and then replaced in
/// one step.
public final class Store<Object: CachedObject>: Sendable {
    private let contents: Mutex<StoreContents<Object>>

    /// Creates an empty store.
    ///
    /// - Parameter indexes: the index functions by name.
    public init(indexes: [String: IndexFunction<Object>] = [:]) {
        contents = Mutex(StoreContents(indexes: indexes))
    }

    /// The object with this key.
    public func get(_ key: NamespacedName) -> Object? {
        contents.withLock { $0.objects[key] }?.object
    }

    /// The object with this namespace (empty for cluster-scoped objects) and name.
    public func get(namespace: String, name: String) -> Object? {
        get(NamespacedName(namespace: namespace, name: name))
    }

    /// All objects at this moment, in no particular order. They are not copied.
    public var all: some Collection<Object> { contents.withLock { $0.objects }.values.lazy.map(\.object) }

    /// All objects, or those of one namespace, sorted by key.
    public func list(namespace: String? = nil) -> [Object] {
        contents.withLock { $0.objects }
            .filter { namespace == nil || $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }
            .map(\.value.object)
    }

    /// The objects with a value in an index, sorted by key. Empty if there is no such index.
    public func list(index: String, value: String) -> [Object] {
        contents.withLock { contents in
            let keys = contents.keys(index: index, value: value)
            assert(keys != nil, "there is no index \(index)")
            return (keys ?? []).compactMap { contents.objects[$0]?.object }
        }
    }

    /// The keys with a value in an index, sorted. Empty if there is no such index.
    public func keys(index: String, value: String) -> [NamespacedName] {
        contents.withLock { contents in
            let keys = contents.keys(index: index, value: value)
            assert(keys != nil, "there is no index \(index)")
            return keys ?? []
        }
    }

    /// The number of objects.
    public var count: Int { contents.withLock { $0.objects.count } }

    /// Stores an object, and returns what changed. Informers and tests call this.
    @discardableResult
    public func upsert(_ object: Object) -> StoreChange<Object>? {
        contents.withLock { $0.upsert(object) }
    }

    /// Changes what is kept of one version of an object, without calling handlers: for what a reader has found out about
    /// it. `change` must not change what identifies the object, its metadata, or the values of indexes.
    ///
    /// Does nothing if another version is stored, or none.
    public func amend(_ key: NamespacedName, resourceVersion: String, _ change: (inout Object) -> Void) {
        contents.withLock { $0.amend(key, resourceVersion: resourceVersion, change) }
    }

    /// Stores the result of a write, unless the server has already reported something later, such as the deletion.
    ///
    /// Handlers are not called for this change: use `Informer.assume(_:)`.
    func assume(_ object: Object) -> StoreChange<Object>? {
        contents.withLock { $0.assume(object) }
    }

    /// Removes an object, and returns what changed.
    @discardableResult
    public func remove(_ key: NamespacedName) -> StoreChange<Object>? {
        contents.withLock { $0.remove(key) }
    }

    /// Removes an object whose deletion the server reported, unless its successor is already stored.
    func remove(deleted object: Object) -> StoreChange<Object>? {
        contents.withLock { $0.remove(deleted: object) }
    }

    /// Replaces all objects, of one namespace or of all, and returns what changed.
    @discardableResult
    public func replace(with objects: [Object], namespace: String? = nil) -> [StoreChange<Object>] {
        replace(with: Replacement(objects: objects), namespace: namespace)
    }

    /// Replaces all objects with the result of a list, and returns what changed.
    func replace(with replacement: Replacement<Object>, namespace: String?) -> [StoreChange<Object>] {
        contents.withLock { $0.replace(with: replacement, namespace: namespace) }
    }
}
