import KubernetesAPI

/// How long a controller waits after a pod was refused before it tries to create one again. The delay doubles each
/// time, as in client-go's rate limiter. The maximum is shorter than client-go's 16 min 40 s, so that users do not have
/// to wait for a sandbox.
struct CreationBackoff: Sendable, Hashable {
    private static let shortest = Duration.milliseconds(5)
    private static let longest = Duration.seconds(30)

    private var failures = 0
    /// The generation that the last attempt was made for.
    private var generation: Int64?

    /// Whether to try now: always the first time and after a change of the controller's spec, and otherwise when the
    /// delay is over.
    func allowsAttempt(generation: Int64, isDue: Bool) -> Bool {
        failures == 0 || isDue || generation != self.generation
    }

    /// An attempt failed. Returns the delay.
    mutating func recordFailure(generation: Int64) -> Duration {
        self.generation = generation
        defer { failures += 1 }
        // The exponent is limited, so that the number does not overflow.
        return min(CreationBackoff.longest, CreationBackoff.shortest * (1 << min(failures, 20)))
    }
}

extension ClusterState {
    /// Whether a controller can create pods now. It waits after a pod was refused.
    func mayCreatePods(for owner: StoredObject) -> Bool {
        guard let backoff = creationBackoffs[owner.uid] else { return true }
        return backoff.allowsAttempt(
            generation: owner.value.metadata["generation"]?.integerValue ?? 0,
            isDue: isDue(owner, "retry")
        )
    }

    /// Records whether a controller could create its pods. Returns when it tries again if it could not.
    mutating func recordCreation(for owner: StoredObject, failure: String?) -> DelayedReconciliation? {
        guard failure != nil else {
            creationBackoffs[owner.uid] = nil
            return nil
        }
        let generation = owner.value.metadata["generation"]?.integerValue ?? 0
        let delay = creationBackoffs[owner.uid, default: CreationBackoff()].recordFailure(generation: generation)
        return DelayedReconciliation(key: owner.key, delay: delay, reason: "retry")
    }
}
