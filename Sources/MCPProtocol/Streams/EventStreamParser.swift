/// Reads an event stream piece by piece (WHATWG HTML, Interpreting an event stream). Where the pieces are cut makes no difference.
///
/// Lines end with CR LF, LF or CR; a byte order mark at the start is skipped; lines that start with a colon are comments. An event
/// without data is not reported, but its id and retry time count: ``lastEventID`` and ``retryMilliseconds``.
public struct EventStreamParser: Sendable {
    /// How large parts of a stream may be.
    public struct Limits: Sendable, Hashable {
        /// Bytes of one line, and of the data of one event. 8 MiB, twice a message.
        public var maximumBytes: Int
        /// Bytes of an event's type and of its id. 4,096.
        public var maximumFieldBytes: Int

        public init(maximumBytes: Int = 8 << 20, maximumFieldBytes: Int = 4_096) {
            self.maximumBytes = maximumBytes
            self.maximumFieldBytes = maximumFieldBytes
        }
    }

    /// A limit is exceeded. The stream cannot be read on.
    public struct TooLarge: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is too large: `line`, `data`, `event` or `id`.
        public var part: String
        /// The limit in bytes.
        public var limit: Int

        public var description: String { "the \(part) of an event has more than \(limit) bytes" }
    }

    /// The id of the last event that set one, the empty string included, which clears it. For `Last-Event-ID`.
    public private(set) var lastEventID: String?
    /// The last retry time of the stream, in milliseconds.
    public private(set) var retryMilliseconds: Int64?

    private let limits: Limits
    private var failure: TooLarge?
    private var line: [UInt8] = []
    private var endedWithCarriageReturn = false
    private var isAtStart = true

    private var data: [UInt8] = []
    private var hasData = false
    private var type = ""
    private var id: String?
    private var retry: Int64?

    /// A parser at the start of a stream.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes the next piece of the stream.
    ///
    /// - Returns: the events that are complete now.
    /// - Throws: `TooLarge` if a limit is exceeded, and at every call after that.
    public mutating func feed(_ piece: some Sequence<UInt8>) throws(TooLarge) -> [ServerSentEvent] {
        if let failure { throw failure }
        let result: Result<[ServerSentEvent], TooLarge>? = piece.withContiguousStorageIfAvailable { buffer in
            read(buffer)
        }
        return try (result ?? Array(piece).withUnsafeBufferPointer { read($0) }).get()
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<[ServerSentEvent], TooLarge> {
        var events: [ServerSentEvent] = []
        do throws(TooLarge) {
            try read(bytes, into: &events)
            return .success(events)
        } catch {
            failure = error
            return .failure(error)
        }
    }

    private mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>,
        into events: inout [ServerSentEvent]
    ) throws(TooLarge) {
        var start = 0
        var index = 0
        if endedWithCarriageReturn, let first = bytes.first {
            endedWithCarriageReturn = false
            if first == 0x0A {
                start = 1
                index = 1
            }
        }
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x0A || byte == 0x0D else {
                index += 1
                continue
            }
            try keep(bytes[start..<index])
            try endLine(&events)
            index += 1
            if byte == 0x0D {
                if index == bytes.count {
                    endedWithCarriageReturn = true
                } else if bytes[index] == 0x0A {
                    index += 1
                }
            }
            start = index
        }
        try keep(bytes[start..<index])
    }

    private mutating func keep(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws(TooLarge) {
        guard line.count + bytes.count <= limits.maximumBytes else {
            throw TooLarge(part: "line", limit: limits.maximumBytes)
        }
        line.append(contentsOf: bytes)
    }

    private mutating func endLine(_ events: inout [ServerSentEvent]) throws(TooLarge) {
        defer { line.removeAll(keepingCapacity: line.capacity <= 1 << 16) }
        var content = line[...]
        if isAtStart {
            isAtStart = false
            if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        }
        if content.isEmpty {
            if let event = endEvent() { events.append(event) }
            return
        }
        guard let colon = content.firstIndex(of: UInt8(ascii: ":")) else { return try take(content, []) }
        if colon == content.startIndex { return }
        var value = content[(colon + 1)...]
        if value.first == 0x20 { value = value.dropFirst() }
        try take(content[..<colon], value)
    }

    private mutating func take(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws(TooLarge) {
        switch name {
        case let name where name.elementsEqual("data".utf8):
            guard data.count + value.count < limits.maximumBytes else {
                throw TooLarge(part: "data", limit: limits.maximumBytes)
            }
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        case let name where name.elementsEqual("event".utf8):
            try checkField(value, "event")
            type = String(decoding: value, as: UTF8.self)
        case let name where name.elementsEqual("id".utf8):
            try checkField(value, "id")
            if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        case let name where name.elementsEqual("retry".utf8):
            guard !value.isEmpty, value.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return }
            // A time that does not fit is as good as never.
            retry = Int64(String(decoding: value, as: UTF8.self)) ?? .max
            retryMilliseconds = retry
        default: return
        }
    }

    private func checkField(_ value: ArraySlice<UInt8>, _ part: String) throws(TooLarge) {
        guard value.count <= limits.maximumFieldBytes else {
            throw TooLarge(part: part, limit: limits.maximumFieldBytes)
        }
    }

    private mutating func endEvent() -> ServerSentEvent? {
        defer {
            data = []
            hasData = false
            type = ""
            id = nil
            retry = nil
        }
        if let id { lastEventID = id }
        // The specification drops an event whose data is empty. One line of empty data primes a client with an id (2025-11-25).
        guard !data.isEmpty else { return nil }
        return ServerSentEvent(type: type.isEmpty ? "message" : type, data: data, id: id, retryMilliseconds: retry)
    }
}
