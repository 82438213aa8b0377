/// Why an evaluation has no result, in the words of the API server where those are known.
package struct EvaluationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package var description: String
    /// Whether a limit ended the evaluation. `&&` and `||` absorb other errors, but not this one.
    var isLimit = false

    init(_ description: String) { self.description = description }

    private init(limit description: String) {
        self.description = description
        isLimit = true
    }

    static let noSuchOverload = EvaluationError("no such overload")
    static let integerOverflow = EvaluationError("integer overflow")
    static let unsignedOverflow = EvaluationError("unsigned integer overflow")
    static let durationOverflow = EvaluationError("duration overflow")
    static let timestampOverflow = EvaluationError("timestamp overflow")
    static let costLimit = EvaluationError(limit: "operation cancelled: actual cost limit exceeded")
    static let tooDeep = EvaluationError(limit: "operation cancelled: the expression is nested too deep")

    static func noSuchKey(_ key: CELValue) -> EvaluationError { EvaluationError("no such key: \(key.plainText)") }
    static func noSuchKey(_ key: String) -> EvaluationError { EvaluationError("no such key: \(key)") }

    static func conversion(_ value: CELValue, to type: String) -> EvaluationError {
        EvaluationError("type conversion error from '\(value.typeName)' to '\(type)'")
    }
}

extension CELValue {
    /// The name of the API server's type for the value, as it occurs in messages.
    var goName: String {
        switch self {
        case .null: "Null"
        case .timestamp: "Timestamp"
        case .duration: "Duration"
        default: typeName.prefix(1).uppercased() + typeName.dropFirst()
        }
    }

    /// A scalar as it occurs in messages.
    var plainText: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): NumberText.text(value)
        case .string(let text), .type(let text): text
        case .duration(let nanoseconds): DurationText.text(nanoseconds)
        case .timestamp(let instant): instant.text
        default: typeName
        }
    }
}
