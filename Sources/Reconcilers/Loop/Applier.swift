internal import KubernetesAPI
internal import KubernetesClient
internal import Logging

/// Carries an `ApplyPlan` out, one write after the other, in its order.
struct Applier: Sendable {
    /// What came of a plan.
    struct Outcome: Sendable {
        /// What was written or compared, for the next plan.
        var verified: [ObjectReference: Verification] = [:]
        /// What stood in the way.
        var obstacles: [ApplyPlan.Obstacle] = []
        /// How many writes were made.
        var writes = 0
    }

    var cluster: any ClusterAccess
    var caches: ChildCaches
    /// Which kinds' status the caches keep.
    var keepsStatus: @Sendable (ResourceType) -> Bool

    /// Makes the cluster equal to the render.
    ///
    /// - Throws: the first `APIError` that a repetition may cure. What was written until then stays and is found by the
    ///   next pass.
    func apply(
        _ plan: ApplyPlan,
        owner: ChildRecord.Owner,
        logger: Logger
    ) async throws -> Outcome {
        var outcome = Outcome(verified: plan.verified, obstacles: plan.obstacles)
        for step in plan.steps {
            try Task.checkCancellation()
            switch step {
            case .create(let object):
                try await write(object, expecting: .absent, owner: owner, into: &outcome, logger: logger)
            case .update(let object, let uid):
                try await write(object, expecting: .present(uid: uid), owner: owner, into: &outcome, logger: logger)
            case .verify(let object, let uid):
                try await verify(object, uid: uid, owner: owner, into: &outcome, logger: logger)
            case .delete(let reference, let uid):
                try await cluster.delete(reference, uid: uid)
                outcome.writes += 1
                logger.info("deleted what is no longer rendered", metadata: ["object": "\(reference)"])
            }
        }
        return outcome
    }

    private func write(
        _ object: DesiredObject,
        expecting expectation: DesiredObject.Expectation,
        owner: ChildRecord.Owner,
        into outcome: inout Outcome,
        logger: Logger
    ) async throws {
        let answer: [UInt8]
        do {
            answer = try await cluster.apply(object.body(for: expectation), to: object.reference)
        } catch let error as APIError where error.isConflict {
            // Somebody was faster, or the name was never free. One look tells which.
            try await explainConflict(object, error: error, owner: owner, into: &outcome)
            return
        }
        outcome.writes += 1
        try remember(answer, of: object, into: &outcome)
        logger.debug("applied", metadata: ["object": "\(object.reference)"])
    }

    private func verify(
        _ object: DesiredObject,
        uid: String,
        owner: ChildRecord.Owner,
        into outcome: inout Outcome,
        logger: Logger
    ) async throws {
        if let bytes = try await cluster.get(object.reference) {
            let live = try JSONValue(parsing: bytes)
            if FieldCoverage.covers(live: live, desired: object.value) {
                try remember(bytes, of: object, into: &outcome)
                return
            }
        }
        try await write(object, expecting: .present(uid: uid), owner: owner, into: &outcome, logger: logger)
    }

    private func remember(_ bytes: [UInt8], of object: DesiredObject, into outcome: inout Outcome) throws {
        let type = object.reference.type
        let record = try ChildRecord(type: type, bytes: bytes, keepsStatus: keepsStatus(type))
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
        into outcome: inout Outcome
    ) async throws {
        guard let bytes = try await cluster.get(object.reference) else { throw error }
        let type = object.reference.type
        let record = try ChildRecord(type: type, bytes: bytes, keepsStatus: keepsStatus(type))
        if record.owner?.uid == owner.uid {
            // Ours after all: the cache had not shown it. The next pass compares it.
            caches.assume(record)
            throw error
        }
        let isLeftover = record.isDeleting || record.owner?.isNamesake(of: owner) == true
        outcome.obstacles.append(
            isLeftover
                ? .beingDeleted(object.reference)
                : .foreign(object.reference, owner: record.owner.map { "\($0.groupKind) \($0.name)" })
        )
    }
}
