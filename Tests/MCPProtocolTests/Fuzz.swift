import FoundationEssentials
import KubernetesAPI

/// Random inputs. `MOORAGE_FUZZ_CASES` sets how many a target gets, and `MOORAGE_FUZZ_SEED` another seed.
enum Fuzz {
    private static let environment = ProcessInfo.processInfo.environment
    static let cases = environment["MOORAGE_FUZZ_CASES"].flatMap { Int($0) } ?? 10_000

    /// The seeds of a test: these, or the one that the environment sets.
    static func seeds(_ seeds: UInt64...) -> [UInt64] {
        environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? seeds
    }

    /// A generator whose seed is printed.
    static func generator(_ seed: UInt64) -> SplitMix64 {
        print("seed \(seed)")
        return SplitMix64(seed: seed)
    }

    /// Short text of characters that make trouble.
    static func text(_ random: inout SplitMix64) -> String {
        let pieces = [
            "a", "B", "0", " ", "\t", "\n", "\r", "\0", "\"", "\\", "=?base64?", "?=", "é", "世", "😀", "\u{7F}",
            "\u{FFFD}", "-", "/",
            "\u{2028}", "\u{FEFF}", ":", ",", "QQ==", "ſ",
        ]
        return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }

    /// Bytes with some of them changed, inserted or removed.
    static func damaged(_ bytes: [UInt8], pieces: [String], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where position < bytes.count: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 1 where position < bytes.count: bytes.remove(at: position)
            case 2: bytes.removeLast(bytes.count - position)
            case 3 where position < bytes.count:
                let end = Int.random(in: position...min(bytes.count, position + 12), using: &random)
                bytes.insert(
                    contentsOf: Array(bytes[position..<end]),
                    at: Int.random(in: 0...bytes.count, using: &random)
                )
            default:
                bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: position)
            }
        }
        return bytes
    }
}
