public import KubernetesAPI

/// Invariants of the conditions of every object of Moorage's kinds in any test: the rules by which kstatus, Argo CD, Flux and
/// `kubectl wait` read them.
public enum ConditionInvariants {
    /// The violated rules, as text; empty if all hold.
    ///
    /// - Parameters:
    ///   - conditions: the conditions.
    ///   - generation: the object's generation.
    ///   - previous: the previous conditions, to check that a transition time changes only with the status.
    public static func violations(
        of conditions: [Condition],
        generation: Int64?,
        previous: [Condition] = []
    ) -> [String] {
        var violations: [String] = []
        let types = conditions.map(\.type)
        if Set(types).count != types.count { violations.append("a type occurs twice: \(types)") }
        guard let ready = conditions[type: "Ready"] else { return violations + ["there is no condition Ready"] }
        let reconciling = conditions[type: "Reconciling"]?.status
        let stalled = conditions[type: "Stalled"]?.status
        // During a rollout without a loss of capacity, a server is Ready and still reconciling.
        let isAvailable = conditions[type: "Available"]?.status == .true
        if ready.status == .true, !isAvailable {
            if reconciling == .true { violations.append("Ready and Reconciling are both True") }
            if stalled == .true { violations.append("Ready and Stalled are both True") }
        }
        if reconciling == .true, stalled == .true { violations.append("Reconciling and Stalled are both True") }
        if ready.status != .true, reconciling != .true, stalled != .true {
            violations.append("not Ready (\(ready.reason)), and neither Reconciling nor Stalled")
        }
        for condition in conditions {
            violations += self.violations(of: condition, generation: generation, before: previous[type: condition.type])
        }
        return violations
    }

    private static func violations(of condition: Condition, generation: Int64?, before: Condition?) -> [String] {
        var violations: [String] = []
        let isWord = condition.reason.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }
        if condition.reason.isEmpty || condition.reason.utf8.count > 1024 || !isWord {
            violations.append("\(condition.type): the reason \"\(condition.reason)\" is no CamelCase word")
        }
        if condition.message.isEmpty || condition.message.count > Condition.maximumMessageLength {
            violations.append("\(condition.type): the message is empty or too long")
        }
        if let generation {
            if condition.observedGeneration == nil { violations.append("\(condition.type): no observedGeneration") }
            if (condition.observedGeneration ?? 0) > generation {
                violations.append("\(condition.type): observed a generation that is not there yet")
            }
            if condition.type == "Ready", condition.status == .true, condition.observedGeneration != generation {
                violations.append("Ready is True for an older generation")
            }
        }
        if let before {
            let hasFlipped = before.status != condition.status
            let hasMoved = before.lastTransitionTime != condition.lastTransitionTime
            if hasMoved, !hasFlipped {
                violations.append("\(condition.type): the transition time moved without a flip")
            }
        }
        return violations
    }
}
