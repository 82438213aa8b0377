/// A field of a message is missing or has the wrong form.
public struct MessageFieldError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path of the field from the message's root, such as `params.name`.
    public var field: String
    /// What is wrong with it, such as "must be a string, and is a number".
    public var problem: String

    public init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }

    public var description: String { "\(field) \(problem)" }
}
