internal import CRDModels
internal import KubernetesAPI
internal import Policy

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
        let current = try Self.current(input)
        let specHash = RolloutState.specHash(of: input.server.spec)
        let restart = Self.restart(input)
        let kept = Self.kept(input, insteadOf: current, specHash: specHash)
        resolved = kept ?? current
        isBehind = kept != nil
        rollout = RolloutState(
            specHash: specHash,
            classHash: kept != nil ? input.rollout?.classHash ?? "" : current.hash,
            restart: restart
        )
        let isAutomatic = current.spec.rollout?.policy == .automatic
        toStore = kept != nil || isAutomatic || current.name == nil ? nil : current
    }

    /// The values in use alone, which usually need no digest of the server's spec.
    ///
    /// - Throws: `Refusal`, if the class that the server names does not exist.
    static func resolved(_ input: ServerInput) throws(Refusal) -> ResolvedClass {
        let current = try Self.current(input)
        return kept(input, insteadOf: current, specHash: RolloutState.specHash(of: input.server.spec)) ?? current
    }

    /// The class as it is now.
    private static func current(_ input: ServerInput) throws(Refusal) -> ResolvedClass {
        try ResolvedClass.resolve(
            input.server.spec.className,
            among: input.classes,
            stdio: input.platform.stdio
        )
    }

    /// The revision of the class that a server keeps, `nil` if it uses the current one.
    private static func kept(
        _ input: ServerInput,
        insteadOf current: ResolvedClass,
        specHash: @autoclosure () -> String
    ) -> ResolvedClass? {
        // A digest that is unknown, or belongs to another class, was set by someone else.
        guard current.spec.rollout?.policy != .automatic, let last = input.rollout, last.classHash != current.hash,
            let kept = input.lastClass, input.server.spec.className == nil || kept.name == input.server.spec.className,
            last.restart == restart(input), last.specHash == specHash()
        else { return nil }
        return kept
    }

    private static func restart(_ input: ServerInput) -> String {
        input.server.metadata.annotations?[MoorageAnnotations.restart] ?? ""
    }
}
