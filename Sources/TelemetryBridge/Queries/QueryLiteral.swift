/// Texts in PromQL and LogQL. Pure.
enum QueryLiteral {
    /// A text as a literal in double quotation marks. Both languages have Go's escapes.
    static func quoted(_ text: String) -> String { "\"\(escaped(text, in: "\""))\"" }

    /// A text for the inside of a literal with this quotation mark.
    static func escaped(_ text: String, in mark: Character) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "\"" where mark == "\"": output += "\\\""
            case "'" where mark == "'": output += "\\'"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case let scalar where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                output += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// A pattern that matches exactly this text (RE2), where `*` stands for any text.
    static func pattern(glob: String) -> String {
        var output = ""
        for character in glob {
            if character == "*" {
                output += ".*"
            } else if "\\.+?()|[]{}^$".contains(character) {
                output += "\\\(character)"
            } else {
                output.append(character)
            }
        }
        return output
    }
}
