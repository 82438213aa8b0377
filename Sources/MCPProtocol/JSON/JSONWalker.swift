/// Finds the elements or members of an array or object whose bytes were checked before.
struct JSONWalker {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let end: Int
    private var position: Int

    /// - Parameter range: where the array or object is, with its brackets.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound + 1
        end = range.upperBound - 1
    }

    mutating func nextElement() -> Range<Int>? {
        skipSeparators()
        return position < end ? nextValue() : nil
    }

    mutating func nextMember() -> (name: Range<Int>, value: Range<Int>)? {
        skipSeparators()
        guard position < end else { return nil }
        let name = nextValue()
        skipSeparators()
        return (name, nextValue())
    }

    private mutating func skipSeparators() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: ":"): position += 1
            default: return
            }
        }
    }

    private mutating func nextValue() -> Range<Int> {
        let start = position
        switch position < end ? bytes[position] : 0 {
        case UInt8(ascii: "\""): skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): skipContainer()
        default:
            while position < end {
                switch bytes[position] {
                case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
                    return start..<position
                default: position += 1
                }
            }
        }
        return start..<position
    }

    private mutating func skipString() {
        position += 1
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\\"): position = min(position + 2, end)
            case UInt8(ascii: "\""):
                position += 1
                return
            default: position += 1
            }
        }
    }

    private mutating func skipContainer() {
        var open = 0
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open -= 1
                position += 1
                if open == 0 { return }
            default: position += 1
            }
        }
    }
}
