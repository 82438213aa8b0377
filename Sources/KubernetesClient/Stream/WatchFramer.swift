/// Cuts a stream of chunks into the JSON objects that stand in it, one after another, with or without white space between
/// them. A pure state machine: where chunks end means nothing.
struct WatchFramer {
    /// The longest object, in bytes. An object in etcd is 1.5 MiB at most by default, and its JSON a few times that.
    let maximumFrameBytes: Int

    private var buffer: [UInt8] = []
    /// Where the frame that is being looked for starts.
    private var start = 0
    /// Up to where was looked already.
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

    /// The next object that is whole, `nil` where more is needed.
    ///
    /// - Throws: `ClientError` with `undecodable` for what is no JSON object, `bodyTooLarge` for one that is too long.
    mutating func next() throws(ClientError) -> [UInt8]? {
        var end: Int?
        var stray: UInt8?
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
                            stray = byte
                            return
                        }
                        start = position
                    }
                    depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    guard depth > 0 else {
                        stray = byte
                        return
                    }
                    depth -= 1
                    if depth == 0 { end = position + 1 }
                case 0x20, 0x0A, 0x0D, 0x09:
                    // Nothing of value stands before a frame: let white space go.
                    if depth == 0 { start = position + 1 }
                default:
                    if depth == 0 {
                        stray = byte
                        return
                    }
                    if byte == UInt8(ascii: "\"") { isInString = true }
                }
                position += 1
            }
        }
        if let stray {
            let text = String(decoding: buffer[position...].prefix(120), as: UTF8.self)
            throw ClientError(
                .undecodable,
                "a watch holds something that is no JSON object, from byte \(stray) on: \(text.debugDescription)"
            )
        }
        guard (end ?? position) - start <= maximumFrameBytes else {
            throw ClientError(.bodyTooLarge, "a watch event is longer than \(maximumFrameBytes) bytes")
        }
        guard let end else { return nil }
        let frame = Array(buffer[start..<end])
        start = end
        return frame
    }

    /// To be called at the end of the stream.
    ///
    /// - Throws: `ClientError` with `truncated` where the stream ended in the middle of an object.
    func finish() throws(ClientError) {
        guard depth == 0 else {
            throw ClientError(
                .truncated,
                "a watch ended in the middle of an event, after \(buffer.count - start) bytes of it"
            )
        }
    }
}
