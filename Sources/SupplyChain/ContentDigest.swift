internal import Crypto

/// SHA-256 over parts, each preceded by its length, so that different lists of parts never result in the same input.
public struct ContentDigest: Sendable {
    private var hash = SHA256()

    public init() {}

    /// Adds a part.
    public mutating func update(_ part: some Sequence<UInt8>) {
        let bytes = Array(part)
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
        hash.update(data: bytes)
    }

    /// Adds text.
    public mutating func update(_ part: String) {
        update(part.utf8)
    }

    /// The digest as 64 hexadecimal digits.
    public var hexadecimal: String { Self.hexadecimal(hash.finalize()) }

    /// Bytes as hexadecimal digits in lower case.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.underestimatedCount)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that hexadecimal digits stand for; `nil` if they are not valid.
    static func bytes(_ hexadecimal: String) -> [UInt8]? {
        let digits = Array(hexadecimal.utf8)
        guard digits.count.isMultiple(of: 2), digits.allSatisfy(\.isHexadecimalDigit) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
    }

    /// The SHA-256 of these bytes alone, without their length, as `sha256sum` prints it.
    public static func sha256(of bytes: some Sequence<UInt8>) -> String { hexadecimal(SHA256.hash(data: Array(bytes))) }

    /// The digest of one piece of content, as 64 hexadecimal digits.
    public static func of(_ content: some Sequence<UInt8>) -> String {
        var digest = ContentDigest()
        digest.update(content)
        return digest.hexadecimal
    }
}
