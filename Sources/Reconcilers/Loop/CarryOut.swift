internal import KubernetesAPI
internal import KubernetesClient

/// The result of applying a render to the cluster.
struct CarriedOut: Sendable {
    /// The problems, in the order of the plan.
    var problems: [WriteProblem] = []
    /// What was deleted because it is no longer rendered.
    var deleted: [ObjectReference] = []
    /// What is kept although it is no longer rendered.
    var kept: [ObjectReference] = []
    /// The error that stopped the writes early, which a retry can fix.
    var failure: APIError?
}

extension OperatorContext {
    /// Makes an owner's objects match a render.
    ///
    /// - Parameters:
    ///   - objects: the render, in the order in which it is written.
    ///   - owner: the owner of the objects.
    ///   - retainable: objects that can belong to the owner without an owner reference, rendered now or not.
    ///   - keepsOthers: whether objects of the owner that are not rendered are left as they are.
    ///   - controller: the name of the controller, for the metrics.
    /// - Throws: `CancellationError`, and errors that are not answers of the API server.
    func carryOut(
        _ objects: [RenderedObject],
        owner: ChildRecord.Owner,
        retainable: Set<ObjectReference> = [],
        keepsOthers: Bool = false,
        controller: String
    ) async throws -> CarriedOut {
        let desired = objects.map { DesiredObject($0) }
        let names = Set(desired.map(\.reference))
        var live = children.live(ownedBy: owner.uid, named: names.union(retainable))
        // A namespace that is kept when its tenant is deleted has no owner reference. Its labels or `adopt` have
        // already decided that it can be written, and it is never pruned because it is always rendered.
        for (reference, record) in live where reference.type == .namespace && record.owner == nil {
            live[reference]?.owner = owner
        }
        let plan = ApplyPlan(
            desired: desired,
            live: live,
            owner: owner,
            retainable: retainable,
            keepsOthers: keepsOthers
        )
        var outcome = Applier.Outcome()
        defer { metrics.countWrites(outcome.writes, controller: controller, target: "children") }
        do {
            try await applier.apply(plan, owner: owner, outcome: &outcome)
        } catch let error as APIError {
            return CarriedOut(problems: outcome.problems, deleted: outcome.deleted, kept: plan.kept, failure: error)
        }
        return CarriedOut(problems: outcome.problems, deleted: outcome.deleted, kept: plan.kept)
    }
}
