internal import KubernetesAPI
internal import KubernetesClient

/// The result of applying a render to the cluster.
struct CarriedOut: Sendable {
    /// What stood in the way, in the order of the plan.
    var problems: [WriteProblem] = []
    /// What was deleted, as it is no longer rendered.
    var deleted: [ObjectReference] = []
    /// What is kept although it is no longer rendered.
    var kept: [ObjectReference] = []
    /// The error that stopped it early, which a retry can fix.
    var failure: APIError?
}

extension OperatorContext {
    /// Makes an owner's objects match a render.
    ///
    /// - Parameters:
    ///   - objects: the render, in the order of writing.
    ///   - owner: whom the objects belong to.
    ///   - retainable: objects that can belong to the owner without an owner reference, rendered now or not.
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
        // A namespace that is kept when its tenant is deleted has no owner reference. That it may be written was
        // decided already, by its labels or by `adopt`; that it is never pruned follows from its always being rendered.
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
