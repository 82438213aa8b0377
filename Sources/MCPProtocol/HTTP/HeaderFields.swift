/// The header fields of an HTTP message, as far as MCP cares. Names compare without case, values with case.
public struct HeaderFields: Sendable, Hashable {
    /// One field.
    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The fields in their order.
    public private(set) var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    public init(_ fields: some Sequence<(name: String, value: String)>) {
        self.fields = fields.map { Field($0.name, $0.value) }
    }

    /// Every value of a field, without the white space around it.
    public subscript(all name: String) -> [String] {
        fields.compactMap { HeaderName.equal($0.name, name) ? HeaderValue.trimmed($0.value) : nil }
    }

    /// The value of a field that must not be there twice: `nil` if it is missing.
    ///
    /// - Throws: `HeaderRepeated` if it is there more than once. Which of them counts would depend on who reads them.
    public func single(_ name: String) throws(HeaderRepeated) -> String? {
        let values = self[all: name]
        guard values.count <= 1 else { throw HeaderRepeated(name: name) }
        return values.first
    }

    /// Sets a field in place of all of its name.
    public mutating func set(_ name: String, _ value: String) {
        remove(name)
        fields.append(Field(name, value))
    }

    /// Removes all fields of a name.
    public mutating func remove(_ name: String) {
        fields.removeAll { HeaderName.equal($0.name, name) }
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Field($0, $1) })
    }
}

/// A header field that must be there at most once is there more often.
public struct HeaderRepeated: Error, Hashable, Sendable {
    public var name: String
}

/// The names of the header fields of MCP over HTTP.
public enum HeaderName {
    public static let protocolVersion = "MCP-Protocol-Version"
    public static let method = "Mcp-Method"
    public static let name = "Mcp-Name"
    /// The prefix of the headers that repeat a tool's arguments.
    public static let parameterPrefix = "Mcp-Param-"
    /// Legacy only.
    public static let sessionID = "Mcp-Session-Id"
    /// Legacy only.
    public static let lastEventID = "Last-Event-ID"
    public static let origin = "Origin"
    public static let accept = "Accept"
    public static let allow = "Allow"
    public static let contentType = "Content-Type"

    /// Whether two names are the same (RFC 9110, 5.1).
    static func equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { $0 == $1 || fold($0) == fold($1) }
    }

    /// A byte in lower case, if it is an ASCII letter.
    static func fold(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether text is a field name: `1*tchar` (RFC 9110, 5.6.2).
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

/// The values of header fields that repeat parts of a body (M4; 2026-07-28, Streamable HTTP, Value Encoding).
public enum HeaderValue {
    private static let prefix = "=?base64?"
    private static let suffix = "?="

    /// Whether text can stand in a header field: visible ASCII, spaces and tabs (RFC 9110, 5.5).
    public static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == 0x09 || (0x20...0x7E).contains($0) }
    }

    /// The value of a field that carries text. Text that no field can carry as it is, or that looks like encoded text, is
    /// encoded.
    public static func encode(_ text: String) -> String {
        let isSafe =
            isPlain(text) && text == trimmed(text) && !(text.hasPrefix(prefix) && text.hasSuffix(suffix))
        return isSafe ? text : prefix + Base64.encode(Array(text.utf8)) + suffix
    }

    /// The text that the value of a field carries.
    ///
    /// - Returns: `nil` if the value has characters that no field may have, or is encoded text that is not valid base64 of UTF-8.
    public static func decode(_ value: String) -> String? {
        guard isPlain(value) else { return nil }
        guard value.hasPrefix(prefix), value.hasSuffix(suffix),
            value.utf8.count >= prefix.utf8.count + suffix.utf8.count
        else { return value }
        let encoded = value.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
        return Base64.decode(Array(encoded)).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// A value without the spaces and tabs around it, which are not part of it (RFC 9110, 5.5).
    static func trimmed(_ value: String) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let bytes = value.utf8
        guard bytes.first.map(isSpace) ?? false || bytes.last.map(isSpace) ?? false else { return value }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(value[first...last])
    }
}

/// Base64 (RFC 4648, section 4), strict: with padding, and no other spelling of the same bytes.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
            for digit in 0..<4 {
                output.append(digit <= count ? alphabet[Int(group >> (18 - 6 * digit) & 0x3F)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        for start in stride(from: 0, to: text.count, by: 4) {
            var group: UInt32 = 0
            let isLast = start + 4 == text.count
            let digits = isLast ? 4 - padding : 4
            for offset in 0..<4 {
                guard offset < digits else {
                    group <<= 6
                    continue
                }
                guard let digit = value(of: text[start + offset]) else { return nil }
                group = group << 6 | UInt32(digit)
            }
            let count = digits - 1
            for offset in 0..<count { output.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * offset))) }
            // Bits that no byte takes must be zero, or the same bytes would have several spellings.
            if count < 3, group & ((1 << (24 - 8 * count)) - 1) != 0 { return nil }
        }
        return output
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
