/// Escapes text with backslashes for the two formats that this module writes: log lines and Prometheus' text format.
struct TextEscaper: Sendable {
    private let isEscaped: @Sendable (Unicode.Scalar) -> Bool

    /// JSON strings (RFC 8259) that are safe on a terminal: the delete character is escaped too.
    static let log = TextEscaper { isSpecial($0) || $0.value < 0x20 || $0.value == 0x7F }
    /// Values of labels in Prometheus' text format.
    static let label = TextEscaper { isSpecial($0) || $0 == "\n" }
    /// Help texts in Prometheus' text format, where quotation marks are not special.
    static let help = TextEscaper { $0 == "\\" || $0 == "\n" }

    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool { scalar == "\"" || scalar == "\\" }

    /// The escaped text in quotation marks.
    func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// The escaped text, without surrounding quotation marks.
    func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isEscaped) else { return text }
        var output = ""
        for scalar in text.unicodeScalars {
            guard isEscaped(scalar) else {
                output.unicodeScalars.append(scalar)
                continue
            }
            switch scalar {
            case "\"", "\\": output += "\\\(scalar)"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                let hexadecimal = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - hexadecimal.utf8.count) + hexadecimal
            }
        }
        return output
    }
}
