/// Why something is refused, as reported in a condition.
public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason, one word.
    public var reason: Reason
    /// The field that is refused, such as `spec.image`; `nil` if it is not a single field.
    public var field: String?
    /// What is wrong and how to fix it.
    public var message: String
    /// The server's position in the queue, if it waits for quota.
    public var queuePosition: Int?
    /// The violation to audit, if a quota is exceeded.
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

    /// The reason, the field and the message as one text.
    public var description: String { "\(reason.rawValue): \(text)" }

    /// The message with the field, as in a condition.
    public var text: String { field.map { "\($0): \(message)" } ?? message }
}
