/// One event of an event stream (WHATWG HTML, Server-sent events).
public struct ServerSentEvent: Sendable, Hashable {
    /// The type of the event; `message` if the stream names none.
    public var type: String
    /// The data, in which lines end with a line feed. Its UTF-8 is not checked; parsing the message does.
    public var data: [UInt8]
    /// The id, with which the stream can be resumed after this event; `nil` if the event sets none, which leaves the last one.
    public var id: String?
    /// How long to wait before reconnecting, in milliseconds, or `nil`.
    public var retryMilliseconds: Int64?

    public init(type: String = "message", data: [UInt8], id: String? = nil, retryMilliseconds: Int64? = nil) {
        self.type = type
        self.data = data
        self.id = id
        self.retryMilliseconds = retryMilliseconds
    }

    /// An event that carries a message.
    public init(_ message: RawJSON, id: String? = nil) {
        self.init(data: Array(message.bytes), id: id)
    }
}
