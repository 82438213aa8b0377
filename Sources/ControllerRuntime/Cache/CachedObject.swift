public import KubernetesAPI

/// What an informer can keep: anything that carries an object's metadata. Typed kinds conform with an empty extension; a
/// cache that wants to be small keeps the metadata and raw bytes, or the metadata alone.
public protocol CachedObject: Sendable {
    /// The object's metadata.
    var metadata: ObjectMeta { get }
}

extension PartialObjectMetadata: CachedObject {}

extension CachedObject {
    /// Namespace and name, by which the object is found.
    public var namespacedName: NamespacedName {
        NamespacedName(namespace: metadata.namespace ?? "", name: metadata.name ?? "")
    }
}
