import KubernetesAPI
import Policy

/// Decides when `moorage sandbox --once` can exit: when every server is Ready, when none of the others can become
/// Ready, or after the timeout. It has no clock; `now` is passed in.
struct ReadinessWait: Sendable {
    /// How the wait continues.
    enum Verdict: Sendable, Hashable {
        /// Every server is Ready.
        case ready
        /// Check again when something changes, and at the latest at this instant.
        case wait(until: ContinuousClock.Instant)
        /// The servers that will not become Ready, with the reasons.
        case failed([String])
    }

    /// The deadline.
    let deadline: ContinuousClock.Instant
    /// How long servers can be stalled before they are considered failed. A server can be stalled temporarily because
    /// an object that it refers to is applied later.
    let patience: Duration
    /// How long pods may be unable to run. A container that ends is started again, and may then find what it needs.
    let podPatience: Duration
    private var stalledSince: ContinuousClock.Instant?

    init(
        deadline: ContinuousClock.Instant,
        patience: Duration = .seconds(3),
        podPatience: Duration = .seconds(10)
    ) {
        self.deadline = deadline
        self.patience = patience
        self.podPatience = podPatience
    }

    /// Checks the current state of the servers.
    mutating func look(at servers: [JSONValue], now: ContinuousClock.Instant) -> Verdict {
        let unready = servers.filter { !ReadinessWait.isReady($0) }
        if unready.isEmpty { return .ready }
        if now >= deadline { return .failed(unready.map(ReadinessWait.reasons)) }
        guard unready.allSatisfy({ ReadinessWait.isStalled($0) || ReadinessWait.problem($0) != nil }) else {
            stalledSince = nil
            return .wait(until: deadline)
        }
        let since = stalledSince ?? now
        stalledSince = since
        let limit = unready.allSatisfy(ReadinessWait.isStalled) ? patience : podPatience
        let end = min(deadline, since.advanced(by: limit))
        return now >= end ? .failed(unready.map(ReadinessWait.reasons)) : .wait(until: end)
    }

    /// Whether the server is Ready for its current spec. A suspended server is Ready.
    static func isReady(_ server: JSONValue) -> Bool {
        isSuspended(server) || holds("Ready", of: server)
    }

    static func isSuspended(_ server: JSONValue) -> Bool { server[path: ["spec", "suspend"]]?.boolValue == true }

    /// Whether the server cannot become Ready without help. A refused server can wait for another object, such as a
    /// Secret, but everything has already been applied. Only a registry can still answer.
    static func isStalled(_ server: JSONValue) -> Bool {
        holds("Stalled", of: server)
            || holds("Accepted", "False", of: server)
                && !holds("Accepted", "False", Reason.entryPointPending, of: server)
    }

    /// The reason why a server is not Ready, if time alone does not resolve it: it is stalled, or its pods cannot run.
    static func problem(_ server: JSONValue) -> String? {
        let conditions = server[path: ["status", "conditions"]]?.arrayValue ?? []
        let ready = conditions.first { $0["type"]?.stringValue == "Ready" && $0["status"]?.stringValue == "False" }
        guard let reason = ready?["reason"]?.stringValue else { return nil }
        return isStalled(server) || podProblems.contains(reason) ? reason : nil
    }

    private static let podProblems = Set(
        [
            Reason.containerConfigurationInvalid, .containerCrashing, .pluginRefused, .containerNotReady,
            .containerOutOfMemory,
            .imagePullFailed, .podForbidden,
        ].map(\.rawValue)
    )

    private static func holds(
        _ type: String,
        _ status: String = "True",
        _ reason: Reason? = nil,
        of server: JSONValue
    ) -> Bool {
        let generation = server[path: ["metadata", "generation"]]?.integerValue
        return (server[path: ["status", "conditions"]]?.arrayValue ?? []).contains { condition in
            condition["type"]?.stringValue == type && condition["status"]?.stringValue == status
                && (reason == nil || condition["reason"]?.stringValue == reason?.rawValue)
                && (generation == nil || condition["observedGeneration"]?.integerValue == generation)
        }
    }

    /// Why a server is not Ready, from its conditions.
    static func reasons(_ server: JSONValue) -> String {
        let namespace = server[path: ["metadata", "namespace"]]?.stringValue ?? "default"
        let name = server[path: ["metadata", "name"]]?.stringValue ?? "?"
        let conditions = server[path: ["status", "conditions"]]?.arrayValue ?? []
        // The condition with the refusal says more than the conditions that follow from it.
        let telling =
            conditions.first { $0["type"]?.stringValue == "Accepted" && $0["status"]?.stringValue == "False" }
            ?? conditions.first { $0["type"]?.stringValue == "Programmed" && $0["status"]?.stringValue == "False" }
            ?? conditions.first { $0["type"]?.stringValue == "Ready" }
        guard let telling else { return "MCPServer \(namespace)/\(name): not reconciled yet" }
        let reason = telling["reason"]?.stringValue ?? "?"
        return "MCPServer \(namespace)/\(name): \(reason): \(telling["message"]?.stringValue ?? "")"
    }
}
