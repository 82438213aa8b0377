import NIOCore

/// Why bytes are not a valid reply.
enum RESPError: Error, Hashable, Sendable {
    /// The first byte of a value is of no known type.
    case unknownType(UInt8)
    /// A line ends with something other than CR and LF, or a string is not followed by them.
    case badLineEnd
    /// An integer or a length is not a decimal number, or is out of range.
    case badNumber
    /// A reply exceeds a limit of the parser.
    case tooLarge
}

/// How large replies may be.
struct RESPLimits: Sendable, Hashable {
    /// Bytes of one reply.
    var maximumBytes = 1 << 20
    /// Bytes of one line: a simple string, an error, a number.
    var maximumLine = 4_096
    /// Elements of all arrays of one reply.
    var maximumElements = 10_000
    /// Levels of nested arrays.
    var maximumDepth = 8
}

/// Reads replies from bytes that arrive in any pieces.
///
/// A reply that is not complete is parsed again when more bytes arrive, which is at most `maximumBytes` each time.
struct RESPParser: Sendable {
    private let limits: RESPLimits
    private var buffer = ByteBuffer()

    init(limits: RESPLimits = RESPLimits()) { self.limits = limits }

    /// How many bytes are not read yet.
    var bufferedBytes: Int { buffer.readableBytes }

    /// Adds bytes that have arrived.
    mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// The next complete reply, or `nil` if more bytes are needed.
    ///
    /// - Throws: `RESPError`. Nothing that arrives afterwards has a meaning.
    mutating func next() throws(RESPError) -> RESPValue? {
        var cursor = Cursor(buffer.readableBytesView, limits)
        guard let value = try cursor.value(depth: 0) else {
            guard buffer.readableBytes <= limits.maximumBytes else { throw .tooLarge }
            return nil
        }
        guard cursor.consumed <= limits.maximumBytes else { throw .tooLarge }
        buffer.moveReaderIndex(forwardBy: cursor.consumed)
        return value
    }

    /// A position in the bytes of one reply.
    private struct Cursor {
        private let view: ByteBufferView
        private let limits: RESPLimits
        private var index: Int
        private var elements = 0

        init(_ view: ByteBufferView, _ limits: RESPLimits) {
            self.view = view
            self.limits = limits
            index = view.startIndex
        }

        var consumed: Int { index - view.startIndex }

        mutating func value(depth: Int) throws(RESPError) -> RESPValue? {
            guard index < view.endIndex else { return nil }
            let type = view[index]
            index += 1
            switch type {
            case UInt8(ascii: "+"): return try line().map { .simpleString(Array($0)) }
            case UInt8(ascii: "-"): return try line().map { .error(Array($0)) }
            case UInt8(ascii: ":"): return try number().map { .integer($0) }
            case UInt8(ascii: "$"): return try bulkString()
            case UInt8(ascii: "*"): return try array(depth: depth)
            default: throw .unknownType(type)
            }
        }

        private mutating func line() throws(RESPError) -> Slice<ByteBufferView>? {
            let end = min(view.endIndex, index + limits.maximumLine + 2)
            guard let lineFeed = view[index..<end].firstIndex(of: 0x0A) else {
                if end - index > limits.maximumLine + 1 { throw .tooLarge }
                return nil
            }
            guard lineFeed > index, view[lineFeed - 1] == 0x0D else { throw .badLineEnd }
            let content = Slice(base: view, bounds: index..<(lineFeed - 1))
            guard !content.contains(0x0D) else { throw .badLineEnd }
            index = lineFeed + 1
            return content
        }

        private mutating func number() throws(RESPError) -> Int64? {
            guard let line = try line() else { return nil }
            var digits = line[...]
            if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits.removeFirst() }
            guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
                let value = Int64(String(decoding: line, as: UTF8.self))
            else { throw .badNumber }
            return value
        }

        /// A length: -1 means that there is no value.
        private mutating func length(maximum: Int) throws(RESPError) -> Int? {
            guard let length = try number() else { return nil }
            guard length >= -1 else { throw .badNumber }
            guard length <= Int64(maximum) else { throw .tooLarge }
            return Int(length)
        }

        private mutating func bulkString() throws(RESPError) -> RESPValue? {
            guard let length = try length(maximum: limits.maximumBytes) else { return nil }
            if length < 0 { return .bulkString(nil) }
            guard view.endIndex - index >= length + 2 else { return nil }
            let end = index + length
            guard view[end] == 0x0D, view[end + 1] == 0x0A else { throw .badLineEnd }
            let bytes = Array(view[index..<end])
            index = end + 2
            return .bulkString(bytes)
        }

        private mutating func array(depth: Int) throws(RESPError) -> RESPValue? {
            guard let count = try length(maximum: limits.maximumElements) else { return nil }
            if count < 0 { return .array(nil) }
            elements += count
            guard elements <= limits.maximumElements, depth < limits.maximumDepth else { throw .tooLarge }
            var values: [RESPValue] = []
            for _ in 0..<count {
                guard let value = try value(depth: depth + 1) else { return nil }
                values.append(value)
            }
            return .array(values)
        }
    }
}
