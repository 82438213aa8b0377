import Synchronization

/// Keeps the contents of children of one kind as their differences from one of them.
///
/// All servers are rendered by the same code, so their children differ in little more than names and digests: a tenth of
/// the bytes. That matters after a start, when no content has been compared yet and all of them are in memory.
final class ContentPool: Sendable {
    private let base = Mutex<DeltaBase?>(nil)

    /// The bytes as they are kept.
    func content(_ bytes: [UInt8]) -> ChildContent {
        let base = base.withLock { base in
            if base == nil { base = DeltaBase(bytes) }
            return base
        }
        guard let base, let delta = base.delta(to: bytes) else { return ChildContent(bytes) }
        return ChildContent(delta, from: base)
    }
}

/// The content of a child, whole or as its difference from another one.
final class ChildContent: Sendable {
    private let stored: [UInt8]
    private let base: DeltaBase?

    /// - Parameters:
    ///   - stored: the content, or its difference.
    ///   - base: what the difference is from; `nil` if `stored` is the content.
    init(_ stored: [UInt8], from base: DeltaBase? = nil) {
        self.stored = stored.withoutSpareCapacity
        self.base = base
    }

    /// The whole content.
    var bytes: [UInt8] { base.map { $0.applying(stored) } ?? stored }
}

extension ChildContent: Equatable {
    static func == (left: ChildContent, right: ChildContent) -> Bool { left === right || left.bytes == right.bytes }
}

/// Bytes from which others are described by what they have in common with them.
///
/// A delta is a sequence of steps: a number of literal bytes and these bytes, then how many bytes are copied from the base
/// and from where. Numbers have seven bits in each byte, the lowest first; the high bit says that more follow.
final class DeltaBase: Sendable {
    /// A copy takes up to six bytes, so a shorter one gains little.
    private static let shortestCopy = 12
    /// How many bytes are looked up in the table.
    private static let window = 8
    private static let tableBits = 12

    private let bytes: [UInt8]
    /// Positions in `bytes` by the hash of the window that starts there; -1 if there is none.
    private let positions: [Int32]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var positions = [Int32](repeating: -1, count: 1 << Self.tableBits)
        bytes.withUnsafeBytes { buffer in
            guard buffer.count >= Self.window, buffer.count < Int32.max else { return }
            for position in 0...(buffer.count - Self.window) {
                positions[Self.hash(buffer, at: position)] = Int32(position)
            }
        }
        self.positions = positions
    }

    /// The difference, or `nil` if it is not much shorter than the target.
    func delta(to target: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(target.count / 2)
        target.withUnsafeBytes { target in
            bytes.withUnsafeBytes { base in
                var literals = 0
                var position = 0
                /// Where the base continues after the last copy, if the literals replace as many bytes there.
                var shift = 0
                while position + Self.window <= target.count, output.count <= target.count / 2 {
                    var start = position + shift
                    var length = Self.commonLength(target, position, base, start)
                    if length < Self.shortestCopy {
                        start = Int(positions[Self.hash(target, at: position)])
                        length = Self.commonLength(target, position, base, start)
                    }
                    guard length >= Self.shortestCopy else {
                        position += 1
                        continue
                    }
                    Self.append(position - literals, to: &output)
                    output += target[literals..<position]
                    Self.append(length, to: &output)
                    Self.append(start, to: &output)
                    shift = start - position
                    position += length
                    literals = position
                }
                Self.append(target.count - literals, to: &output)
                output += target[literals...]
            }
        }
        return output.count <= target.count / 2 ? output : nil
    }

    /// The target of a delta from these bytes; empty if the delta is not valid.
    func applying(_ delta: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = delta[...]
        while let count = Self.number(&rest) {
            guard count <= rest.count else { return [] }
            output += rest.prefix(count)
            rest = rest.dropFirst(count)
            if rest.isEmpty { break }
            guard let length = Self.number(&rest), let start = Self.number(&rest), start <= bytes.count,
                length <= bytes.count - start
            else { return [] }
            output += bytes[start..<(start + length)]
        }
        return output
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let value = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        return Int(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - tableBits))
    }

    private static func commonLength(
        _ left: UnsafeRawBufferPointer,
        _ leftStart: Int,
        _ right: UnsafeRawBufferPointer,
        _ rightStart: Int
    ) -> Int {
        guard rightStart >= 0, rightStart < right.count else { return 0 }
        let limit = min(left.count - leftStart, right.count - rightStart)
        var length = 0
        while length < limit, left[leftStart + length] == right[rightStart + length] { length += 1 }
        return length
    }

    private static func append(_ number: Int, to output: inout [UInt8]) {
        var number = number
        while number >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: number) | 0x80)
            number >>= 7
        }
        output.append(UInt8(number))
    }

    /// Reads a number of at most 35 bits.
    private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var number = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            number |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        return nil
    }
}
