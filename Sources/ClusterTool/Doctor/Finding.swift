/// What a reading has resulted in.
package enum Finding<Value: Sendable>: Sendable {
    /// It was read.
    case found(Value)
    /// The account is not allowed to.
    case notAllowed
    /// It could not be read, with the reason.
    case failed(String)

    /// The value, if it was read.
    package var value: Value? {
        if case .found(let value) = self { value } else { nil }
    }

    /// Why there is no value; `nil` if there is one.
    var problem: String? {
        switch self {
        case .found: nil
        case .notAllowed: "your account is not allowed to read it"
        case .failed(let reason): reason
        }
    }
}
