/// Replaces `${NAME}` in a text with the value of the variable. `$${` results in `${`; any other `$` is kept.
package enum TemplateFiller {
    /// An error in a template.
    package enum Failure: Error, Sendable, Hashable {
        /// A variable has no value.
        case undefined(String)
        /// A placeholder is not closed, or contains an invalid name; the line, starting from 1.
        case malformed(String, line: Int)
    }

    /// The text with all placeholders replaced.
    ///
    /// - Throws: `Failure` for the first placeholder without a value, or with an invalid form.
    package static func fill(_ text: String, variables: [String: String]) throws(Failure) -> String {
        var output = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            output += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                output += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                let line = text[..<rest.startIndex].utf8.count(where: { $0 == 0x0A }) + 1
                guard let end = rest.firstIndex(of: "}") else {
                    throw .malformed(String(rest.prefix(20)), line: line)
                }
                let name = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
                guard isName(name) else { throw .malformed("${\(name)}", line: line) }
                guard let value = variables[name] else { throw .undefined(name) }
                output += value
                rest = rest[rest.index(after: end)...]
            } else {
                output.append("$")
                rest = rest.dropFirst()
            }
        }
        return output + rest
    }

    /// The names of all variables that a text uses.
    package static func names(in text: String) -> Set<String> {
        var names: Set<String> = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${"), let end = rest.firstIndex(of: "}") {
                names.insert(String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end]))
                rest = rest[rest.index(after: end)...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return names
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == 0x5F || isLetter(first) else { return false }
        return text.utf8.allSatisfy { $0 == 0x5F || isLetter($0) || (0x30...0x39).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
