internal import CRDModels
internal import KubernetesAPI

/// The class that a server is rendered with now: that of the moment, or, by the class's roll-out policy, as it was when the
/// server was rendered last.
struct ClassInUse: Sendable, Hashable {
    /// The values in use.
    var resolved: ResolvedClass
    /// Whether the class has others by now.
    var isBehind: Bool
    /// What the next decision has to know.
    var rollout: RolloutState
    /// The class as it is now, where the server would keep it when the class changes: it is stored before it is used.
    var toStore: ResolvedClass?

    /// - Throws: `Refusal`, where the class that the server names is not there.
    init(_ input: ServerInput) throws(Refusal) {
        let spec = input.server.spec
        let specHash = RolloutState.specHash(of: spec)
        let restart = input.server.metadata.annotations?[MoorageAnnotations.restart] ?? ""
        let current = try ResolvedClass.resolve(spec.className, among: input.classes)
        let hash = current.hash
        let isAutomatic = current.spec.rollout?.policy == .automatic
        // A digest that is not known, or is of a class that the server does not name, comes from somebody else.
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
