internal import ControllerRuntime
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
    /// When it was written.
    var writtenAt: RuntimeClock.Instant

    /// How often numbers and messages alone may change a status: a roll-out counts pods up faster than anybody reads.
    static let quietPeriod = Duration.seconds(10)

    /// What was written, where the cache cannot show it yet, else `nil`: then the cache is right.
    func status(forVersion resourceVersion: String?) -> JSONValue? {
        // Not a ternary: its `nil` would be JSON's null, which is a status too.
        guard resourceVersion == basis || resourceVersion == result else { return nil }
        return status
    }

    /// How much longer a change of numbers and messages alone waits, `nil` where it need not.
    func delay(now: RuntimeClock.Instant) -> Duration? {
        let rest = StatusMemory.quietPeriod - writtenAt.duration(to: now)
        return rest > .zero ? rest : nil
    }
}

extension ObjectReference {
    /// A status as it is applied to the object of an identity.
    func statusBody(_ status: JSONValue, uid: String) -> JSONValue {
        var metadata: JSONValue = ["name": .string(name), "uid": .string(uid)]
        metadata["namespace"] = namespace.map { .string($0) }
        return [
            "apiVersion": .string(type.apiVersion), "kind": .string(type.kind), "metadata": metadata, "status": status,
        ]
    }
}
