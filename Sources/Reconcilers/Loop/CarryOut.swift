internal import KubernetesAPI
internal import KubernetesClient

/// What came of making the cluster equal to a render.
struct CarriedOut: Sendable {
    /// What stood in the way, in the order of the plan.
    var problems: [WriteProblem] = []
    /// What was deleted, as it is no longer rendered.
    var deleted: [ObjectReference] = []
    /// What is kept although it is no longer rendered.
    var kept: [ObjectReference] = []
    /// What ended it early, and a repetition may cure.
    var failure: APIError?
}

extension OperatorContext {
    /// Makes an owner's objects equal to a render.
    ///
    /// - Parameters:
    ///   - objects: the render, in the order of writing.
    ///   - owner: whom the objects belong to.
    ///   - retainable: what may be the owner's without naming it as the owner, rendered now or not.
    ///   - verified: what earlier passes wrote or compared; takes what this one did.
    ///   - controller: who writes, for the metrics.
    /// - Throws: `CancellationError`, and what is no answer of the API server.
    func carryOut(
        _ objects: [RenderedObject],
        owner: ChildRecord.Owner,
        retainable: Set<ObjectReference> = [],
        verified: inout [ObjectReference: Verification],
        controller: String
    ) async throws -> CarriedOut {
        let desired = objects.map { DesiredObject($0) }
        let names = Set(desired.map(\.reference))
        var live = children.live(ownedBy: owner.uid, named: names.union(retainable))
        // A namespace that stays when its tenant goes has no owner reference. That it may be written was decided already, by
        // its labels or by `adopt`; that it is never pruned follows from its always being rendered.
        for (reference, record) in live where reference.type == .namespace && record.owner == nil {
            live[reference]?.owner = owner
        }
        let plan = ApplyPlan(
            desired: desired,
            live: live,
            owner: owner,
            retainable: retainable,
            verified: verified
        )
        var outcome = Applier.Outcome()
        defer {
            verified = verified.filter { names.contains($0.key) }.merging(outcome.verified) { _, new in new }
            metrics.countWrites(outcome.writes, controller: controller, target: "children")
        }
        do {
            try await applier.apply(plan, owner: owner, outcome: &outcome)
        } catch let error as APIError {
            return CarriedOut(problems: outcome.problems, deleted: outcome.deleted, kept: plan.kept, failure: error)
        }
        return CarriedOut(problems: outcome.problems, deleted: outcome.deleted, kept: plan.kept)
    }
}
