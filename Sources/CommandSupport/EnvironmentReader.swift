import FoundationEssentials

/// Reads settings from environment variables. An invalid value is an error that names the variable; it is never
/// replaced with a default. An empty value counts as not set, because Helm charts produce empty values.
package struct EnvironmentReader: Sendable {
    private let values: [String: String]

    package init(_ values: [String: String]) {
        self.values = values
    }

    /// The text, or `nil` if the variable is not set.
    package func text(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// `true`, `1` or `t`, or `false`, `0` or `f`; case is ignored.
    ///
    /// - Throws: `CommandFailure` naming the variable and the value.
    package func boolean(_ name: String) throws -> Bool? {
        guard let text = text(name) else { return nil }
        switch text.lowercased() {
        case "true", "1", "t": return true
        case "false", "0", "f": return false
        default: throw CommandFailure("environment variable \(name): \"\(text)\" is neither true nor false")
        }
    }

    /// An integer.
    ///
    /// - Throws: `CommandFailure` naming the variable and the value.
    package func integer(_ name: String) throws -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text) else {
            throw CommandFailure("environment variable \(name): \"\(text)\" is not an integer")
        }
        return value
    }

    /// A duration, such as `15s`.
    ///
    /// - Throws: `CommandFailure` naming the variable and the value.
    package func duration(_ name: String) throws -> Duration? {
        guard let text = text(name) else { return nil }
        guard let value = DurationArgument(argument: text) else {
            throw CommandFailure("environment variable \(name): \"\(text)\" is not a duration such as 15s")
        }
        return value.duration
    }

    /// Texts separated by commas, without surrounding spaces.
    package func list(_ name: String) -> [String]? {
        guard let text = text(name) else { return nil }
        return EnvironmentReader.list(text)
    }

    /// One of the values of an enumeration.
    ///
    /// - Throws: `CommandFailure` naming the variable, the value, and the allowed values.
    package func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Value.Type = Value.self
    ) throws -> Value? where Value.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure("environment variable \(name): \"\(text)\" must be one of \(allowed)")
        }
        return value
    }

    /// Texts separated by commas, without surrounding spaces.
    package static func list(_ text: String) -> [String] {
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
    package static var process: EnvironmentReader { EnvironmentReader(ProcessInfo.processInfo.environment) }
}
