/// Escapes text for formats that use backslashes: JSON, YAML in double quotes, and Go's `%q`.
public struct StringEscaper: Sendable {
    private let isEscaped: @Sendable (Unicode.Scalar) -> Bool
    /// Whether control characters are written as in Go's `%q`, such as `\a` and `\x1b`.
    private var usesGoForms = false

    /// JSON strings (RFC 8259): quotation marks, backslashes and control characters.
    public static let json = StringEscaper { isSpecial($0) || $0.value < 0x20 }
    /// YAML in double quotes: like `json`, and also everything that YAML does not consider printable.
    static let yaml = StringEscaper { isSpecial($0) || !YAMLEmitter.isPrintable($0) }

    /// Go's `%q`, which the API server uses in its messages.
    static let go: StringEscaper = {
        var escaper = StringEscaper { isSpecial($0) || $0.value < 0x20 || $0.value == 0x7F }
        escaper.usesGoForms = true
        return escaper
    }()

    private init(_ isEscaped: @escaping @Sendable (Unicode.Scalar) -> Bool) {
        self.isEscaped = isEscaped
    }

    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool { scalar == "\"" || scalar == "\\" }

    /// The escaped text, without surrounding quotation marks.
    public func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isEscaped) else { return text }
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The escaped text in quotation marks.
    public func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// Appends the escaped text, without surrounding quotation marks.
    func append(_ text: String, to output: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            guard isEscaped(scalar) else {
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                continue
            }
            output.append(UInt8(ascii: "\\"))
            switch scalar {
            case "\"", "\\": output.append(UInt8(truncatingIfNeeded: scalar.value))
            case "\n": output.append(UInt8(ascii: "n"))
            case "\r": output.append(UInt8(ascii: "r"))
            case "\t": output.append(UInt8(ascii: "t"))
            case "\u{7}" where usesGoForms: output.append(UInt8(ascii: "a"))
            case "\u{8}" where usesGoForms: output.append(UInt8(ascii: "b"))
            case "\u{B}" where usesGoForms: output.append(UInt8(ascii: "v"))
            case "\u{C}" where usesGoForms: output.append(UInt8(ascii: "f"))
            default:
                let hexadecimal = String(scalar.value, radix: 16)
                // `\U` with eight digits is only valid in YAML; JSON never escapes characters beyond U+FFFF.
                let width = usesGoForms ? 2 : scalar.value <= 0xFFFF ? 4 : 8
                output.append(usesGoForms ? UInt8(ascii: "x") : width == 4 ? UInt8(ascii: "u") : UInt8(ascii: "U"))
                for _ in hexadecimal.utf8.count..<width { output.append(UInt8(ascii: "0")) }
                output.append(contentsOf: hexadecimal.utf8)
            }
        }
    }
}
