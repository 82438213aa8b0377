internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// What somebody can do next, and why.
package struct NextStep: Sendable, Hashable {
    /// The reason, if a condition has one.
    package var reason: String?
    /// What the controller says about it.
    package var message: String?
    /// What is the matter, from the documentation of the reason.
    package var cause: String
    /// What to do.
    package var wayOut: String
    /// Commands that help.
    package var commands: [String] = []

    var json: JSONValue {
        .fields(
            ("reason", JSONValue(reason)),
            ("message", JSONValue(message)),
            ("cause", .string(cause)),
            ("wayOut", .string(wayOut)),
            ("commands", JSONValue(nonEmpty: commands.map { .string($0) }))
        )
    }

    func lines(number: Int) -> [String] {
        let head = "\(number). "
        let first = [reason, message].compactMap { $0 }.joined(separator: ": ")
        let paragraphs = first.isEmpty ? [cause] : [first, cause]
        var lines = paragraphs.flatMap { TextLayout.paragraph($0, indentation: head.count) }
        if let first = lines.first { lines[0] = head + String(first.dropFirst(head.count)) }
        var way = TextLayout.paragraph(wayOut, indentation: head.count + 2)
        if let first = way.first {
            way[0] = String(repeating: " ", count: head.count) + "→ " + String(first.dropFirst(head.count + 2))
        }
        lines += way
        lines += commands.map { String(repeating: " ", count: head.count + 2) + "$ " + TextLayout.safe($0) }
        return lines
    }
}

/// Finds what to do from conditions.
struct NextSteps {
    /// The documentation of all reasons.
    var catalogue: ReasonCatalogue
    /// How this program is called, such as `kubectl moorage`.
    var program: String
    /// The namespace of the object; `nil` for a tenant.
    var namespace: String?
    /// The name of the object.
    var name: String
    /// The server's revision that waits for a decision.
    var waiting: String?
    /// The server's revision that serves.
    var serving: String?
    /// The server's newest revision that was rejected.
    var rejected: String?

    /// Reasons that say nothing of their own, if there are others.
    private static let derived: Set<String> = Set(
        [Reason.progressing, .settled, .programming, .rollingOut].map(\.rawValue)
    )

    /// One step for each reason of a condition that is not as it should be: first what is wrong, then what is in progress, each in
    /// Moorage's order of conditions, because what is wrong first causes the rest.
    func steps(_ conditions: [ConditionFact]) -> [NextStep] {
        let places = Dictionary(
            ConditionType.order.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let problems = conditions.filter { $0.state == .bad || $0.state == .waiting }
            .sorted { left, right in
                let ranks = [left, right].map { ($0.state == .bad ? 0 : 1, places[$0.type] ?? .max) }
                return ranks[0] < ranks[1]
            }
        var seen: Set<String> = []
        let first = problems.filter { seen.insert($0.reason).inserted }
        let own = first.filter { problem in
            let pointsElsewhere = catalogue[problem.reason]?.wayOut.hasPrefix("See the condition ") ?? false
            return !pointsElsewhere && !Self.derived.contains(problem.reason)
        }
        return (own.isEmpty ? first : own).map(step)
    }

    private func step(_ condition: ConditionFact) -> NextStep {
        let reason = condition.reason.isEmpty ? nil : condition.reason
        let message = condition.message.isEmpty ? nil : condition.message
        guard let reason, let entry = catalogue[reason] else {
            return NextStep(
                reason: reason,
                message: message,
                cause: "This version of the program does not know the reason.",
                wayOut: "Read the message of the condition, or use the program of the controller's version."
            )
        }
        return NextStep(
            reason: reason,
            message: message,
            cause: entry.cause,
            wayOut: entry.wayOut,
            commands: commands(entry.reason)
        )
    }

    /// Commands of this program that belong to a reason.
    private func commands(_ reason: Reason) -> [String] {
        guard let namespace else {
            return [.quotaLowered, .quotaExceeded].contains(reason) ? ["\(program) quota \(name)"] : []
        }
        let place = " -n \(namespace)"
        switch reason {
        case .containerCrashing, .containerOutOfMemory: return ["\(program) logs \(name)\(place) --previous"]
        case .containerNotReady, .handshakeConnectionFailed, .handshakeRefused, .handshakeTimedOut, .protocolNotSpoken,
            .endpointNotFound, .transportMismatch, .protocolInvalid:
            return ["\(program) logs \(name)\(place)"]
        case .quotaExceeded: return ["\(program) quota\(place)"]
        case .quarantined:
            let revision = (waiting ?? serving).map { " \($0)" } ?? ""
            return [
                "\(program) diff \(name)\(place)", "\(program) approve \(name)\(revision)\(place)",
                "\(program) rollback \(name)\(place)",
            ]
        case .reviewRequired:
            let revision = waiting.map { " \($0)" } ?? ""
            return [
                "\(program) diff \(name)\(place)", "\(program) approve \(name)\(revision)\(place)",
                "\(program) reject \(name)\(revision)\(place)",
            ]
        case .candidateRejected:
            guard let rejected else { return [] }
            return ["\(program) approve \(name) \(rejected)\(place)"]
        case .contractDrifted: return ["\(program) diff \(name)\(place)", "\(program) restart \(name)\(place)"]
        case .classBehind, .candidateTimedOut: return ["\(program) restart \(name)\(place)"]
        case .rollbackNotPossible: return ["\(program) rollback \(name)\(place) --end"]
        default: return []
        }
    }
}
