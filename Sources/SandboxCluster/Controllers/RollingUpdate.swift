import KubernetesAPI

/// The arithmetic of a rolling update: what a Deployment's controller does in one step.
struct RollingUpdate: Sendable, Hashable {
    /// The replica counts of a ReplicaSet.
    struct Replicas: Sendable, Hashable {
        /// The desired number of pods.
        var wanted: Int64
        /// The number of available pods.
        var available: Int64
    }

    /// The desired number of pods of the Deployment.
    var wanted: Int64
    /// The maximum number of additional pods.
    var maxSurge: Int64
    /// The maximum number of unavailable pods.
    var maxUnavailable: Int64

    init(wanted: Int64, maxSurge: JSONValue? = nil, maxUnavailable: JSONValue? = nil) {
        self.wanted = wanted
        self.maxSurge = RollingUpdate.amount(maxSurge ?? "25%", of: wanted, roundsUp: true)
        self.maxUnavailable = RollingUpdate.amount(maxUnavailable ?? "25%", of: wanted, roundsUp: false)
        // If both are rounded to zero, the rollout could not make progress.
        if self.maxSurge == 0, self.maxUnavailable == 0 { self.maxUnavailable = 1 }
        self.maxUnavailable = min(self.maxUnavailable, wanted)
    }

    /// An absolute number, or a percentage of another number.
    static func amount(_ value: JSONValue, of whole: Int64, roundsUp: Bool) -> Int64 {
        if let number = value.integerValue { return number }
        guard let text = value.stringValue, text.hasSuffix("%"), let percent = Int64(text.dropLast()) else { return 0 }
        return roundsUp ? (whole * percent + 99) / 100 : whole * percent / 100
    }

    /// The minimum number of available pods.
    var minAvailable: Int64 { wanted - maxUnavailable }

    /// The desired number of pods of the new ReplicaSet, if all ReplicaSets together should have `total`.
    func next(new: Int64, total: Int64) -> Int64 {
        if new > wanted { return wanted }
        if total >= wanted + maxSurge { return new }
        return min(wanted, new + wanted + maxSurge - total)
    }

    /// The desired numbers of pods of the old ReplicaSets, oldest first: unavailable pods are removed first, then as
    /// many others as possible.
    func next(old: [Replicas], new: Replicas) -> [Int64] {
        var targets = old.map(\.wanted)
        let total = targets.reduce(new.wanted, +)
        var spare = total - minAvailable - max(0, new.wanted - new.available)
        for index in old.indices where spare > 0 {
            let gone = min(spare, max(0, old[index].wanted - old[index].available))
            targets[index] -= gone
            spare -= gone
        }
        var surplus = old.reduce(new.available) { $0 + $1.available } - minAvailable
        for index in old.indices where surplus > 0 && spare > 0 {
            let gone = min(surplus, spare, targets[index])
            targets[index] -= gone
            surplus -= gone
            spare -= gone
        }
        return targets
    }
}
