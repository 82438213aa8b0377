/// An error in a JSON document.
public struct JSONParseError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var message: String
    /// The position, in bytes from the start.
    public var offset: Int

    public var description: String { "invalid JSON at byte \(offset): \(message)" }
}

extension JSONValue {
    /// Reads one JSON document (RFC 8259) from bytes.
    ///
    /// - Parameters:
    ///   - bytes: the document, in UTF-8.
    ///   - maximumDepth: how deep arrays and objects can be nested. The API server's decoder allows 10,000, which could
    ///     overflow the stack; 512 is more than any Kubernetes object needs.
    ///   - omitsFieldSets: whether `fieldsV1` is skipped in the entries of `metadata.managedFields`, which is half of
    ///     many objects. Only its strings and brackets are scanned.
    ///   - members: the members of the document to parse; `nil` for all. Of the others, only strings and brackets are
    ///     scanned.
    /// - Throws: `JSONParseError` for anything that is not exactly one document.
    public init(
        parsing bytes: some Collection<UInt8>,
        maximumDepth: Int = 512,
        omittingFieldSets omitsFieldSets: Bool = false,
        only members: Set<String>? = nil
    ) throws(JSONParseError) {
        var result: Result<JSONValue, JSONParseError>?
        let parsed: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            result = JSONValue.parse(buffer, maximumDepth, omitsFieldSets, members)
        }
        if parsed == nil {
            Array(bytes).withUnsafeBufferPointer { buffer in
                result = JSONValue.parse(buffer, maximumDepth, omitsFieldSets, members)
            }
        }
        guard let result else { throw JSONParseError(message: "no bytes", offset: 0) }
        self = try result.get()
    }

    private static func parse(
        _ buffer: UnsafeBufferPointer<UInt8>,
        _ maximumDepth: Int,
        _ omitsFieldSets: Bool,
        _ members: Set<String>?
    ) -> Result<JSONValue, JSONParseError> {
        var parser = JSONParser(
            bytes: buffer,
            maximumDepth: maximumDepth,
            omittingFieldSets: omitsFieldSets,
            only: members
        )
        do throws(JSONParseError) {
            return .success(try parser.parseDocument())
        } catch {
            return .failure(error)
        }
    }
}

/// A recursive descent parser over a buffer of bytes, in one pass.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private let omitsFieldSets: Bool
    private let topMembers: Set<String>?
    private var isInMetadata = false
    private var isInManagedFields = false
    private var position = 0
    private var depth = 0

    init(
        bytes: UnsafeBufferPointer<UInt8>,
        maximumDepth: Int,
        omittingFieldSets: Bool = false,
        only topMembers: Set<String>? = nil
    ) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        omitsFieldSets = omittingFieldSets
        self.topMembers = topMembers
    }

    mutating func parseDocument() throws(JSONParseError) -> JSONValue {
        let value = try parseValue()
        skipWhitespace()
        guard position == bytes.count else { throw failure("unexpected text after the document") }
        return value
    }

    private func failure(_ message: String) -> JSONParseError {
        JSONParseError(message: message, offset: position)
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func parseValue() throws(JSONParseError) -> JSONValue {
        skipWhitespace()
        guard position < bytes.count else { throw failure("the document ends before a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
        case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
        case UInt8(ascii: "n"): return try parseLiteral("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw failure("expected a value")
        }
    }

    /// Skips a value without parsing it.
    private mutating func skipValue() throws(JSONParseError) {
        var open = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of the surrounding object or array, after a literal or a number.
                if open == 0 { return }
                open -= 1
                if open == 0 {
                    position += 1
                    return
                }
            case UInt8(ascii: ","): if open == 0 { return }
            case UInt8(ascii: "\""): skipString()
            default: break
            }
            position += 1
        }
        throw failure("the document ends inside a value")
    }

    /// Moves to the closing quotation mark, or to the end if there is none.
    private mutating func skipString() {
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
    }

    private mutating func parseLiteral(_ text: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw failure("unknown literal") }
        for index in 0..<length where bytes[position + index] != text.utf8Start[index] {
            throw failure("unknown literal")
        }
        position += length
        return value
    }

    private mutating func enter() throws(JSONParseError) {
        depth += 1
        guard depth <= maximumDepth else { throw failure("nested deeper than \(maximumDepth) levels") }
    }

    private mutating func parseObject() throws(JSONParseError) -> JSONValue {
        try enter()
        position += 1
        var members: [String: JSONValue] = [:]
        skipWhitespace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
            position += 1
            depth -= 1
            return .object(members)
        }
        while true {
            skipWhitespace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw failure("expected the name of a member in quotation marks")
            }
            let key = try parseString()
            skipWhitespace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
                throw failure("expected a colon after the name of a member")
            }
            position += 1
            if depth == 1 {
                isInMetadata = key == "metadata"
                isInManagedFields = false
            } else if depth == 2 {
                isInManagedFields = isInMetadata && key == "managedFields"
            }
            let isFieldSet = omitsFieldSets && depth == 4 && isInManagedFields && key == "fieldsV1"
            if isFieldSet || (depth == 1 && topMembers?.contains(key) == false) {
                try skipValue()
            } else {
                members[key] = try parseValue()
            }
            skipWhitespace()
            guard position < bytes.count else { throw failure("the document ends inside an object") }
            switch bytes[position] {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                depth -= 1
                return .object(members)
            default: throw failure("expected a comma or a closing brace")
            }
        }
    }

    private mutating func parseArray() throws(JSONParseError) -> JSONValue {
        try enter()
        position += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            depth -= 1
            return .array(elements)
        }
        while true {
            elements.append(try parseValue())
            skipWhitespace()
            guard position < bytes.count else { throw failure("the document ends inside an array") }
            switch bytes[position] {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                depth -= 1
                return .array(elements)
            default: throw failure("expected a comma or a closing bracket")
            }
        }
    }

    private mutating func parseString() throws(JSONParseError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let slice = UnsafeBufferPointer(rebasing: bytes[start..<position])
                guard let text = String(validating: slice, as: UTF8.self) else {
                    throw failure("a string is not valid UTF-8")
                }
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start) }
            guard byte >= 0x20 else { throw failure("a string contains an unescaped control character") }
            position += 1
        }
        throw failure("the document ends inside a string")
    }

    private mutating func parseEscapedString(from start: Int) throws(JSONParseError) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is not valid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                guard position < bytes.count else { throw failure("the document ends inside a string") }
                let escape = bytes[position]
                position += 1
                switch escape {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
                case UInt8(ascii: "b"): text.append(0x08)
                case UInt8(ascii: "f"): text.append(0x0C)
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "r"): text.append(0x0D)
                case UInt8(ascii: "t"): text.append(0x09)
                case UInt8(ascii: "u"): text.append(contentsOf: Array(String(try parseUnicodeEscape()).utf8))
                default: throw failure("a string contains an unknown escape")
                }
            case 0..<0x20: throw failure("a string contains an unescaped control character")
            default: text.append(byte)
            }
        }
        throw failure("the document ends inside a string")
    }

    /// Reads the digits after `\u`, and a second escape if the first is half of a surrogate pair. A single half becomes
    /// U+FFFD, as in Go's decoder, which the API server uses.
    private mutating func parseUnicodeEscape() throws(JSONParseError) -> Character {
        let first = try parseHexadecimal()
        if (0xD800..<0xDC00).contains(first), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let before = position
            position += 2
            let second = try parseHexadecimal()
            if (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return Character(scalar)
            }
            position = before
        }
        return Character(Unicode.Scalar(first) ?? "\u{FFFD}")
    }

    private mutating func parseHexadecimal() throws(JSONParseError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("the document ends inside an escape") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt32
            switch bytes[position] {
            case let byte where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"):
                digit = UInt32(byte - UInt8(ascii: "0"))
            case let byte where byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"):
                digit = UInt32(byte - UInt8(ascii: "a") + 10)
            case let byte where byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "F"):
                digit = UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw failure("an escape needs four hexadecimal digits")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private mutating func parseNumber() throws(JSONParseError) -> JSONValue {
        let start = position
        var isInteger = true
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try parseDigits()
        if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
            throw failure("a number cannot start with a zero")
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try parseDigits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: "e") || bytes[position] == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try parseDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure("the number \(text) is out of range") }
        return .number(value)
    }

    private mutating func parseDigits() throws(JSONParseError) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        guard position > start else { throw failure("expected a digit") }
    }
}
