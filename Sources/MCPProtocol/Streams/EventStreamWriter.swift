/// Writes an event stream.
public enum EventStreamWriter {
    /// The bytes of an event.
    ///
    /// What would end a line in a type or an id is left out, as is a NUL in an id: neither has an escape. Data with several lines is
    /// written as several; a line break in it comes out as a line feed, which in JSON changes nothing.
    public static func write(_ event: ServerSentEvent) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(event.data.count + 64)
        if let id = event.id { append("id", Array(id.utf8).filter { $0 != 0 }, to: &output) }
        if event.type != "message" { append("event", Array(event.type.utf8), to: &output) }
        if let retry = event.retryMilliseconds { append("retry", Array(String(max(0, retry)).utf8), to: &output) }
        var start = 0
        var index = 0
        while index < event.data.count {
            let byte = event.data[index]
            guard byte == 0x0A || byte == 0x0D else {
                index += 1
                continue
            }
            append("data", event.data[start..<index], to: &output)
            index += byte == 0x0D && index + 1 < event.data.count && event.data[index + 1] == 0x0A ? 2 : 1
            start = index
        }
        append("data", event.data[start..<index], to: &output)
        output.append(0x0A)
        return output
    }

    /// A comment, which receivers ignore: it keeps a quiet connection alive.
    public static let keepAlive: [UInt8] = Array(":\n\n".utf8)

    private static func append(_ name: String, _ value: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: ": ".utf8)
        output.append(contentsOf: value.lazy.filter { $0 != 0x0A && $0 != 0x0D })
        output.append(0x0A)
    }
}
