import MCPProtocol

/// The messages of one stream to a client: what was not read yet, and what is kept for resuming.
struct OutboundQueue {
    /// A message and its place in the stream, which is part of its event id.
    struct Entry {
        let index: Int
        /// `nil` for a mark: an event id alone.
        let message: JSONRPCMessage?
        /// The event id that the handler has given it; `nil` if the server gives it one, or none.
        var eventID: String?

        var size: Int { message?.bytes.count ?? 0 }
    }

    /// How much the queue holds.
    struct Limits {
        /// Messages that a reader has not taken yet.
        var unread: Int
        /// Messages that are kept after they were read.
        var replayEvents: Int
        /// Bytes of all messages that are kept.
        var replayBytes: Int
    }

    private let limits: Limits
    private var entries: [Entry] = []
    private var bytes = 0
    private(set) var nextIndex = 0
    /// The first message that the reader has not taken.
    private var readIndex = 0
    private(set) var isFinished = false

    init(limits: Limits) { self.limits = limits }

    /// Whether a sender has to wait for the reader.
    var isFull: Bool { nextIndex - readIndex >= limits.unread }
    /// Whether there is something to read.
    var hasUnread: Bool { readIndex < nextIndex }

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - message: `nil` for a mark.
    ///   - isRead: whether there is a reader. Without one the oldest messages make room.
    mutating func append(_ message: JSONRPCMessage?, eventID: String? = nil, isRead: Bool) {
        guard !isFinished else { return }
        let entry = Entry(index: nextIndex, message: message, eventID: eventID)
        entries.append(entry)
        bytes += entry.size
        nextIndex += 1
        trim(keepingUnread: isRead)
    }

    /// Nothing is added any more.
    mutating func finish() { isFinished = true }

    /// Everything that was not read.
    mutating func readAll() -> [Entry] {
        let unread = entries.filter { $0.index >= readIndex }
        readIndex = nextIndex
        trim(keepingUnread: true)
        return unread
    }

    /// Goes back to read again what follows a message.
    ///
    /// - Returns: `false` if there never was such a message, or what follows it is not kept any more.
    mutating func rewind(after index: Int) -> Bool {
        guard (-1..<nextIndex).contains(index), index + 1 >= (entries.first?.index ?? nextIndex) else { return false }
        readIndex = index + 1
        return true
    }

    private mutating func trim(keepingUnread: Bool) {
        var removed = 0
        // The last message stays even if it is larger than the limit: it is what the client comes back for.
        while removed < entries.count - (limits.replayEvents > 0 || !keepingUnread ? 1 : 0) {
            let kept = keepingUnread ? limits.replayEvents : max(limits.replayEvents, limits.unread)
            let isOver = entries.count - removed > kept || bytes > limits.replayBytes
            let entry = entries[removed]
            guard isOver, !keepingUnread || entry.index < readIndex else { break }
            bytes -= entry.size
            removed += 1
        }
        entries.removeFirst(removed)
        if let first = entries.first { readIndex = max(readIndex, first.index) }
    }
}
