internal import KubernetesAPI
internal import Policy

/// Tokens that are known by their hash. Pure.
struct StaticTokens: Sendable {
    private struct Entry {
        var hash: [UInt8]
        var token: StaticToken
    }

    private let entries: [Entry]

    init(_ tokens: [StaticToken]) {
        entries = tokens.compactMap { token in
            Hexadecimal.decode(token.sha256).map { Entry(hash: $0, token: token) }
        }
    }

    /// The token with this SHA-256. All hashes are compared to their end, so that the time says nothing about them.
    func find(_ hash: [UInt8]) -> StaticToken? {
        var found: StaticToken?
        for entry in entries where ConstantTime.areEqual(entry.hash, hash) { found = entry.token }
        return found
    }
}

/// Comparisons that take the same time whatever the bytes are.
enum ConstantTime {
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

/// Bytes as hexadecimal digits.
enum Hexadecimal {
    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == text.utf8.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
    }
}
