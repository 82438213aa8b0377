package import KubernetesAPI
internal import Policy

/// A condition, and whether somebody should look at it.
package struct ConditionFact: Sendable, Hashable {
    /// The type.
    package var type: String
    /// `True`, `False` or `Unknown`.
    package var status: String
    /// The reason.
    package var reason: String
    /// The message.
    package var message: String
    /// When the status last changed.
    package var since: Timestamp?
    /// Bad if something is wrong, waiting if work goes on, neutral if it says nothing about the health.
    package var state: TreeNode.State

    /// The conditions for which True is not the good state.
    private static let inverted: Set<String> = [
        ConditionType.contractDrifted, ConditionType.reviewRequired, ConditionType.reconciling, ConditionType.stalled,
    ]
    /// States that somebody has asked for.
    private static let intended: Set<String> = [Reason.suspended.rawValue, Reason.scaledToZero.rawValue]
    /// Work that continues without anybody, where the status is not yet as desired.
    private static let temporary: Set<String> = [
        Reason.programming.rawValue, Reason.rollingOut.rawValue, Reason.entryPointPending.rawValue,
        Reason.signaturePending.rawValue, Reason.handshakePending.rawValue, Reason.contractPending.rawValue,
        Reason.candidateStarting.rawValue, Reason.candidateTakingOver.rawValue, Reason.tenantNotProgrammed.rawValue,
        Reason.progressing.rawValue, Reason.quotaExceeded.rawValue, Reason.reviewRequired.rawValue,
        Reason.classBehind.rawValue, Reason.curationNotEnforced.rawValue,
    ]

    /// - Returns: `nil` for a value that is not a condition.
    init?(_ value: JSONValue, catalogue: ReasonCatalogue) {
        guard let type = value.text("type") else { return nil }
        self.type = type
        status = value.text("status") ?? "Unknown"
        reason = value.text("reason") ?? ""
        message = value.text("message") ?? ""
        since = value.time("lastTransitionTime")
        state = Self.state(type: type, status: status, reason: reason, catalogue: catalogue)
    }

    private static func state(
        type: String,
        status: String,
        reason: String,
        catalogue: ReasonCatalogue
    ) -> TreeNode.State {
        guard ConditionType.order.contains(type) else { return .neutral }
        let good = inverted.contains(type) ? "False" : "True"
        if status == good { return .good }
        if intended.contains(reason) || catalogue[reason]?.needsNothing == true && type != ConditionType.reconciling {
            return .neutral
        }
        if type == ConditionType.reconciling || temporary.contains(reason) { return .waiting }
        return status == "Unknown" ? .waiting : .bad
    }

    /// Bad ones first, then what is in progress, then the others; within these in Moorage's order.
    static func ordered(_ conditions: [ConditionFact]) -> [ConditionFact] {
        func rank(_ fact: ConditionFact) -> (Int, Int) {
            let place = ConditionType.order.firstIndex(of: fact.type) ?? ConditionType.order.count
            return switch fact.state {
            case .bad: (0, place)
            case .waiting: (1, place)
            case .good, .neutral: (2, place)
            }
        }
        return conditions.enumerated().sorted {
            let (left, right) = (rank($0.element), rank($1.element))
            return (left.0, left.1, $0.offset) < (right.0, right.1, $1.offset)
        }
        .map(\.element)
    }

    var json: JSONValue {
        .fields(
            ("type", .string(type)),
            ("status", .string(status)),
            ("reason", .string(reason)),
            ("message", .string(message)),
            ("since", JSONValue(since)),
            ("state", .string(state.rawValue))
        )
    }
}
