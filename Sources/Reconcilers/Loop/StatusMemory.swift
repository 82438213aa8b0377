internal import KubernetesAPI

/// The status that was written last. The cache shows it only some time later; until then this is what is compared with, or
/// else the same status would be written twice.
struct StatusMemory: Sendable {
    /// What was written.
    var status: JSONValue
    /// The version of the object that the write was decided on.
    var basis: String?
    /// The version of the object that the write returned.
    var result: String?

    /// What the object's status is, as far as is known.
    ///
    /// - Parameters:
    ///   - cached: the status in the cache.
    ///   - resourceVersion: the version of the object in the cache.
    ///   - memory: what was written last.
    static func current(cached: JSONValue, resourceVersion: String?, memory: StatusMemory?) -> JSONValue {
        guard let memory, resourceVersion == memory.basis || resourceVersion == memory.result else { return cached }
        return memory.status
    }
}
