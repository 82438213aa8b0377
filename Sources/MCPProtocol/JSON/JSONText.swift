/// The text of JSON strings: escapes read and written.
enum JSONText {
    static func hexadecimalValue(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The bytes that a valid string stands for, given without its quotation marks. Half of a surrogate pair alone, which
    /// no UTF-8 can represent, becomes its three-byte form, so that different strings stay different.
    static func unescape(_ escaped: some RandomAccessCollection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(escaped.count)
        var index = escaped.startIndex
        func next() -> UInt8 {
            guard index < escaped.endIndex else { return 0 }
            defer { index = escaped.index(after: index) }
            return escaped[index]
        }
        func codeUnit() -> UInt16 {
            var unit: UInt16 = 0
            for _ in 0..<4 { unit = unit << 4 | (hexadecimalValue(next()) ?? 0) }
            return unit
        }
        var pendingHigh: UInt16?
        func flush() {
            if let high = pendingHigh { append(UInt32(high), to: &text) }
            pendingHigh = nil
        }
        while index < escaped.endIndex {
            let byte = next()
            guard byte == UInt8(ascii: "\\") else {
                flush()
                text.append(byte)
                continue
            }
            let escape = next()
            guard escape == UInt8(ascii: "u") else {
                flush()
                switch escape {
                case UInt8(ascii: "b"): text.append(0x08)
                case UInt8(ascii: "f"): text.append(0x0C)
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "r"): text.append(0x0D)
                case UInt8(ascii: "t"): text.append(0x09)
                default: text.append(escape)
                }
                continue
            }
            let unit = codeUnit()
            if let high = pendingHigh, (0xDC00...0xDFFF).contains(unit) {
                pendingHigh = nil
                append(0x10000 + (UInt32(high - 0xD800) << 10) + UInt32(unit - 0xDC00), to: &text)
            } else {
                flush()
                if (0xD800...0xDBFF).contains(unit) { pendingHigh = unit } else { append(UInt32(unit), to: &text) }
            }
        }
        flush()
        return text
    }

    private static func append(_ scalar: UInt32, to text: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: text.append(UInt8(scalar))
        case 0..<0x800: text.append(contentsOf: [UInt8(0xC0 | scalar >> 6), UInt8(0x80 | scalar & 0x3F)])
        case 0..<0x10000:
            text.append(contentsOf: [
                UInt8(0xE0 | scalar >> 12), UInt8(0x80 | scalar >> 6 & 0x3F), UInt8(0x80 | scalar & 0x3F),
            ])
        default:
            text.append(contentsOf: [
                UInt8(0xF0 | scalar >> 18 & 0x07), UInt8(0x80 | scalar >> 12 & 0x3F), UInt8(0x80 | scalar >> 6 & 0x3F),
                UInt8(0x80 | scalar & 0x3F),
            ])
        }
    }

    /// Writes text as a JSON string. Only what must be escaped is.
    static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
            case 0x08: output.append(contentsOf: #"\b"#.utf8)
            case 0x09: output.append(contentsOf: #"\t"#.utf8)
            case 0x0A: output.append(contentsOf: #"\n"#.utf8)
            case 0x0C: output.append(contentsOf: #"\f"#.utf8)
            case 0x0D: output.append(contentsOf: #"\r"#.utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output.append(contentsOf: #"\u00"#.utf8)
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 0xF)])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Whether a name is another one spelled differently, for a parser that ignores case: such a parser takes `Method`, `METHOD`
    /// and, since some fold by Unicode, names with U+017F for "s" or U+212A for "k" for the same member (CVE-2026-27896).
    ///
    /// - Parameter plain: the other name, in ASCII.
    static func isCaseVariant(_ name: some Collection<UInt8>, of plain: some Collection<UInt8>) -> Bool {
        var index = name.startIndex
        func next() -> UInt8? {
            guard index < name.endIndex else { return nil }
            defer { index = name.index(after: index) }
            return name[index]
        }
        for expected in plain {
            switch next() {
            case let byte? where lowercased(byte) == lowercased(expected): continue
            case 0xC5 where lowercased(expected) == UInt8(ascii: "s") && next() == 0xBF: continue
            case 0xE2 where lowercased(expected) == UInt8(ascii: "k") && next() == 0x84 && next() == 0xAA: continue
            default: return false
            }
        }
        return index == name.endIndex
    }

    /// A byte in lower case, if it is an ASCII letter.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
