internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient

/// The status that was written last. The cache shows it only some time later; until then this is what is compared with, or
/// else the same status would be written twice.
struct StatusMemory<Status: Sendable & Equatable & Encodable>: Sendable {
    /// What was written.
    var status: Status
    /// The version of the object that the write was decided on.
    var basis: String?
    /// The version of the object that the write returned.
    var result: String?
    /// When it was written.
    var writtenAt: RuntimeClock.Instant

    /// What was written, where the cache cannot show it yet, else `nil`: then the cache is right.
    func status(forVersion resourceVersion: String?) -> Status? {
        resourceVersion == basis || resourceVersion == result ? status : nil
    }

    /// How much of a period is left in which a change of numbers and messages alone waits, `nil` where none is.
    func rest(of period: Duration, now: RuntimeClock.Instant) -> Duration? {
        let rest = period - writtenAt.duration(to: now)
        return rest > .zero ? rest : nil
    }
}

extension OperatorContext {
    /// Applies a status, and remembers it.
    ///
    /// - Parameters:
    ///   - status: the whole status, as it should be.
    ///   - reference: whose status it is.
    ///   - metadata: that object's identity and version, as the decision saw it.
    ///   - memory: takes what was written.
    ///   - controller: who writes, for the metrics.
    /// - Returns: `false` where the object is gone, or another has its name by now; its own event brings the next pass.
    /// - Throws: any other `APIError`.
    func write<Status>(
        _ status: Status,
        to reference: ObjectReference,
        _ metadata: ObjectMeta,
        memory: inout StatusMemory<Status>?,
        controller: String
    ) async throws -> Bool {
        let body = reference.body(["status": try JSONValue(encoding: status)], uid: metadata.uid ?? "")
        let version: String?
        do {
            version = try await cluster.applyStatus(body, to: reference)
        } catch let error as APIError where error.isNotFound || error.isConflict {
            return false
        }
        metrics.countWrites(1, controller: controller, target: "status")
        memory = StatusMemory(
            status: status,
            basis: metadata.resourceVersion,
            result: version,
            writtenAt: clock.now
        )
        return true
    }
}

extension ObjectReference {
    /// What is applied to the object of an identity, and to no other of its name.
    func body(_ members: [String: JSONValue], uid: String) -> JSONValue {
        var metadata: JSONValue = ["name": .string(name), "uid": .string(uid)]
        metadata["namespace"] = namespace.map { .string($0) }
        var body = members
        body["apiVersion"] = .string(type.apiVersion)
        body["kind"] = .string(type.kind)
        body["metadata"] = metadata
        return .object(body)
    }
}

/// A status whose numbers and messages change faster than anybody reads them.
protocol QuietStatus {
    /// Its conditions.
    var conditions: [Condition]? { get }
    /// The status without what may lag behind: conditions, and numbers that come and go while pods start.
    var firmPart: Self { get }
}

extension QuietStatus where Self: Equatable {
    /// Whether two statuses differ in numbers and messages alone: each condition has the same status and reason.
    func says(theSameAs other: Self?) -> Bool {
        guard let other, firmPart == other.firmPart else { return false }
        let gist = { (conditions: [Condition]?) in
            (conditions ?? []).map { "\($0.type)=\($0.status.rawValue):\($0.reason)" }
        }
        return gist(conditions) == gist(other.conditions)
    }
}
