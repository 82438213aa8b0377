/// A set of small numbers, one bit each.
struct BitSet: Sendable, Hashable {
    private(set) var words: [UInt64]

    /// An empty set for the numbers below a count.
    init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

    /// All numbers below a count.
    init(allBelow count: Int) {
        self.init(count: count)
        for index in 0..<count { insert(index) }
    }

    func contains(_ index: Int) -> Bool { words[index >> 6] & (1 << UInt64(index & 63)) != 0 }

    mutating func insert(_ index: Int) { words[index >> 6] |= 1 << UInt64(index & 63) }

    mutating func formUnion(_ other: BitSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    mutating func formIntersection(_ other: BitSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    /// Calls a closure with each number, in ascending order.
    func forEach(_ body: (Int) -> Void) {
        for (position, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(position << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }
}
