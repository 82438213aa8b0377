/// A setting of the platform's configuration that cannot be used.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path of the field, such as `limits.redis.address`.
    public var field: String
    /// The value, what is wrong with it, and what to write instead.
    public var message: String

    public init(field: String, _ message: String) {
        self.field = field
        self.message = message
    }

    public var description: String { "\(field): \(message)" }
}

extension SettingsError {
    /// Checks that a number is in a range; an absent one is.
    ///
    /// - Throws: `SettingsError`, which names the field.
    static func check(_ value: Int?, in range: ClosedRange<Int>, field: String) throws(SettingsError) {
        guard let value, !range.contains(value) else { return }
        throw SettingsError(field: field, "\(value) must be from \(range.lowerBound) to \(range.upperBound)")
    }

    /// Checks that a path is absolute; an absent one is.
    ///
    /// - Throws: `SettingsError`, which names the field.
    static func check(path: String?, field: String) throws(SettingsError) {
        guard let path, !path.hasPrefix("/") || path.hasSuffix("/") else { return }
        throw SettingsError(field: field, "\"\(path)\" must be the absolute path of a file, such as /data/file")
    }
}
