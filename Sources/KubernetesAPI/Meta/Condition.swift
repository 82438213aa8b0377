/// `metav1.Condition`: one aspect of an object's state.
public struct Condition: Sendable, Hashable, Codable {
    /// Whether the condition is true.
    public enum Status: String, Sendable, Hashable, Codable {
        case `true` = "True"
        case `false` = "False"
        case unknown = "Unknown"
    }

    /// The type of the condition, in CamelCase.
    public var type: String
    /// Whether the condition is true.
    public var status: Status
    /// The generation that the condition is based on.
    public var observedGeneration: Int64?
    /// When `status` last changed.
    public var lastTransitionTime: Timestamp
    /// The reason, as one CamelCase word that programs can match.
    public var reason: String
    /// The reason in plain text. At most 32,768 code points.
    public var message: String

    /// The longest message that the API server accepts, in code points (`metav1.Condition`, `MaxLength`).
    public static let maximumMessageLength = 32_768

    public init(
        type: String,
        status: Status,
        reason: String,
        message: String,
        observedGeneration: Int64? = nil,
        lastTransitionTime: Timestamp
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message.truncated(toCodePoints: Condition.maximumMessageLength)
        self.observedGeneration = observedGeneration
        self.lastTransitionTime = lastTransitionTime
    }
}

extension [Condition] {
    /// The condition of a type, or `nil`.
    public subscript(type type: String) -> Condition? {
        first { $0.type == type }
    }

    /// Merges conditions by `metav1` semantics: the transition time changes only when the status changes, and all other
    /// fields are replaced. Conditions of other types and the existing order are kept.
    public mutating func merge(_ conditions: [Condition]) {
        for var condition in conditions {
            if let index = firstIndex(where: { $0.type == condition.type }) {
                if self[index].status == condition.status {
                    condition.lastTransitionTime = self[index].lastTransitionTime
                }
                self[index] = condition
            } else {
                append(condition)
            }
        }
    }
}
