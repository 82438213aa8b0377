import KubernetesAPI

/// What a reflector has learned from the server.
enum ReflectorOutput<Object: CachedObject>: Sendable {
    /// These are all objects, and those that cannot be decoded.
    case replace(Replacement<Object>, unreadable: [UnreadableObject])
    case upsert(Object)
    case delete(Object)
    /// An object that cannot be decoded exists, or was deleted.
    case unreadable(UnreadableObject)
}
