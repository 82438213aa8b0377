/// Decompresses the DEFLATE stream (RFC 1951) inside of a zlib stream (RFC 1950), piece by piece. Each piece ends at a byte, after a
/// flush; later ones can refer to what earlier ones contained, and all to a dictionary.
struct Inflate: Sendable {
    /// The data is not valid, or too large.
    enum Failure: Error, Sendable, Hashable {
        case truncated
        case invalid
        case tooLarge
        case wrongDictionary
    }

    private let dictionary: [UInt8]
    private let limit: Int
    private var window: [UInt8]
    private var hasHeader = false
    private var isDone = false

    /// What a piece can refer to (RFC 1951, section 2).
    private static let windowSize = 32_768

    /// - Parameter limit: how large one piece may become.
    init(dictionary: [UInt8], limit: Int) {
        self.dictionary = dictionary
        self.limit = limit
        window = dictionary
    }

    /// Decompresses the next piece.
    mutating func inflate(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var bits = Bits(bytes: bytes)
        if !hasHeader {
            try readHeader(&bits)
            hasHeader = true
        }
        let start = window.count
        while !bits.isAtEnd {
            if isDone { throw .invalid }
            isDone = try bits.take(1) == 1
            switch try bits.take(2) {
            case 0: try copyStored(&bits, from: start)
            case 1: try decode(&bits, from: start, .fixedLiterals, .fixedDistances)
            case 2:
                let (literals, distances) = try Self.codes(&bits)
                try decode(&bits, from: start, literals, distances)
            default: throw .invalid
            }
        }
        let output = Array(window[start...])
        if window.count > 2 * Self.windowSize { window.removeFirst(window.count - Self.windowSize) }
        return output
    }

    /// RFC 1950, section 2.2.
    private func readHeader(_ bits: inout Bits) throws(Failure) {
        let method = try bits.take(8)
        let flags = try bits.take(8)
        guard method & 0x0F == 8, (method << 8 | flags) % 31 == 0 else { throw .invalid }
        guard flags & 0x20 != 0 else { throw .wrongDictionary }
        var identifier: UInt32 = 0
        for _ in 0..<4 { identifier = identifier << 8 | UInt32(try bits.take(8)) }
        guard identifier == Adler32.sum(dictionary) else { throw .wrongDictionary }
    }

    private mutating func add(_ byte: UInt8, from start: Int) throws(Failure) {
        guard window.count - start < limit else { throw .tooLarge }
        window.append(byte)
    }

    /// RFC 1951, section 3.2.4.
    private mutating func copyStored(_ bits: inout Bits, from start: Int) throws(Failure) {
        bits.skipToByte()
        let length = try bits.take(16)
        guard try bits.take(16) == length ^ 0xFFFF else { throw .invalid }
        for _ in 0..<length { try add(UInt8(truncatingIfNeeded: try bits.take(8)), from: start) }
    }

    /// RFC 1951, section 3.2.3 to 3.2.5.
    private mutating func decode(
        _ bits: inout Bits,
        from start: Int,
        _ literals: Huffman,
        _ distances: Huffman
    ) throws(Failure) {
        while true {
            let symbol = try literals.read(&bits)
            if symbol < 256 {
                try add(UInt8(symbol), from: start)
                continue
            }
            if symbol == 256 { return }
            guard symbol - 257 < Self.lengths.count else { throw .invalid }
            let length = Self.lengths[symbol - 257]
            let count = length.base + (try bits.take(length.extra))
            let code = try distances.read(&bits)
            guard code < Self.distances.count else { throw .invalid }
            let distance = Self.distances[code].base + (try bits.take(Self.distances[code].extra))
            guard distance <= window.count, distance <= Self.windowSize else { throw .invalid }
            for _ in 0..<count { try add(window[window.count - distance], from: start) }
        }
    }

    /// The codes of a block (RFC 1951, section 3.2.7).
    private static func codes(_ bits: inout Bits) throws(Failure) -> (Huffman, Huffman) {
        let literalCount = try bits.take(5) + 257
        let distanceCount = try bits.take(5) + 1
        let lengthCount = try bits.take(4) + 4
        var lengths = [Int](repeating: 0, count: 19)
        for index in 0..<lengthCount { lengths[order[index]] = try bits.take(3) }
        let code = try Huffman(lengths)
        var all: [Int] = []
        while all.count < literalCount + distanceCount {
            switch try code.read(&bits) {
            case let length where length < 16: all.append(length)
            case 16:
                guard let last = all.last else { throw .invalid }
                all += [Int](repeating: last, count: try bits.take(2) + 3)
            case 17: all += [Int](repeating: 0, count: try bits.take(3) + 3)
            default: all += [Int](repeating: 0, count: try bits.take(7) + 11)
            }
        }
        guard all.count == literalCount + distanceCount else { throw .invalid }
        return (try Huffman(Array(all[..<literalCount])), try Huffman(Array(all[literalCount...])))
    }

    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private static let lengths: [(base: Int, extra: Int)] = {
        var table: [(base: Int, extra: Int)] = []
        var base = 3
        for extra in 0...5 {
            for _ in 0..<(extra == 0 ? 8 : 4) {
                table.append((base, extra))
                base += 1 << extra
            }
        }
        // The largest length has a code of its own.
        return table + [(258, 0)]
    }()

    private static let distances: [(base: Int, extra: Int)] = {
        var table: [(base: Int, extra: Int)] = []
        var base = 1
        for code in 0..<30 {
            let extra = max(0, code / 2 - 1)
            table.append((base, extra))
            base += 1 << extra
        }
        return table
    }()
}

/// Reads bits, the least significant first.
private struct Bits {
    private let bytes: [UInt8]
    private var position = 0
    private var buffer = 0
    private var count = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Whether only the rest of a byte is left.
    var isAtEnd: Bool { position == bytes.count && count < 8 && buffer == 0 }

    mutating func take(_ wanted: Int) throws(Inflate.Failure) -> Int {
        while count < wanted {
            guard position < bytes.count else { throw .truncated }
            buffer |= Int(bytes[position]) << count
            position += 1
            count += 8
        }
        defer {
            buffer >>= wanted
            count -= wanted
        }
        return buffer & (1 << wanted - 1)
    }

    mutating func skipToByte() {
        buffer >>= count % 8
        count -= count % 8
    }
}

/// A canonical Huffman code (RFC 1951, section 3.2.2).
private struct Huffman: Sendable {
    /// How many codes there are of each length.
    private var counts = [Int](repeating: 0, count: 16)
    /// The symbols, ordered by their codes.
    private var symbols: [Int]

    init(_ lengths: [Int]) throws(Inflate.Failure) {
        for length in lengths { counts[length] += 1 }
        counts[0] = 0
        var left = 1
        for length in 1..<16 {
            left = left << 1 - counts[length]
            // More codes than there can be.
            guard left >= 0 else { throw .invalid }
        }
        var offsets = [Int](repeating: 0, count: 17)
        for length in 1..<16 { offsets[length + 1] = offsets[length] + counts[length] }
        symbols = [Int](repeating: 0, count: lengths.count)
        for (symbol, length) in lengths.enumerated() where length > 0 {
            symbols[offsets[length]] = symbol
            offsets[length] += 1
        }
    }

    func read(_ bits: inout Bits) throws(Inflate.Failure) -> Int {
        var code = 0
        var first = 0
        var index = 0
        for length in 1..<16 {
            code |= try bits.take(1)
            let count = counts[length]
            if code - first < count { return symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw .invalid
    }

    /// The codes of RFC 1951, section 3.2.6.
    static let fixedLiterals = known(
        [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112) + [Int](repeating: 7, count: 24)
            + [Int](repeating: 8, count: 8)
    )
    static let fixedDistances = known([Int](repeating: 5, count: 30))

    private static func known(_ lengths: [Int]) -> Huffman {
        do {
            return try Huffman(lengths)
        } catch {
            preconditionFailure("the codes of the specification are valid")
        }
    }
}

/// The checksum of RFC 1950, section 9.
enum Adler32 {
    static func sum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
