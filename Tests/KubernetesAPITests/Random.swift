import KubernetesAPI

extension JSONValue {
    static func random(depth: Int, using generator: inout some RandomNumberGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .integer(Int64(truncatingIfNeeded: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
        case 3: return .number(Double.random(in: -1e6...1e6, using: &generator))
        case 4, 5: return .string(randomText(using: &generator))
        case 6:
            let count = Int.random(in: 0..<4, using: &generator)
            return .array((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            let count = Int.random(in: 0..<4, using: &generator)
            let pairs = (0..<count).map { _ in
                (randomText(using: &generator), random(depth: depth - 1, using: &generator))
            }
            return .object(Dictionary(pairs) { first, _ in first })
        }
    }

    static func randomText(using generator: inout some RandomNumberGenerator) -> String {
        let pieces = [
            "a", "B", "7", "0", " ", "  ", "\n", "\n\n", "\t", ":", ": ", "#", " #", "-", "- ", "'", "\"", "\\", "{",
            "]", "yes",
            "null", "1e3", "é", "😀", "\u{7}", "\u{85}", "\u{2028}", "\u{FEFF}", "\r", "|", ">", "%", "&", "*", "~",
            "---", "=",
        ]
        return (0..<Int.random(in: 0..<6, using: &generator))
            .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }
            .joined()
    }

    /// The value after YAML: a number without a fraction becomes an integer.
    var withWholeNumbersAsIntegers: JSONValue {
        switch self {
        case .number(let value): Int64(exactly: value).map { .integer($0) } ?? self
        case .array(let elements): .array(elements.map(\.withWholeNumbersAsIntegers))
        case .object(let members): .object(members.mapValues(\.withWholeNumbersAsIntegers))
        default: self
        }
    }
}
