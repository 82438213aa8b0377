internal import CRDModels
internal import KubernetesAPI

/// The class that a server is rendered with now: that of the moment, or, by the class's roll-out policy, as it was when the
/// server was rendered last.
struct ClassInUse: Sendable, Hashable {
    /// The values in use.
    var resolved: ResolvedClass
    /// Whether the class has others by now.
    var isBehind: Bool
    /// The state to be written down for the next decision.
    var rollout: RolloutState

    /// - Throws: `Refusal`, where the class that the server names is not there.
    init(_ input: ServerInput) throws(Refusal) {
        let spec = input.server.spec
        let specHash = RolloutState.specHash(of: spec)
        let restart = input.server.metadata.annotations?[MoorageAnnotations.restart] ?? ""
        let current = try ResolvedClass.resolve(spec.className, among: input.classes)
        let snapshot = current.snapshot
        let isAutomatic = current.spec.rollout?.policy == .automatic
        if !isAutomatic, let last = input.rollout, last.specHash == specHash, last.restart == restart,
            let kept = ResolvedClass(snapshot: last.classSnapshot)
        {
            // Compared as values, so that a field that a newer version of Moorage writes is no difference by itself.
            let keptSnapshot = kept.snapshot
            resolved = keptSnapshot == snapshot ? current : kept
            isBehind = keptSnapshot != snapshot
            rollout = RolloutState(specHash: specHash, classSnapshot: keptSnapshot, restart: restart)
        } else {
            resolved = current
            isBehind = false
            rollout = RolloutState(specHash: specHash, classSnapshot: snapshot, restart: restart)
        }
    }
}
