/// Splits a stream of chunks into JSON objects, with or without white space between them. A pure state machine: the
/// boundaries of chunks have no meaning.
struct WatchFramer {
    /// The maximum size of an object, in bytes. An object in etcd has at most 1.5 MiB by default, and its JSON a few
    /// times that.
    let maximumFrameBytes: Int

    private var buffer: [UInt8] = []
    /// Where the current frame starts.
    private var start = 0
    /// The position up to which the buffer has been scanned.
    private var position = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    init(maximumFrameBytes: Int = 32 << 20) {
        self.maximumFrameBytes = maximumFrameBytes
    }

    /// Adds a chunk.
    mutating func push(_ chunk: [UInt8]) {
        if start == buffer.count {
            buffer = chunk
            (start, position) = (0, 0)
            return
        }
        if start > 0, start >= buffer.count / 2 {
            buffer.removeSubrange(..<start)
            position -= start
            start = 0
        }
        buffer.append(contentsOf: chunk)
    }

    /// The next complete object, `nil` if more chunks are needed.
    ///
    /// The slice shares the buffer's storage. Release it before the next `push`, or the buffer is copied.
    ///
    /// - Throws: `ClientError` with `undecodable` for anything but a JSON object, `bodyTooLarge` for one that is too long.
    mutating func next() throws(ClientError) -> ArraySlice<UInt8>? {
        var end: Int?
        var hasStray = false
        buffer.withUnsafeBufferPointer { bytes in
            while position < bytes.count, end == nil {
                let byte = bytes[position]
                if isInString {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\"") {
                        isInString = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = true
                    }
                    position += 1
                    continue
                }
                switch byte {
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    if depth == 0 {
                        guard byte == UInt8(ascii: "{") else {
                            hasStray = true
                            return
                        }
                        start = position
                    }
                    depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    guard depth > 0 else {
                        hasStray = true
                        return
                    }
                    depth -= 1
                    if depth == 0 { end = position + 1 }
                case 0x20, 0x0A, 0x0D, 0x09:
                    // White space between frames is dropped.
                    if depth == 0 { start = position + 1 }
                default:
                    if depth == 0 {
                        hasStray = true
                        return
                    }
                    if byte == UInt8(ascii: "\"") { isInString = true }
                }
                position += 1
            }
        }
        if hasStray {
            let text = String(decoding: buffer[position...].prefix(120), as: UTF8.self)
            throw ClientError(
                .undecodable,
                "the stream of a watch is not a sequence of JSON objects; it continues with \(text.debugDescription)"
            )
        }
        guard (end ?? position) - start <= maximumFrameBytes else {
            throw ClientError(.bodyTooLarge, "a watch event is longer than \(maximumFrameBytes) bytes")
        }
        guard let end else { return nil }
        defer { start = end }
        return buffer[start..<end]
    }

    /// Must be called at the end of the stream.
    ///
    /// - Throws: `ClientError` with `truncated` if the stream has ended inside an object.
    func finish() throws(ClientError) {
        guard depth == 0 else {
            throw ClientError(
                .truncated,
                "a watch ended inside an event, after \(buffer.count - start) bytes of it"
            )
        }
    }
}
