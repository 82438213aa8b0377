import KubernetesAPI

/// Decides when `moorage sandbox --once` may end: when every server is Ready, when none of the others will become so by
/// itself, or when the time is over. It holds no clock; `now` is handed in.
struct ReadinessWait: Sendable {
    /// How the wait goes on.
    enum Verdict: Sendable, Hashable {
        /// Every server is Ready.
        case ready
        /// Look again when something changes, and at the latest at this instant.
        case wait(until: ContinuousClock.Instant)
        /// These will not become Ready: by name, with why.
        case failed([String])
    }

    /// When to give up.
    let deadline: ContinuousClock.Instant
    /// How long servers that say they are stalled may stay so. A server may stall for a moment because what it refers to
    /// is applied only after it.
    let patience: Duration
    private var stalledSince: ContinuousClock.Instant?

    init(deadline: ContinuousClock.Instant, patience: Duration = .seconds(3)) {
        self.deadline = deadline
        self.patience = patience
    }

    /// Looks at the servers as they are now.
    mutating func look(at servers: [JSONValue], now: ContinuousClock.Instant) -> Verdict {
        let unready = servers.filter { !ReadinessWait.isReady($0) }
        if unready.isEmpty { return .ready }
        if now >= deadline { return .failed(unready.map(ReadinessWait.reasons)) }
        guard unready.allSatisfy(ReadinessWait.isStalled) else {
            stalledSince = nil
            return .wait(until: deadline)
        }
        let since = stalledSince ?? now
        stalledSince = since
        let end = min(deadline, since.advanced(by: patience))
        return now >= end ? .failed(unready.map(ReadinessWait.reasons)) : .wait(until: end)
    }

    /// Whether the server is Ready, and was found so for the spec that it has now. A server at rest is as ready as it
    /// is asked to be.
    static func isReady(_ server: JSONValue) -> Bool {
        if server[path: ["spec", "suspend"]]?.boolValue == true { return true }
        return holds("Ready", of: server)
    }

    /// Whether nothing will come of the server by itself. One that is refused may well wait for somebody, such as for a Secret
    /// that it reads; but all that there is to apply has been applied.
    private static func isStalled(_ server: JSONValue) -> Bool {
        holds("Stalled", of: server) || holds("Accepted", "False", of: server)
    }

    private static func holds(_ type: String, _ status: String = "True", of server: JSONValue) -> Bool {
        let generation = server[path: ["metadata", "generation"]]?.integerValue
        return (server[path: ["status", "conditions"]]?.arrayValue ?? []).contains { condition in
            condition["type"]?.stringValue == type && condition["status"]?.stringValue == status
                && (generation == nil || condition["observedGeneration"]?.integerValue == generation)
        }
    }

    /// Why a server is not Ready, from its conditions.
    static func reasons(_ server: JSONValue) -> String {
        let namespace = server[path: ["metadata", "namespace"]]?.stringValue ?? "default"
        let name = server[path: ["metadata", "name"]]?.stringValue ?? "?"
        let conditions = server[path: ["status", "conditions"]]?.arrayValue ?? []
        // The condition that refuses says more than the ones that follow from it.
        let telling =
            conditions.first { $0["type"]?.stringValue == "Accepted" && $0["status"]?.stringValue == "False" }
            ?? conditions.first { $0["type"]?.stringValue == "Programmed" && $0["status"]?.stringValue == "False" }
            ?? conditions.first { $0["type"]?.stringValue == "Ready" }
        guard let telling else { return "MCPServer \(namespace)/\(name): nothing has looked at it yet" }
        let reason = telling["reason"]?.stringValue ?? "?"
        return "MCPServer \(namespace)/\(name): \(reason): \(telling["message"]?.stringValue ?? "")"
    }
}
