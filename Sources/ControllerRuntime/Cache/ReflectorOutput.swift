import KubernetesAPI

/// The changes that a reflector received from the server.
enum ReflectorOutput<Object: CachedObject>: Sendable {
    /// All objects, and the objects that cannot be decoded.
    case replace(Replacement<Object>, unreadable: [UnreadableObject])
    case upsert(Object)
    case delete(Object)
    /// An object that cannot be decoded exists, or was deleted.
    case unreadable(UnreadableObject)
}
