/// A failure that stops a command with status 1 and one line on standard error.
package struct CommandFailure: Error, CustomStringConvertible {
    /// What happened, for which file or setting, and how to fix it.
    package var message: String
    /// The underlying error.
    package var underlying: (any Error)?

    package init(_ message: String, underlying: (any Error)? = nil) {
        self.message = message
        self.underlying = underlying
    }

    package var description: String {
        guard let underlying else { return message }
        return "\(message): \(underlying)"
    }
}
