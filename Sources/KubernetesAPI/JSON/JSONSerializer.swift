internal import struct FoundationEssentials.Data
internal import class FoundationEssentials.JSONDecoder
internal import class FoundationEssentials.JSONEncoder

extension JSONValue {
    /// This value as JSON text in UTF-8, without white space and with sorted keys: equal values give equal bytes.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        append(to: &output)
        return output
    }

    private func append(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .number(let value): output.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let value): JSONValue.append(quoted: value, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONValue.append(quoted: member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func append(quoted text: String, to output: inout [UInt8]) {
        let hexadecimal: StaticString = "0123456789abcdef"
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        // Hardly any text has something to escape, and then it is copied in one go.
        let isCopied = text.utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
                return false
            }
            output.append(contentsOf: bytes)
            return true
        }
        if isCopied == true { return }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(hexadecimal.utf8Start[Int(byte >> 4)])
                output.append(hexadecimal.utf8Start[Int(byte & 0xF)])
            default: output.append(byte)
            }
        }
    }
}

extension JSONValue {
    /// The JSON form of an encodable value.
    ///
    /// - Throws: what the value's `encode(to:)` throws.
    public init(encoding value: some Encodable) throws {
        if let value = value as? JSONValue {
            self = value
        } else {
            self = try JSONValue(parsing: KubernetesJSON.encode(value))
        }
    }

    /// Reads a Swift type from this value.
    ///
    /// - Throws: `DecodingError`, with the path of the field that does not fit.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        if let value = self as? T { return value }
        return try KubernetesJSON.decode(T.self, from: serialized())
    }
}

/// How typed objects become bytes and come back: sorted keys, slashes unescaped, so that equal objects are equal bytes.
public enum KubernetesJSON {
    /// - Throws: `EncodingError`, for a number that JSON cannot hold.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        if let value = value as? JSONValue { return value.serialized() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// - Throws: `DecodingError`, with the path of the field that does not fit.
    public static func decode<T: Decodable>(_ type: T.Type = T.self, from bytes: some Sequence<UInt8>) throws -> T {
        try JSONDecoder().decode(T.self, from: Data(bytes))
    }
}
