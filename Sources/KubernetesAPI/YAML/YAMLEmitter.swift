extension YAML {
    /// A value as one YAML document, without a leading `---`: block style, `apiVersion`, `kind`, `metadata`, and in
    /// `metadata` `name` and `namespace`, before all other keys, which are sorted. Equal values give equal text.
    public static func text(_ value: JSONValue) -> String {
        var emitter = YAMLEmitter()
        emitter.emit(document: value)
        return emitter.output
    }

    /// Several documents, `---` before each but the first.
    public static func text(_ values: [JSONValue]) -> String {
        values.map { text($0) }.joined(separator: "---\n")
    }
}

/// Writes one value in block style.
struct YAMLEmitter {
    var output = ""

    private static let first = ["apiVersion", "kind", "metadata", "name", "namespace"]

    /// The keys of an object in the order in which they are written.
    static func ordered(_ keys: some Collection<String>) -> [String] {
        func rank(_ key: String) -> Int { first.firstIndex(of: key) ?? first.count }
        return keys.sorted { (rank($0), $0) < (rank($1), $1) }
    }

    mutating func emit(document value: JSONValue) {
        switch value {
        case .object(let members) where !members.isEmpty: emit(members, indentation: 0, continuing: false)
        case .array(let elements) where !elements.isEmpty: emit(elements, indentation: 0, continuing: false)
        default: emit(inline: value, indentation: 0)
        }
    }

    private mutating func indent(_ indentation: Int) {
        output += String(repeating: " ", count: indentation)
    }

    /// - Parameter continuing: whether the first key stands on the current line, after a sequence's dash.
    private mutating func emit(_ members: [String: JSONValue], indentation: Int, continuing: Bool) {
        for (position, key) in YAMLEmitter.ordered(members.keys).enumerated() {
            if position > 0 || !continuing { indent(indentation) }
            output += YAMLEmitter.quoted(key) + ":"
            switch members[key] ?? .null {
            case .object(let inner) where !inner.isEmpty:
                output += "\n"
                emit(inner, indentation: indentation + 2, continuing: false)
            case .array(let inner) where !inner.isEmpty:
                output += "\n"
                // As kubectl writes them, a sequence in a mapping is not indented further.
                emit(inner, indentation: indentation, continuing: false)
            case let value:
                output += " "
                emit(inline: value, indentation: indentation)
            }
        }
    }

    private mutating func emit(_ elements: [JSONValue], indentation: Int, continuing: Bool) {
        for (position, element) in elements.enumerated() {
            if position > 0 || !continuing { indent(indentation) }
            output += "- "
            switch element {
            case .object(let inner) where !inner.isEmpty:
                emit(inner, indentation: indentation + 2, continuing: true)
            case .array(let inner) where !inner.isEmpty:
                emit(inner, indentation: indentation + 2, continuing: true)
            default: emit(inline: element, indentation: indentation)
            }
        }
    }

    private mutating func emit(inline value: JSONValue, indentation: Int) {
        switch value {
        case .object: output += "{}\n"
        case .array: output += "[]\n"
        case .string(let text):
            if YAMLEmitter.fitsLiteralBlock(text) {
                emit(block: text, indentation: indentation + 2)
            } else {
                output += YAMLEmitter.quoted(text) + "\n"
            }
        default: output += String(decoding: value.serialized(), as: UTF8.self) + "\n"
        }
    }

    private mutating func emit(block text: String, indentation: Int) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var trailing = 0
        while lines.last?.isEmpty == true {
            lines.removeLast()
            trailing += 1
        }
        // One newline at the end is the rule (clip), none needs `-` (strip), several need `+` (keep).
        output += trailing == 0 ? "|-\n" : trailing == 1 ? "|\n" : "|+\n"
        for line in lines {
            if !line.isEmpty {
                indent(indentation)
                output += line
            }
            output += "\n"
        }
        if trailing > 1 { output += String(repeating: "\n", count: trailing - 1) }
    }

    /// Whether a text survives a literal block: several lines, printable, and a first line that shows the indentation.
    static func fitsLiteralBlock(_ text: String) -> Bool {
        guard text.utf8.contains(0x0A), let first = text.utf8.first, first != 0x20, first != 0x0A else { return false }
        var isBlank = true
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: break
            case 0x09, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
                0x10000...0x10FFFF:
                if scalar != " " && scalar != "\t" { isBlank = false }
            default: return false
            }
        }
        // A line of white space alone could be taken for indentation.
        let hasBlankLine = text.split(separator: "\n").contains { $0.allSatisfy { $0 == " " || $0 == "\t" } }
        return !isBlank && !hasBlankLine && first != 0x09
    }

    /// The text of a scalar: plain where it reads back as the same text, in double quotes otherwise.
    static func quoted(_ text: String) -> String {
        if isPlainSafe(text) { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                switch scalar.value {
                case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
                    result.unicodeScalars.append(scalar)
                default:
                    let hexadecimal = String(scalar.value, radix: 16)
                    if scalar.value <= 0xFFFF {
                        result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
                    } else {
                        result += "\\U" + String(repeating: "0", count: 8 - hexadecimal.count) + hexadecimal
                    }
                }
            }
        }
        return result + "\""
    }

    private static func isPlainSafe(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        guard !"-?:,[]{}#&*!|>'\"%@`=<~ ".unicodeScalars.contains(first) || isDashWord(text), last != " ", last != ":"
        else { return false }
        var previous: Unicode.Scalar = "a"
        for scalar in text.unicodeScalars {
            guard
                (0x20...0x7E).contains(scalar.value) || (0xA1...0x2027).contains(scalar.value)
                    || (0x2030...0xD7FF).contains(scalar.value) || (0xE000...0xFEFE).contains(scalar.value)
                    || (0x10000...0x10FFFF).contains(scalar.value)
            else { return false }
            if scalar == "#", previous == " " { return false }
            if previous == ":", scalar == " " { return false }
            previous = scalar
        }
        if text.hasPrefix("---") || text.hasPrefix("...") { return false }
        // What would read as a boolean, a number, null or a timestamp, here or in another YAML library.
        guard let value = try? YAMLScalar.plain(text), value == .string(text) else { return false }
        return !looksLikeNumber(text)
    }

    /// A word such as `--insecure` or `-v`: plain scalars may begin with a dash that something else follows.
    private static func isDashWord(_ text: String) -> Bool {
        guard text.hasPrefix("-"), let next = text.unicodeScalars.dropFirst().first else { return false }
        return next != " "
    }

    /// Dates, base 60 numbers and the like, which some YAML 1.1 readers take for something else than text.
    private static func looksLikeNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
                || first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
        else { return false }
        return text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.:_eExobTZ ".utf8.contains(byte)
        }
    }
}
