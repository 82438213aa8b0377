package import CommandSupport
internal import CRDModels
package import KubernetesAPI
internal import Policy

/// How far a server is after a change that somebody made by hand. Pure.
package struct Rollout: Sendable {
    /// What is waited for.
    package enum Goal: Sendable, Hashable {
        /// The server serves a revision.
        case revision(String)
        /// All pods were started after a restart. The value is that of the annotation `moorage.dev/restart`.
        case restart(String)
        /// The server runs what its spec says.
        case spec
    }

    /// How the wait goes on.
    package enum Progress: Sendable, Hashable {
        /// The goal is reached.
        case reached
        /// Look again. The text says what happens now.
        case going(String)
        /// Time alone does not help, unless the controller has not seen the change yet. The text says why, and what to do.
        case held(String)
    }

    private let goal: Goal
    private let catalogue: ReasonCatalogue
    private let program: String

    /// - Parameters:
    ///   - goal: what is waited for.
    ///   - catalogue: the documentation of all reasons.
    ///   - program: how this program is called, such as `kubectl moorage`.
    package init(_ goal: Goal, catalogue: ReasonCatalogue, program: String) {
        self.goal = goal
        self.catalogue = catalogue
        self.program = program
    }

    /// Whether the pods of the server must be read too.
    package var needsPods: Bool {
        if case .restart = goal { true } else { false }
    }

    /// Compares a server with the goal.
    ///
    /// - Parameters:
    ///   - server: the MCPServer.
    ///   - pods: the pods that serve; only read if `needsPods`.
    package func progress(of server: JSONValue, pods: [JSONValue] = []) -> Progress {
        if server.text("metadata", "deletionTimestamp") != nil { return .held("the server is being deleted") }
        if server[path: ["spec", "suspend"]]?.boolValue == true {
            return .held("the server is suspended, so no pods start: remove spec.suspend")
        }
        let observed = server.integer("status", "observedGeneration") ?? -1
        guard observed >= server.integer("metadata", "generation") ?? 0 else {
            return .going("the controller has not seen the change yet")
        }
        let isRolled =
            switch goal {
            case .revision(let name): server.text("status", "revision", "name") == name
            case .restart(let value): Self.areRestarted(pods, value)
            case .spec: server[path: ["status", "candidate"]]?.objectValue == nil
            }
        if isRolled, holds(ConditionType.ready, of: server), !holds(ConditionType.reconciling, of: server) {
            return .reached
        }
        if let review = condition(ConditionType.reviewRequired, of: server), review.status == "True", !isRolled {
            return .held("\(review.message): see \(program) diff")
        }
        if holds(ConditionType.stalled, of: server) { return .held(summary(of: server)) }
        if case .restart(let value) = goal, !pods.isEmpty {
            let new = pods.filter { Self.isNew($0, value) }
            let ready = new.count { PodFact($0).state == .good }
            return .going("\(ready) of \(pods.count) pods are new and ready; \(summary(of: server))")
        }
        return .going(summary(of: server))
    }

    private static func isNew(_ pod: JSONValue, _ value: String) -> Bool {
        pod.text("metadata", "annotations", MoorageAnnotations.restart) == value
    }

    private static func areRestarted(_ pods: [JSONValue], _ value: String) -> Bool {
        let live = pods.filter { $0.text("metadata", "deletionTimestamp") == nil }
        return !live.isEmpty && live.allSatisfy { isNew($0, value) && PodFact($0).state == .good }
    }

    private func condition(_ type: String, of server: JSONValue) -> ConditionFact? {
        server.list("status", "conditions").lazy.compactMap { ConditionFact($0, catalogue: catalogue) }
            .first { $0.type == type }
    }

    private func holds(_ type: String, of server: JSONValue) -> Bool {
        condition(type, of: server)?.status == "True"
    }

    /// The state of the server in a line: what is in progress, or what is wrong.
    private func summary(of server: JSONValue) -> String {
        let health = Health(server, catalogue: catalogue)
        let change = condition(ConditionType.reconciling, of: server)
        let message = change?.status == "True" ? change?.message : health.message
        guard let message, !message.isEmpty else { return health.text }
        return "\(health.text): \(message)"
    }
}
