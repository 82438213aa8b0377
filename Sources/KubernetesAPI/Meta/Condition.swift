/// `metav1.Condition`: one aspect of an object's state.
public struct Condition: Sendable, Hashable, Codable {
    /// Whether the aspect holds.
    public enum Status: String, Sendable, Hashable, Codable {
        case `true` = "True"
        case `false` = "False"
        case unknown = "Unknown"
    }

    /// Which aspect, in CamelCase.
    public var type: String
    /// Whether it holds.
    public var status: Status
    /// The generation that this was decided for.
    public var observedGeneration: Int64?
    /// When `status` last changed.
    public var lastTransitionTime: Timestamp
    /// Why, as one CamelCase word that programs can match.
    public var reason: String
    /// Why, for people. At most 32,768 code points.
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

    /// Sets conditions by `metav1` semantics: the transition time moves only when the status flips, and everything else
    /// follows the new value. Conditions of other types stay, and the order of what was there is kept.
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
