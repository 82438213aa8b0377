/// Why a setting of the gateway is not valid.
public struct SettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field, as a path such as `authentication.issuers[0].audiences`.
    public let field: String
    /// What is wrong with it and what to write instead.
    public let message: String

    public init(field: String, _ message: String) {
        self.field = field
        self.message = message
    }

    public var description: String { "\(field): \(message)" }
}
