internal import ControllerRuntime
internal import KubernetesAPI
internal import KubernetesClient

/// The last written status. The cache shows it only some time later; until then, a new status is compared with this
/// one, so that the same status is not written twice.
struct StatusMemory<Status: Sendable & Equatable & Encodable>: Sendable {
    /// What was written.
    var status: Status
    /// The version of the object on which the write was based.
    var basis: String?
    /// The version of the object that the write returned.
    var result: String?
    /// When it was written.
    var writtenAt: RuntimeClock.Instant
    /// The versions before the last write that the cache can still show, one after the other.
    private var earlierVersions: Set<String> = []

    /// - Parameters:
    ///   - status: what was written.
    ///   - basis: the version of the object on which the write was based.
    ///   - result: the version of the object that the write returned.
    ///   - writtenAt: when it was written.
    ///   - previous: what was remembered of the write before.
    init(status: Status, basis: String?, result: String?, writtenAt: RuntimeClock.Instant, after previous: Self?) {
        self.status = status
        self.basis = basis
        self.result = result
        self.writtenAt = writtenAt
        // Once the cache shows the result of a write, it does not go back to a version before it.
        if let previous, previous.status(forVersion: basis) != nil, basis != previous.result {
            earlierVersions = previous.earlierVersions.union([previous.basis, previous.result].compactMap { $0 })
        }
    }

    /// The written status if the cache cannot show it yet. Otherwise `nil`, and the cache is up to date.
    func status(forVersion resourceVersion: String?) -> Status? {
        if resourceVersion == basis || resourceVersion == result { return status }
        return resourceVersion.map(earlierVersions.contains) == true ? status : nil
    }

    /// The rest of the period in which a change of numbers and messages alone waits, `nil` if the period is over.
    func rest(of period: Duration, now: RuntimeClock.Instant) -> Duration? {
        let rest = period - writtenAt.duration(to: now)
        return rest > .zero ? rest : nil
    }
}

extension OperatorContext {
    /// Applies a status, and remembers it.
    ///
    /// - Parameters:
    ///   - status: the whole desired status.
    ///   - reference: the object.
    ///   - metadata: the object's UID and version that the decision was based on.
    ///   - memory: receives what was written.
    ///   - controller: the name of the controller, for the metrics.
    /// - Returns: `false` if the object no longer exists or another object now has its name; its own event triggers the
    ///   next pass.
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
            writtenAt: clock.now,
            after: memory
        )
        return true
    }
}

extension ObjectReference {
    /// The body of an apply that changes only the object with this UID, not another one of the same name.
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

/// A status with numbers and messages that change often.
protocol QuietStatus {
    /// Its conditions.
    var conditions: [Condition]? { get }
    /// The status without what can be delayed: conditions, and numbers that change while pods start.
    var firmPart: Self { get }
}

extension QuietStatus where Self: Equatable {
    /// Whether two statuses differ only in numbers and messages: each condition has the same status and reason.
    func says(theSameAs other: Self?) -> Bool {
        guard let other, firmPart == other.firmPart else { return false }
        let gist = { (conditions: [Condition]?) in
            (conditions ?? []).map { "\($0.type)=\($0.status.rawValue):\($0.reason)" }
        }
        return gist(conditions) == gist(other.conditions)
    }
}
