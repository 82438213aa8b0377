internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging

/// Executes the writes of an `ApplyPlan` one by one, in order.
///
/// A permanent refusal by the API server is recorded, and the rest is still written, with one exception: pods are not
/// started if something that the plan writes before them (their NetworkPolicy, their Secrets) could not be written.
struct Applier: Sendable {
    /// The result of a plan.
    struct Outcome: Sendable {
        /// The problems, in the order of the plan.
        var problems: [WriteProblem] = []
        /// What was deleted.
        var deleted: [ObjectReference] = []
        /// How many writes were made.
        var writes = 0
    }

    var cluster: any ClusterAccess
    var caches: ChildCaches
    var secrets: SecretSnapshot
    /// Which kinds have their status kept in the caches.
    var keepsStatus: @Sendable (ResourceType) -> Bool
    var logger: Logger

    /// Makes the cluster match the render.
    ///
    /// - Parameters:
    ///   - plan: what to do.
    ///   - owner: the owner of the objects.
    ///   - outcome: receives what was done, even if an error stops it.
    /// - Throws: the first `APIError` that a retry can fix. What was written until then is kept, and the next pass
    ///   finds it.
    func apply(_ plan: ApplyPlan, owner: ChildRecord.Owner, outcome: inout Outcome) async throws {
        for (reference, verification) in plan.verified { caches.confirm(verification, of: reference) }
        outcome.problems = plan.obstacles.map(WriteProblem.init)
        for step in plan.steps {
            try Task.checkCancellation()
            if step.reference.type == .deployment, !step.isDeletion,
                outcome.problems.contains(where: { Self.prerequisites.contains($0.reference.type) })
            {
                continue
            }
            do {
                try await perform(step, owner: owner, outcome: &outcome)
            } catch let error as APIError {
                let problem = WriteProblem(error, writing: step.reference)
                outcome.problems.append(problem)
                // Expected when a namespace is deleted.
                let level: Logger.Level = problem.kind == .namespaceTerminating ? .debug : .warning
                logger.log(level: level, "could not write \(step.reference): \(error)")
                if problem.kind == .failed { throw error }
            }
        }
    }

    /// The kinds that must be written before pods start.
    private static let prerequisites: Set<ResourceType> = [
        .networkPolicy, .serviceAccount, .secret, .persistentVolumeClaim,
    ]

    private func perform(_ step: ApplyPlan.Step, owner: ChildRecord.Owner, outcome: inout Outcome) async throws {
        switch step {
        case .create(let object):
            try await create(object, owner: owner, outcome: &outcome)
        case .moveOwnership(let reference, let uid):
            if let live = try await cluster.get(reference) {
                try await moveOwnership(of: live, at: reference, uid: uid, outcome: &outcome)
            }
        case .update(let object, let uid):
            try await apply(object, uid: uid, owner: owner, outcome: &outcome)
        case .verify(let object, let uid):
            try await verify(object, uid: uid, owner: owner, outcome: &outcome)
        case .handOver(let reference, let uid, let replicas):
            try await cluster.apply(
                reference.body(["spec": ["replicas": .integer(Int64(replicas))]], uid: uid),
                to: reference,
                fieldManager: Moorage.handOverFieldManager
            ) { _ in }
            outcome.writes += 1
        case .delete(let reference, let uid):
            try await cluster.delete(reference, uid: uid)
            outcome.writes += 1
            outcome.deleted.append(reference)
            logger.info("deleted an object that is no longer rendered: \(reference)")
        }
    }

    private func create(_ object: DesiredObject, owner: ChildRecord.Owner, outcome: inout Outcome) async throws {
        if let duplicate = FieldCoverage.duplicate(in: object.value) {
            let message = "two elements have the same key: \(duplicate); remove one"
            outcome.problems.append(WriteProblem(.refused, object.reference, message: message))
            return
        }
        try await write(object, owner: owner, outcome: &outcome) { decode in
            try await cluster.create(object.body, at: object.reference, decode: decode)
        }
    }

    private func apply(
        _ object: DesiredObject,
        uid: String,
        owner: ChildRecord.Owner,
        outcome: inout Outcome
    ) async throws {
        try await write(object, owner: owner, outcome: &outcome) { decode in
            try await cluster.apply(
                object.body(uid: uid),
                to: object.reference,
                fieldManager: Moorage.fieldManager,
                decode: decode
            )
        }
    }

    private func write(
        _ object: DesiredObject,
        owner: ChildRecord.Owner,
        outcome: inout Outcome,
        _ request: (@escaping ObjectDecoder<ChildRecord>) async throws -> ChildRecord
    ) async throws {
        let type = object.reference.type
        let keepsStatus = keepsStatus(type)
        let answer: ChildRecord
        do {
            answer = try await request {
                try ChildRecord(type: type, bytes: $0, keepsStatus: keepsStatus, keepsContent: false)
            }
        } catch let error as APIError where error.isConflict || error.isAlreadyExists {
            // Another client wrote first, or the name was already used. A read shows which of the two.
            try await explainConflict(object, error: error, owner: owner, outcome: &outcome)
            return
        }
        outcome.writes += 1
        remember(answer, of: object)
        logger.debug("wrote \(object.reference)")
    }

    /// Moves our fields of an object from its creation to apply. A change in between is answered with 409, and retried.
    private func moveOwnership(
        of live: JSONValue,
        at reference: ObjectReference,
        uid: String,
        outcome: inout Outcome
    ) async throws {
        let metadata = live["metadata"]
        guard metadata?["uid"]?.stringValue == uid, let resourceVersion = metadata?["resourceVersion"],
            let moved = FieldOwnership.movedToApply(metadata?["managedFields"])
        else { return }
        try await cluster.patch(
            [
                ["op": "replace", "path": "/metadata/managedFields", "value": moved],
                ["op": "replace", "path": "/metadata/resourceVersion", "value": resourceVersion],
            ],
            of: reference
        )
        outcome.writes += 1
    }

    private func verify(
        _ object: DesiredObject,
        uid: String,
        owner: ChildRecord.Owner,
        outcome: inout Outcome
    ) async throws {
        let version = caches[object.reference]?.resourceVersion ?? ""
        if object.reference.type == .secret,
            let listed = try await secrets.take(object.reference, resourceVersion: version),
            FieldCoverage.covers(live: listed, desired: secrets.redacted(object.value))
        {
            let verification = Verification(resourceVersion: version, renderHash: object.renderHash)
            caches.confirm(verification, of: object.reference)
            return
        }
        if let live = try await cluster.get(object.reference) {
            if FieldCoverage.covers(live: live, desired: object.value) {
                let type = object.reference.type
                remember(try ChildRecord(type: type, value: live, keepsStatus: keepsStatus(type)), of: object)
                return
            }
            try await moveOwnership(of: live, at: object.reference, uid: uid, outcome: &outcome)
        }
        try await apply(object, uid: uid, owner: owner, outcome: &outcome)
    }

    /// Stores an object that is known to contain the render.
    private func remember(_ live: ChildRecord, of object: DesiredObject) {
        var record = live
        record.confirm(object.renderHash)
        caches.assume(record)
        // If the watch event came first, this version is already stored.
        let verification = Verification(resourceVersion: live.resourceVersion, renderHash: object.renderHash)
        caches.confirm(verification, of: object.reference)
    }

    private func explainConflict(
        _ object: DesiredObject,
        error: APIError,
        owner: ChildRecord.Owner,
        outcome: inout Outcome
    ) async throws {
        guard let live = try await cluster.get(object.reference) else { throw error }
        let type = object.reference.type
        let record = try ChildRecord(type: type, value: live, keepsStatus: keepsStatus(type))
        if record.belongs(to: owner, mayBeRetained: object.isRetained) {
            // The object is Moorage's, but was not in the cache yet. The next pass compares it.
            caches.assume(record)
            throw error
        }
        let obstacle: ApplyPlan.Obstacle =
            record.isDeleting || record.owner?.isNamesake(of: owner) == true
            ? .beingDeleted(object.reference)
            : .foreign(object.reference, owner: record.owner?.description)
        outcome.problems.append(WriteProblem(obstacle))
    }
}

extension ApplyPlan.Step {
    /// The object that the step is about.
    var reference: ObjectReference {
        switch self {
        case .create(let object): object.reference
        case .update(let object, _), .verify(let object, _): object.reference
        case .moveOwnership(let reference, _), .handOver(let reference, _, _), .delete(let reference, _): reference
        }
    }

    var isDeletion: Bool {
        if case .delete = self { true } else { false }
    }
}

extension WriteProblem {
    /// The problem of an obstacle, as reported in a condition.
    init(_ obstacle: ApplyPlan.Obstacle) {
        switch obstacle {
        case .foreign(let reference, let owner): self.init(.nameTaken(owner: owner), reference)
        case .beingDeleted(let reference): self.init(.beingDeleted, reference)
        }
    }

    /// The problem of an API server's refusal.
    init(_ error: APIError, writing reference: ObjectReference) {
        let message = error.status.message ?? error.reason
        // Server-side apply responds with 500 if an object does not match its schema; a retry cannot fix that.
        if error.isInvalid || error.isBadRequest || message.contains("failed to create typed patch object") {
            self.init(.refused, reference, message: message)
        } else if error.isNotFound, let wayOut = WriteProblem.wayOutWithout(reference.type) {
            self.init(.refused, reference, message: "the cluster does not serve this kind: \(wayOut)")
        } else if error.isNamespaceTerminating {
            self.init(.namespaceTerminating, reference)
        } else if error.isForbidden {
            // Admission (a policy, a quota) also returns 403; the message shows which one it was.
            self.init(.forbidden, reference, message: message)
        } else {
            self.init(.failed, reference, message: message)
        }
    }

    /// What to do if the cluster does not serve a kind that an API extension defines.
    private static func wayOutWithout(_ type: ResourceType) -> String? {
        switch type {
        case .httpRoute: "install the Gateway API, or use spec.exposure.ingress"
        case .serviceMonitor: "install the Prometheus operator, or remove spec.monitoring"
        default: nil
        }
    }

    /// Whether the next pass must be scheduled, because no watch event triggers it.
    var needsRetry: Bool { kind != .refused }
}
