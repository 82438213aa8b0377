/// Cuts a byte stream into messages, one a line (2026-07-28 and 2025-11-25, stdio). Where the pieces are cut makes no difference.
public struct LineParser: Sendable {
    /// A line is too long. The stream cannot be read on.
    public struct TooLong: Error, Hashable, Sendable, CustomStringConvertible {
        /// The limit in bytes.
        public var limit: Int

        public var description: String { "a line has more than \(limit) bytes" }
    }

    private let maximumBytes: Int
    private var line: [UInt8] = []
    private var hasFailed = false

    /// - Parameter maximumBytes: of one line, without its end; 4 MiB by default, as a message may have.
    public init(maximumBytes: Int = 4 << 20) { self.maximumBytes = maximumBytes }

    /// Takes the next piece of the stream.
    ///
    /// - Returns: the lines that are complete now, without their ends. A carriage return before the line feed and empty lines are
    ///   dropped.
    /// - Throws: `TooLong` if a line is longer than allowed, and at every call after that.
    public mutating func feed(_ piece: some Collection<UInt8>) throws(TooLong) -> [[UInt8]] {
        try feed(Array(piece))
    }

    /// As the other method, for bytes in an array, which is how they come most often.
    public mutating func feed(_ piece: [UInt8]) throws(TooLong) -> [[UInt8]] {
        guard !hasFailed else { throw TooLong(limit: maximumBytes) }
        var lines: [[UInt8]] = []
        var rest = piece[...]
        while let end = rest.firstIndex(of: 0x0A) {
            try keep(rest[..<end])
            if line.last == 0x0D { line.removeLast() }
            if !line.isEmpty { lines.append(line) }
            line = []
            rest = rest[end...].dropFirst()
        }
        try keep(rest)
        return lines
    }

    /// What came after the last line feed; a writer that ended well leaves nothing.
    public var remainder: [UInt8] { line }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) throws(TooLong) {
        guard line.count + bytes.count <= maximumBytes else {
            hasFailed = true
            line = []
            throw TooLong(limit: maximumBytes)
        }
        line.append(contentsOf: bytes)
    }
}

extension RawJSON {
    /// This message as a line, with its end.
    public var line: [UInt8] {
        let bytes = onOneLine.bytes
        var line: [UInt8] = []
        line.reserveCapacity(bytes.count + 1)
        line.append(contentsOf: bytes)
        line.append(0x0A)
        return line
    }
}
