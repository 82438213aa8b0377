import Logging

/// The format of log lines.
public enum LogFormat: String, Sendable, CaseIterable {
    /// Text for people.
    case text
    /// One JSON object for each line.
    case json
}

/// One log line with its metadata.
struct LogLine: Sendable {
    /// The keys that come first, in this order.
    static let fixedKeys = ["controller", "namespace", "name", "reconcileID"]

    /// The time in RFC 3339's form.
    var time: String
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata
    var error: String?

    /// The metadata, the fixed keys first and the others by name.
    var orderedMetadata: [(key: String, value: Logger.MetadataValue)] {
        var rest = metadata
        var ordered: [(key: String, value: Logger.MetadataValue)] = []
        for key in Self.fixedKeys {
            if let value = rest.removeValue(forKey: key) { ordered.append((key, value)) }
        }
        for (key, value) in rest.sorted(by: { $0.key < $1.key }) { ordered.append((key, value)) }
        return ordered
    }

    func formatted(as format: LogFormat) -> String {
        switch format {
        case .text: text
        case .json: json
        }
    }

    private var text: String {
        // A line feed in a message must not look like another line.
        var line = "\(time) \(level.rawValue.uppercased()) \(label): \(Self.onOneLine(message))"
        for (key, value) in orderedMetadata { line += " \(key)=\(Self.quoted("\(value)"))" }
        if let error { line += " error=\(Self.quoted(error))" }
        return line + "\n"
    }

    private var json: String {
        var line = "{\"time\":\(Self.jsonString(time))"
        line += ",\"level\":\(Self.jsonString(level.rawValue))"
        line += ",\"logger\":\(Self.jsonString(label))"
        line += ",\"message\":\(Self.jsonString(message))"
        for (key, value) in orderedMetadata {
            // The line's own keys are not overwritten.
            let isTaken = ["time", "level", "logger", "message", "error"].contains(key)
            line += ",\(Self.jsonString(isTaken ? "metadata.\(key)" : key)):\(Self.jsonValue(value))"
        }
        if let error { line += ",\"error\":\(Self.jsonString(error))" }
        return line + "}\n"
    }

    private static func jsonValue(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): jsonString(text)
        case .stringConvertible(let value): jsonString(value.description)
        case .array(let values): "[" + values.map(jsonValue).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.map { "\(jsonString($0.key)):\(jsonValue($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    static func jsonString(_ text: String) -> String { TextEscaper.log.quoted(text) }

    private static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else { return text }
        return TextEscaper.log.escaped(text).replacing("\\\"", with: "\"")
    }

    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f && $0 != "\"" && $0 != "=" }
        return isPlain ? text : jsonString(text)
    }
}
