internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging

/// Executes an `ApplyPlan`, one write after the other, in order.
///
/// What the API server refuses for good is noted, and the rest is still written, with one exception: pods are not started
/// when something that stands before them in the plan (their NetworkPolicy, their Secrets) could not be written.
struct Applier: Sendable {
    /// The result of a plan.
    struct Outcome: Sendable {
        /// What was written or compared, for the next plan.
        var verified: [ObjectReference: Verification] = [:]
        /// What stood in the way, in the order of the plan.
        var problems: [WriteProblem] = []
        /// What was deleted.
        var deleted: [ObjectReference] = []
        /// How many writes were made.
        var writes = 0
    }

    var cluster: any ClusterAccess
    var caches: ChildCaches
    /// Which kinds' status the caches keep.
    var keepsStatus: @Sendable (ResourceType) -> Bool
    var logger: Logger

    /// Makes the cluster match the render.
    ///
    /// - Parameters:
    ///   - plan: what to do.
    ///   - owner: whom the objects belong to.
    ///   - outcome: receives what was done, even if an error stops it.
    /// - Throws: the first `APIError` that a retry can fix. What was written until then stays, and the next pass
    ///   finds it.
    func apply(_ plan: ApplyPlan, owner: ChildRecord.Owner, outcome: inout Outcome) async throws {
        outcome.verified = plan.verified
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

    /// What must be in place before pods are.
    private static let prerequisites: Set<ResourceType> = [
        .networkPolicy, .serviceAccount, .secret, .persistentVolumeClaim,
    ]

    private func perform(_ step: ApplyPlan.Step, owner: ChildRecord.Owner, outcome: inout Outcome) async throws {
        switch step {
        case .create(let object):
            try await write(object, expecting: .absent, owner: owner, outcome: &outcome)
        case .update(let object, let uid):
            try await write(object, expecting: .present(uid: uid), owner: owner, outcome: &outcome)
        case .verify(let object, let uid):
            try await verify(object, uid: uid, owner: owner, outcome: &outcome)
        case .handOver(let reference, let uid, let replicas):
            _ = try await cluster.apply(
                reference.body(["spec": ["replicas": .integer(Int64(replicas))]], uid: uid),
                to: reference,
                fieldManager: Moorage.handOverFieldManager
            )
            outcome.writes += 1
        case .delete(let reference, let uid):
            try await cluster.delete(reference, uid: uid)
            outcome.writes += 1
            outcome.deleted.append(reference)
            logger.info("deleted an object that is no longer rendered: \(reference)")
        }
    }

    private func write(
        _ object: DesiredObject,
        expecting expectation: DesiredObject.Expectation,
        owner: ChildRecord.Owner,
        outcome: inout Outcome
    ) async throws {
        let answer: JSONValue
        do {
            answer = try await cluster.apply(
                object.body(for: expectation),
                to: object.reference,
                fieldManager: Moorage.fieldManager
            )
        } catch let error as APIError where error.isConflict {
            // Another writer was faster, or the name was already used. One read shows which.
            try await explainConflict(object, error: error, owner: owner, outcome: &outcome)
            return
        }
        outcome.writes += 1
        try remember(answer, of: object, outcome: &outcome)
        logger.debug("applied \(object.reference)")
    }

    private func verify(
        _ object: DesiredObject,
        uid: String,
        owner: ChildRecord.Owner,
        outcome: inout Outcome
    ) async throws {
        if let live = try await cluster.get(object.reference),
            FieldCoverage.covers(live: live, desired: object.value)
        {
            try remember(live, of: object, outcome: &outcome)
            return
        }
        try await write(object, expecting: .present(uid: uid), owner: owner, outcome: &outcome)
    }

    private func remember(_ live: JSONValue, of object: DesiredObject, outcome: inout Outcome) throws {
        let type = object.reference.type
        let record = try ChildRecord(type: type, value: live, keepsStatus: keepsStatus(type))
        caches.assume(record)
        outcome.verified[object.reference] = Verification(
            resourceVersion: record.resourceVersion,
            renderHash: object.renderHash
        )
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
            // It is ours, but was not in the cache yet. The next pass compares it.
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
    /// What the step is about.
    var reference: ObjectReference {
        switch self {
        case .create(let object): object.reference
        case .update(let object, _), .verify(let object, _): object.reference
        case .handOver(let reference, _, _), .delete(let reference, _): reference
        }
    }

    var isDeletion: Bool {
        if case .delete = self { true } else { false }
    }
}

extension WriteProblem {
    /// What stands in the way, as a condition tells it.
    init(_ obstacle: ApplyPlan.Obstacle) {
        switch obstacle {
        case .foreign(let reference, let owner): self.init(.nameTaken(owner: owner), reference)
        case .beingDeleted(let reference): self.init(.beingDeleted, reference)
        }
    }

    /// What a refusal of the API server means.
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
            // Admission (a policy, a quota) answers 403 as well; the message tells the two apart for people.
            self.init(.forbidden, reference, message: message)
        } else {
            self.init(.failed, reference, message: message)
        }
    }

    /// What to do where the cluster does not serve a kind that comes with an extension of the API.
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
