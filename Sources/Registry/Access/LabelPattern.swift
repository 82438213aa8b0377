/// A pattern for one label of a host, with the wildcards of Go's `filepath.Match`: `*`, `?` and `[a-z]`. A pattern that is not
/// valid matches nothing.
struct LabelPattern {
    private enum Part {
        case byte(UInt8)
        case any
        case anyNumber
        case range([ClosedRange<UInt8>], isNegated: Bool)
    }

    private var parts: [Part] = []
    private var isValid = true

    init(_ text: String) {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count, isValid {
            switch bytes[index] {
            case UInt8(ascii: "*"): parts.append(.anyNumber)
            case UInt8(ascii: "?"): parts.append(.any)
            case UInt8(ascii: "["): readClass(bytes, &index)
            case UInt8(ascii: "\\"):
                index += 1
                guard index < bytes.count else {
                    isValid = false
                    return
                }
                parts.append(.byte(bytes[index]))
            case let byte: parts.append(.byte(byte))
            }
            index += 1
        }
    }

    /// Reads `[a-z0-9]`; the index ends at the closing bracket.
    private mutating func readClass(_ bytes: [UInt8], _ index: inout Int) {
        index += 1
        var isNegated = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "^") {
            isNegated = true
            index += 1
        }
        var ranges: [ClosedRange<UInt8>] = []
        while index < bytes.count, bytes[index] != UInt8(ascii: "]") {
            let low = bytes[index]
            var high = low
            if index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: "-"), bytes[index + 2] != UInt8(ascii: "]") {
                high = bytes[index + 2]
                index += 2
            }
            if low <= high { ranges.append(low...high) }
            index += 1
        }
        isValid = index < bytes.count && !ranges.isEmpty
        parts.append(.range(ranges, isNegated: isNegated))
    }

    func matches(_ label: String) -> Bool {
        guard isValid else { return false }
        let bytes = Array(label.utf8)
        var (part, byte) = (0, 0)
        // Where to continue after the last `*`, with one more byte in it. Without recursion, so that many `*` cost little.
        var retry: (part: Int, byte: Int)?
        while byte < bytes.count {
            if part < parts.count, case .anyNumber = parts[part] {
                retry = (part + 1, byte)
                part += 1
            } else if part < parts.count, Self.matches(parts[part], bytes[byte]) {
                part += 1
                byte += 1
            } else if let last = retry {
                (part, byte) = (last.part, last.byte + 1)
                retry = (last.part, last.byte + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { if case .anyNumber = $0 { true } else { false } }
    }

    private static func matches(_ part: Part, _ byte: UInt8) -> Bool {
        switch part {
        case .byte(let expected): byte == expected
        case .any: true
        case .anyNumber: false
        case .range(let ranges, let isNegated): ranges.contains { $0.contains(byte) } != isNegated
        }
    }
}
