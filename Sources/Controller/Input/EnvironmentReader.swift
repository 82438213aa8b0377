import FoundationEssentials

/// Reads settings from environment variables, where a wrong value is an error that names the variable, and never a default
/// in silence. An empty value counts as not set, as Helm charts leave them.
struct EnvironmentReader: Sendable {
    private let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values
    }

    /// The text, or `nil` where the variable is not set.
    func text(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// `true` or `false`, as Go and Helm write them.
    ///
    /// - Throws: `CommandFailure` naming the variable and the value.
    func boolean(_ name: String) throws -> Bool? {
        guard let text = text(name) else { return nil }
        switch text.lowercased() {
        case "true", "1", "t": return true
        case "false", "0", "f": return false
        default: throw CommandFailure("environment variable \(name): \"\(text)\" is neither true nor false")
        }
    }

    /// A whole number.
    ///
    /// - Throws: `CommandFailure` naming the variable and the value.
    func integer(_ name: String) throws -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text) else {
            throw CommandFailure("environment variable \(name): \"\(text)\" is not a whole number")
        }
        return value
    }

    /// A length of time, such as `15s`.
    ///
    /// - Throws: `CommandFailure` naming the variable and the value.
    func duration(_ name: String) throws -> Duration? {
        guard let text = text(name) else { return nil }
        guard let value = DurationArgument(argument: text) else {
            throw CommandFailure("environment variable \(name): \"\(text)\" is not a duration such as 15s")
        }
        return value.duration
    }

    /// Texts parted by commas, with the space around them dropped.
    func list(_ name: String) -> [String]? {
        guard let text = text(name) else { return nil }
        return EnvironmentReader.list(text)
    }

    /// One of the values of an enumeration.
    ///
    /// - Throws: `CommandFailure` naming the variable, the value, and what it may be.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Value.Type = Value.self
    ) throws -> Value? where Value.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure("environment variable \(name): \"\(text)\" is none of \(allowed)")
        }
        return value
    }

    /// Texts parted by commas, with the space around them dropped.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            var part = part
            while part.first?.isWhitespace == true { part.removeFirst() }
            while part.last?.isWhitespace == true { part.removeLast() }
            return String(part)
        }
        .filter { !$0.isEmpty }
    }
}

extension EnvironmentReader {
    /// The environment of this process.
    static var process: EnvironmentReader { EnvironmentReader(ProcessInfo.processInfo.environment) }
}
