public import KubernetesAPI

/// An object that an informer can keep: any type with an object's metadata. Typed kinds conform with an empty
/// extension; a small cache keeps the metadata and raw bytes, or only the metadata.
public protocol CachedObject: Sendable {
    /// The object's metadata.
    var metadata: ObjectMeta { get }
}

extension PartialObjectMetadata: CachedObject {}

extension CachedObject {
    /// The object's namespace and name, which identify it.
    public var namespacedName: NamespacedName {
        NamespacedName(namespace: metadata.namespace ?? "", name: metadata.name ?? "")
    }
}
