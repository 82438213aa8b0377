/// The id of an event in a session: which stream it is on, and how many of the stream's messages the client has with it.
struct EventID: Equatable {
    let stream: Int
    let received: Int

    var text: String { "\(stream)-\(received)" }

    init(stream: Int, received: Int) {
        self.stream = stream
        self.received = received
    }

    /// Reads an id.
    ///
    /// - Returns: `nil` if it is not one that ``text`` writes.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let stream = Int(parts[0]), let received = Int(parts[1]), stream >= 0, received >= 0
        else { return nil }
        self.init(stream: stream, received: received)
        guard self.text == text else { return nil }
    }
}
