internal import struct FoundationEssentials.Data
internal import class FoundationEssentials.JSONDecoder
internal import class FoundationEssentials.JSONEncoder
internal import Synchronization

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
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        // Most texts have nothing to escape and are copied in one step.
        let isCopied = text.utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
                return false
            }
            output.append(contentsOf: bytes)
            return true
        }
        if isCopied == true { return }
        StringEscaper.json.append(text, to: &output)
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
    /// - Throws: `DecodingError`, with the path of the field that does not match.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        if let value = self as? T { return value }
        return try KubernetesJSON.decode(T.self, from: serialized())
    }
}

/// The bytes that a decoder reads, for a `JSONValue` inside a typed object: `JSONDecoder` does not distinguish `1` from
/// `1.0`, but the byte parser does.
final class RawDocument: Sendable {
    /// The key under which a decoder stores it.
    static let key = CodingUserInfoKey(rawValue: "moorage.raw-document")

    private let bytes: Data
    private let parsed = Mutex<JSONValue?>(nil)

    init(_ bytes: Data) { self.bytes = bytes }

    /// The value at a path of the document, `nil` if there is none.
    func value(at path: [any CodingKey]) -> JSONValue? {
        let root = parsed.withLock { parsed -> JSONValue? in
            if parsed == nil { parsed = try? JSONValue(parsing: bytes) }
            return parsed
        }
        var current = root
        for key in path {
            switch current {
            case .array(let elements):
                guard let index = key.intValue, elements.indices.contains(index) else { return nil }
                current = elements[index]
            case .object(let members): current = members[key.stringValue]
            default: return nil
            }
        }
        return current
    }
}

/// Encodes and decodes typed objects: with sorted keys and unescaped slashes, so that equal objects are equal bytes.
public enum KubernetesJSON {
    /// - Throws: `EncodingError`, for a number that JSON cannot represent.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        if let value = value as? JSONValue { return value.serialized() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// - Throws: `DecodingError`, with the path of the field that does not match.
    public static func decode<T: Decodable>(_ type: T.Type = T.self, from bytes: some Sequence<UInt8>) throws -> T {
        let decoded = try bytes.withContiguousStorageIfAvailable { buffer -> T in
            guard let start = buffer.baseAddress else { return try decode(T.self, document: Data()) }
            // Not a copy. This is safe because the data does not outlive the buffer: the decoder copies what it decodes, and
            // both it and `RawDocument` are released before this closure returns.
            let base = UnsafeMutableRawPointer(mutating: start)
            return try decode(T.self, document: Data(bytesNoCopy: base, count: buffer.count, deallocator: .none))
        }
        return try decoded ?? decode(T.self, document: Data(bytes))
    }

    private static func decode<T: Decodable>(_ type: T.Type, document: Data) throws -> T {
        let decoder = JSONDecoder()
        if let key = RawDocument.key { decoder.userInfo[key] = RawDocument(document) }
        return try decoder.decode(T.self, from: document)
    }
}
