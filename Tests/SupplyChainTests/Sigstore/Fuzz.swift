import Foundation

/// The random numbers of a test (SplitMix64). A failure names the seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Random changes of valid input. `MOORAGE_FUZZ_CASES` sets how many a test makes, and `MOORAGE_FUZZ_SEED` the seed.
enum Fuzz {
    private static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_128

    /// The number of cases, unless the environment sets it.
    static func cases(_ count: Int) -> Int { environment["MOORAGE_FUZZ_CASES"].flatMap { Int($0) } ?? count }

    /// Bytes with some of them flipped, removed, repeated or replaced.
    static func damaged(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            let end = Int.random(in: position...min(bytes.count, position + 16), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where position < bytes.count: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1 where position < bytes.count: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.removeSubrange(position..<end)
            case 3: bytes.removeLast(bytes.count - position)
            case 4:
                bytes.insert(
                    contentsOf: Array(bytes[position..<end]),
                    at: Int.random(in: 0...bytes.count, using: &random)
                )
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
            }
        }
        return bytes
    }

    /// JSON in which the bytes that one text encodes as base64 are damaged, or the text itself.
    static func damagedInside(_ json: [UInt8], _ random: inout SeededGenerator) throws -> [UInt8] {
        let document = try JSONSerialization.jsonObject(with: Data(json))
        var count = 0
        _ = replace(document) { text in
            count += 1
            return text
        }
        let chosen = Int.random(in: 0..<max(1, count), using: &random)
        var index = 0
        let damaged = replace(document) { text in
            defer { index += 1 }
            guard index == chosen else { return text }
            if let data = Data(base64Encoded: text) {
                return Data(Self.damaged(Array(data), &random)).base64EncodedString()
            }
            return String(decoding: Self.damaged(Array(text.utf8), &random), as: UTF8.self)
        }
        return Array(try JSONSerialization.data(withJSONObject: damaged, options: [.sortedKeys]))
    }

    private static func replace(_ value: Any, _ body: (String) -> String) -> Any {
        switch value {
        case let text as String: return body(text)
        case let list as [Any]: return list.map { replace($0, body) }
        case let object as [String: Any]:
            var result: [String: Any] = [:]
            for (name, value) in object.sorted(by: { $0.key < $1.key }) { result[name] = replace(value, body) }
            return result
        default: return value
        }
    }
}
