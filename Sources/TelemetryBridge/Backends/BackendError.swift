/// A backend has no usable answer.
struct BackendError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    enum Code: Sendable, Hashable {
        /// The administrator has not given its address.
        case notConfigured
        /// It cannot be reached, or answers too late.
        case unreachable
        /// The query is wrong.
        case rejected
        /// The answer is too long.
        case tooLarge
        /// It answers something else than its documentation says.
        case unexpected
    }

    let code: Code
    /// What is wrong and what to do.
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    var description: String { message }
}
