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
