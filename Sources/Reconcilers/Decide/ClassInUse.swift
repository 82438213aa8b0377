internal import CRDModels
internal import KubernetesAPI

/// The class that a server is rendered with: the current one, or, according to the class's rollout policy, the revision
/// that the server was last rendered with.
struct ClassInUse: Sendable, Hashable {
    /// The values in use.
    var resolved: ResolvedClass
    /// Whether the class now has other values.
    var isBehind: Bool
    /// What the next decision needs to know.
    var rollout: RolloutState
    /// The current class, if the server would keep it when the class changes: it is stored before it is used.
    var toStore: ResolvedClass?

    /// - Throws: `Refusal`, if the class that the server names does not exist.
    init(_ input: ServerInput) throws(Refusal) {
        let spec = input.server.spec
        let specHash = RolloutState.specHash(of: spec)
        let restart = input.server.metadata.annotations?[MoorageAnnotations.restart] ?? ""
        let current = try ResolvedClass.resolve(spec.className, among: input.classes)
        let hash = current.hash
        let isAutomatic = current.spec.rollout?.policy == .automatic
        // A digest that is unknown, or belongs to another class, was set by someone else.
        if !isAutomatic, let last = input.rollout, last.specHash == specHash, last.restart == restart,
            last.classHash != hash, let kept = input.lastClass, spec.className == nil || kept.name == spec.className
        {
            resolved = kept
            isBehind = true
            rollout = RolloutState(specHash: specHash, classHash: last.classHash, restart: restart)
            toStore = nil
        } else {
            resolved = current
            isBehind = false
            rollout = RolloutState(specHash: specHash, classHash: hash, restart: restart)
            toStore = isAutomatic || current.name == nil ? nil : current
        }
    }
}
