/// Why something is not done, as a condition says it.
public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason, one word.
    public var reason: Reason
    /// The field of the object at hand that is refused, such as `spec.image`; `nil` where it is not one field.
    public var field: String?
    /// What is wrong and the way out, for people.
    public var message: String
    /// The server's place among those that wait, where a quota makes it wait.
    public var queuePosition: Int?
    /// The breach to audit, where a quota is exceeded.
    public var breach: QuotaBreach?

    public init(
        _ reason: Reason,
        field: String? = nil,
        _ message: String,
        queuePosition: Int? = nil,
        breach: QuotaBreach? = nil
    ) {
        self.reason = reason
        self.field = field
        self.message = message
        self.queuePosition = queuePosition
        self.breach = breach
    }

    /// Reason, field and message as one text.
    public var description: String { "\(reason.rawValue): \(text)" }

    /// The message with the field before it, as a condition holds it.
    public var text: String { field.map { "\($0): \(message)" } ?? message }
}
