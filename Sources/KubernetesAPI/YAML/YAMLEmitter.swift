extension YAML {
    /// A value as a YAML document in block style, without a leading `---`. `apiVersion`, `kind` and `metadata`, and
    /// `name` and `namespace` in `metadata`, come first; all other keys are sorted. Equal values result in equal text.
    public static func text(_ value: JSONValue) -> String {
        var emitter = YAMLEmitter()
        emitter.emit(document: value)
        return emitter.output
    }

    /// Several documents, separated by `---`.
    public static func text(_ values: [JSONValue]) -> String {
        var emitter = YAMLEmitter()
        for (position, value) in values.enumerated() {
            if position > 0 { emitter.separate() }
            emitter.emit(document: value)
        }
        return emitter.output
    }
}

/// Writes one value in block style. It works on UTF-8 bytes for speed.
struct YAMLEmitter {
    private var bytes: [UInt8] = []

    /// The text so far.
    var output: String { String(decoding: bytes, as: UTF8.self) }

    private static let first = ["apiVersion", "kind", "metadata", "name", "namespace"]

    /// The members of an object in the order in which they are written.
    private static func ordered(_ members: [String: JSONValue]) -> [(rank: Int, key: String, value: JSONValue)] {
        var ordered = members.map { (rank: first.firstIndex(of: $0) ?? first.count, key: $0, value: $1) }
        ordered.sort { ($0.rank, $0.key) < ($1.rank, $1.key) }
        return ordered
    }

    mutating func emit(document value: JSONValue) {
        switch value {
        case .object(let members) where !members.isEmpty: emit(members, indentation: 0, continuing: false)
        case .array(let elements) where !elements.isEmpty: emit(elements, indentation: 0, continuing: false)
        default: emit(inline: value, indentation: 0)
        }
    }

    /// Starts the next document.
    mutating func separate() {
        write("---\n")
    }

    private mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func indent(_ indentation: Int) {
        for _ in 0..<indentation { bytes.append(UInt8(ascii: " ")) }
    }

    /// - Parameter continuing: whether the first key is written on the current line, after the dash of a sequence.
    private mutating func emit(_ members: [String: JSONValue], indentation: Int, continuing: Bool) {
        var isFirst = continuing
        for (_, key, value) in YAMLEmitter.ordered(members) {
            if !isFirst { indent(indentation) }
            isFirst = false
            emit(scalar: key)
            switch value {
            case .object(let inner) where !inner.isEmpty:
                write(":\n")
                emit(inner, indentation: indentation + 2, continuing: false)
            case .array(let inner) where !inner.isEmpty:
                write(":\n")
                // Like kubectl, this does not indent a sequence in a mapping further.
                emit(inner, indentation: indentation, continuing: false)
            default:
                write(": ")
                emit(inline: value, indentation: indentation)
            }
        }
    }

    private mutating func emit(_ elements: [JSONValue], indentation: Int, continuing: Bool) {
        var isFirst = continuing
        for element in elements {
            if !isFirst { indent(indentation) }
            isFirst = false
            write("- ")
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
        case .object: write("{}\n")
        case .array: write("[]\n")
        case .string(let text):
            if YAMLEmitter.fitsLiteralBlock(text) {
                emit(block: text, indentation: indentation + 2)
            } else {
                emit(scalar: text)
                write("\n")
            }
        default:
            bytes.append(contentsOf: value.serialized())
            write("\n")
        }
    }

    private mutating func emit(block text: String, indentation: Int) {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var trailing = 0
        while lines.last?.isEmpty == true {
            lines.removeLast()
            trailing += 1
        }
        // One newline at the end is the default (clip), none needs `-` (strip), several need `+` (keep).
        write(trailing == 0 ? "|-\n" : trailing == 1 ? "|\n" : "|+\n")
        for line in lines {
            if !line.isEmpty {
                indent(indentation)
                bytes.append(contentsOf: line)
            }
            write("\n")
        }
        for _ in 1..<max(trailing, 1) { write("\n") }
    }

    /// Writes a scalar: plain if it reads back as the same text, in double quotes otherwise.
    private mutating func emit(scalar text: String) {
        if YAMLEmitter.isPlainSafe(text) {
            bytes.append(contentsOf: text.utf8)
            return
        }
        write("\"")
        StringEscaper.yaml.append(text, to: &bytes)
        write("\"")
    }
}

// MARK: Forms of scalars

extension YAMLEmitter {
    /// Whether a scalar needs no escape in double quotes and in a literal block. Line separators and the byte order mark need
    /// one.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    /// Whether a text can be written as a literal block: it has several lines, is printable, and its first line shows the
    /// indentation.
    static func fitsLiteralBlock(_ text: String) -> Bool {
        guard text.utf8.contains(0x0A), let first = text.utf8.first, first != 0x20, first != 0x0A, first != 0x09 else {
            return false
        }
        guard text.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\t" || isPrintable($0) }) else { return false }
        // A line of only white space could be read as indentation.
        return !text.utf8.split(separator: 0x0A).contains { $0.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
    }

    /// Whether a text needs no quotes: no character has a special meaning at its position, and every reader reads it as
    /// a string.
    private static func isPlainSafe(_ text: String) -> Bool {
        var text = text
        let isSafe = text.withUTF8 { bytes in
            guard let first = bytes.first, let last = bytes.last, last != space, last != colon else { return false }
            if first == dash {
                // A word such as `--insecure` or `-v`: plain scalars can start with a dash if no space follows.
                guard bytes.count > 1, bytes[1] != space else { return false }
            } else if isIndicator(first) {
                return false
            }
            var previous: UInt8 = 0
            for byte in bytes {
                guard byte >= space, byte != 0x7F else { return false }
                if byte == UInt8(ascii: "#"), previous == space { return false }
                if byte == space, previous == colon { return false }
                previous = byte
            }
            return !bytes.starts(with: "---".utf8) && !bytes.starts(with: "...".utf8)
        }
        guard isSafe else { return false }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) || text.unicodeScalars.allSatisfy(isPlain) else { return false }
        // Text that this or another YAML library would read as a boolean, a number, null or a timestamp.
        guard let value = try? YAMLScalar.plain(text), case .string = value else { return false }
        return !looksLikeNumber(text)
    }

    private static let space = UInt8(ascii: " ")
    private static let colon = UInt8(ascii: ":")
    private static let dash = UInt8(ascii: "-")

    /// Whether a plain scalar cannot start with this byte.
    private static func isIndicator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"),
            UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""),
            UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "="), UInt8(ascii: "<"),
            UInt8(ascii: "~"), space:
            true
        default: false
        }
    }

    /// Unusual spaces and unprintable characters need quotes.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xA0, 0x2028...0x202F, 0xFF00...0xFFFD: false
        default: isPrintable(scalar)
        }
    }

    /// Dates, base 60 numbers and similar texts, which some YAML 1.1 readers do not read as strings.
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
