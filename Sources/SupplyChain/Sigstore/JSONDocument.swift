internal import FoundationEssentials

/// A JSON document that is signed, read so strictly that no other program can understand it differently: a repeated name in an
/// object, an unpaired surrogate, or more than one value is an error (RFC 8259, sections 4 and 8.2).
enum JSONDocument: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The number as it is written.
    case number(String)
    case string(String)
    case array([JSONDocument])
    case object([Member])

    /// A member of an object.
    struct Member: Sendable, Hashable {
        var name: String
        var value: JSONDocument
    }

    /// The maximum depth of arrays and objects.
    static let maximumDepth = 64
    /// The maximum number of values, which take much more memory than their text.
    static let maximumCount = 1_000_000

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - what: what the document is, for the error's message.
    /// - Throws: `VerificationError` with `malformed`.
    init(_ bytes: [UInt8], _ what: String) throws(VerificationError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw VerificationError(.malformed, "\(what) is not valid UTF-8")
        }
        var reader = Reader(bytes: bytes, what: what)
        self = try reader.document()
    }

    /// The value of a member of an object. Names are compared byte by byte: for `==`, a Kelvin sign is a K.
    subscript(name: String) -> JSONDocument? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var elements: [JSONDocument]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// An integer, which protobuf's JSON also writes as a string.
    var integer: Int64? {
        switch self {
        case .number(let text), .string(let text):
            text.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "-") } ? Int64(text) : nil
        default: nil
        }
    }

    /// Bytes in base64 with padding. Line breaks are ignored, as in Go's decoder, which wrote most of what is read here.
    var base64: [UInt8]? {
        guard let text else { return nil }
        let digits =
            text.utf8.contains { $0 == 0x0A || $0 == 0x0D } ? text.filter { !["\n", "\r", "\r\n"].contains($0) } : text
        // Foundation also takes padding that is too long, or not at the end.
        let padding = digits.utf8.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard digits.utf8.count.isMultiple(of: 4), padding <= 2,
            digits.utf8.count(where: { $0 == UInt8(ascii: "=") }) == padding
        else { return nil }
        return Data(base64Encoded: digits).map { Array($0) }
    }
}

extension JSONDocument {
    private struct Reader {
        let bytes: [UInt8]
        let what: String
        var position = 0
        var count = 0

        mutating func document() throws(VerificationError) -> JSONDocument {
            let value = try value(depth: 0)
            skipSpace()
            guard position == bytes.count else { throw problem("has text after its end") }
            return value
        }

        private func problem(_ text: String) -> VerificationError {
            VerificationError(.malformed, "\(what) is not valid JSON: it \(text)")
        }

        private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func skipSpace() {
            while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard current == byte else { return false }
            position += 1
            return true
        }

        private mutating func value(depth: Int) throws(VerificationError) -> JSONDocument {
            guard depth < JSONDocument.maximumDepth else { throw problem("is nested too deeply") }
            count += 1
            guard count <= JSONDocument.maximumCount else { throw problem("has too many values") }
            skipSpace()
            switch current {
            case UInt8(ascii: "{"): return try object(depth: depth)
            case UInt8(ascii: "["): return try array(depth: depth)
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try literal("true", .bool(true))
            case UInt8(ascii: "f"): return try literal("false", .bool(false))
            case UInt8(ascii: "n"): return try literal("null", .null)
            case nil: throw problem("ends too early")
            default: return try number()
            }
        }

        private mutating func literal(
            _ text: String,
            _ value: JSONDocument
        ) throws(VerificationError) -> JSONDocument {
            guard bytes[position...].starts(with: text.utf8) else { throw problem("has an unknown word") }
            position += text.utf8.count
            return value
        }

        private mutating func object(depth: Int) throws(VerificationError) -> JSONDocument {
            position += 1
            var members: [Member] = []
            var names: Set<String> = []
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            while true {
                skipSpace()
                guard current == UInt8(ascii: "\"") else { throw problem("has a member without a name") }
                let name = try string()
                guard names.insert(name).inserted else {
                    throw problem("has the member \"\(printable(name))\" twice in an object")
                }
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw problem("has a member without a value") }
                members.append(Member(name: name, value: try value(depth: depth + 1)))
                skipSpace()
                if take(UInt8(ascii: "}")) { return .object(members) }
                guard take(UInt8(ascii: ",")) else { throw problem("has an object that does not end") }
            }
        }

        private mutating func array(depth: Int) throws(VerificationError) -> JSONDocument {
            position += 1
            var elements: [JSONDocument] = []
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            while true {
                elements.append(try value(depth: depth + 1))
                skipSpace()
                if take(UInt8(ascii: "]")) { return .array(elements) }
                guard take(UInt8(ascii: ",")) else { throw problem("has an array that does not end") }
            }
        }

        private mutating func number() throws(VerificationError) -> JSONDocument {
            let start = position
            _ = take(UInt8(ascii: "-"))
            let whole = digits()
            guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
                throw problem("has a number that is not valid")
            }
            if take(UInt8(ascii: ".")), digits() == 0 { throw problem("has a number that is not valid") }
            if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
                if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
                if digits() == 0 { throw problem("has a number that is not valid") }
            }
            return .number(String(decoding: bytes[start..<position], as: UTF8.self))
        }

        private mutating func digits() -> Int {
            let start = position
            while let byte = current, byte.isDigit { position += 1 }
            return position - start
        }

        private mutating func string() throws(VerificationError) -> String {
            position += 1
            var text: [UInt8] = []
            while let byte = current {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"): text += try escape()
                case 0..<0x20: throw problem("has a control character in a text")
                default: text.append(byte)
                }
            }
            throw problem("has a text that does not end")
        }

        private mutating func escape() throws(VerificationError) -> [UInt8] {
            guard let byte = current else { throw problem("has a text that does not end") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "u"):
                let first = try codeUnit()
                var units = [first]
                if UTF16.isLeadSurrogate(first) {
                    guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                        throw problem("has an unpaired surrogate")
                    }
                    units.append(try codeUnit())
                }
                guard let text = String(validating: units, as: UTF16.self) else {
                    throw problem("has an unpaired surrogate")
                }
                return Array(text.utf8)
            default: throw problem("has an unknown escape")
            }
        }

        private mutating func codeUnit() throws(VerificationError) -> UInt16 {
            guard position + 4 <= bytes.count, bytes[position..<position + 4].allSatisfy(\.isHexadecimalDigit),
                let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
            else { throw problem("has an escape that is not valid") }
            position += 4
            return unit
        }
    }
}
