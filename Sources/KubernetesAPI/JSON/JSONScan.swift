/// Finds the positions of values in JSON text. It creates no values, so that each object of a list or a watch is
/// decoded only once, into the type that is needed.
///
/// It checks brackets and quotation marks only. The decoder checks the rest.
public enum JSONScan {
    /// The first byte at or after `position` that is not white space.
    @inline(__always)
    public static func skipWhitespace(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int {
        var position = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return position
            }
        }
        return position
    }

    /// The end of the string that starts with a quote at `position`, `nil` if it does not end.
    @inline(__always)
    public static func endOfString(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
        var position = position + 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { return position + 1 }
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    /// The end of the value that starts at `position`, `nil` if it does not end or no value starts there.
    public static func endOfValue(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        switch bytes[start] {
        case UInt8(ascii: "\""): return endOfString(bytes, from: start)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            var position = start
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    guard let end = endOfString(bytes, from: position) else { return nil }
                    position = end
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return position + 1 }
                default: break
                }
                position += 1
            }
            return nil
        default:
            var position = start
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09:
                    return position > start ? position : nil
                default: position += 1
                }
            }
            return position > start ? position : nil
        }
    }

    /// Calls `body` with the key, without its quotation marks, and the value of each member of an object, until `body`
    /// returns false.
    ///
    /// - Returns: whether the scanned members are well-formed.
    public static func members(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int = 0,
        _ body: (_ key: Range<Int>, _ value: Range<Int>) throws -> Bool
    ) rethrows -> Bool {
        var position = skipWhitespace(bytes, from: start)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return false }
        position = skipWhitespace(bytes, from: position + 1)
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") { return true }
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\""), let keyEnd = endOfString(bytes, from: position) else {
                return false
            }
            let key = (position + 1)..<(keyEnd - 1)
            position = skipWhitespace(bytes, from: keyEnd)
            guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { return false }
            position = skipWhitespace(bytes, from: position + 1)
            guard let valueEnd = endOfValue(bytes, from: position) else { return false }
            guard try body(key, position..<valueEnd) else { return true }
            position = skipWhitespace(bytes, from: valueEnd)
            guard position < bytes.count else { return false }
            switch bytes[position] {
            case UInt8(ascii: ","): position = skipWhitespace(bytes, from: position + 1)
            case UInt8(ascii: "}"): return true
            default: return false
            }
        }
        return false
    }

    /// Calls `body` with each element of an array.
    ///
    /// - Returns: whether the elements are well-formed.
    public static func elements(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        _ body: (_ element: Range<Int>) throws -> Void
    ) rethrows -> Bool {
        var position = skipWhitespace(bytes, from: start)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "[") else { return false }
        position = skipWhitespace(bytes, from: position + 1)
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") { return true }
        while position < bytes.count {
            guard let end = endOfValue(bytes, from: position) else { return false }
            try body(position..<end)
            position = skipWhitespace(bytes, from: end)
            guard position < bytes.count else { return false }
            switch bytes[position] {
            case UInt8(ascii: ","): position = skipWhitespace(bytes, from: position + 1)
            case UInt8(ascii: "]"): return true
            default: return false
            }
        }
        return false
    }

    /// Whether the bytes of a range are exactly this text.
    @inline(__always)
    public static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// The text of a string, whose range includes its quotation marks; `nil` if it is not a string or contains escapes.
    public static func plainString(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String? {
        guard range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        let inner = bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
        guard !inner.contains(UInt8(ascii: "\\")) else { return nil }
        return String(validating: inner, as: UTF8.self)
    }

    /// The namespace, name and uid of an object, as far as they can be found.
    public static func identity(of object: ArraySlice<UInt8>) -> (namespace: String?, name: String?, uid: String?) {
        object.withUnsafeBufferPointer { bytes in
            var namespace: String?
            var name: String?
            var uid: String?
            _ = members(bytes) { key, value in
                guard equals(bytes, key, "metadata") else { return true }
                _ = members(bytes, from: value.lowerBound) { key, value in
                    if equals(bytes, key, "name") { name = plainString(bytes, value) }
                    if equals(bytes, key, "namespace") { namespace = plainString(bytes, value) }
                    if equals(bytes, key, "uid") { uid = plainString(bytes, value) }
                    return name == nil || namespace == nil || uid == nil
                }
                return false
            }
            return (namespace, name, uid)
        }
    }

    /// A string member of an object's metadata, such as `resourceVersion`.
    public static func metadataString(_ name: StaticString, of object: ArraySlice<UInt8>) -> String? {
        object.withUnsafeBufferPointer { bytes in
            var found: String?
            _ = members(bytes) { key, value in
                guard equals(bytes, key, "metadata") else { return true }
                _ = members(bytes, from: value.lowerBound) { key, value in
                    guard equals(bytes, key, name) else { return true }
                    found = plainString(bytes, value)
                    return false
                }
                return false
            }
            return found
        }
    }

    /// An object without `metadata.managedFields`, which is half of many objects, and which a decoder would have to
    /// understand before it can skip it.
    public static func withoutManagedFields(_ object: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var found: Range<Int>?
        object.withUnsafeBufferPointer { bytes in
            _ = members(bytes) { key, value in
                guard equals(bytes, key, "metadata") else { return true }
                _ = members(bytes, from: value.lowerBound) { key, value in
                    guard equals(bytes, key, "managedFields") else { return true }
                    found = value
                    return false
                }
                return false
            }
        }
        guard let found else { return object }
        var result = Array(object[..<(object.startIndex + found.lowerBound)])
        result += "null".utf8
        result += object[(object.startIndex + found.upperBound)...]
        return result[...]
    }

    /// A string member of an object at its top level.
    public static func topLevelString(_ name: StaticString, of object: ArraySlice<UInt8>) -> String? {
        object.withUnsafeBufferPointer { bytes in
            var found: String?
            _ = members(bytes) { key, value in
                guard equals(bytes, key, name) else { return true }
                found = plainString(bytes, value)
                return false
            }
            return found
        }
    }
}
