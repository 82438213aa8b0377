/// The requests that one side works on for another: one table for each session of the legacy era, or each stdio connection. Over HTTP
/// in the modern era every request stands alone, and ids of different clients have nothing to do with each other.
public struct IncomingRequests: Sendable {
    private struct Entry: Sendable {
        var method: String
        var isStopped = false
    }

    private let era: ProtocolVersion.Era
    private let maximumInFlight: Int
    private var entries: [RequestID: Entry] = [:]

    /// - Parameter maximumInFlight: 1,000 by default.
    public init(era: ProtocolVersion.Era, maximumInFlight: Int = 1_000) {
        self.era = era
        self.maximumInFlight = maximumInFlight
    }

    /// The ids of the requests that are worked on.
    public var inFlight: Set<RequestID> { Set(entries.keys) }

    /// Takes a request.
    ///
    /// - Throws: `ProtocolError` if one of this id is worked on already, or there are too many.
    public mutating func receive(_ request: JSONRPCRequest) throws(ProtocolError) {
        guard entries[request.id] == nil else {
            // Without the id: the sender would take the error for the answer to its first request.
            throw ProtocolError(
                .invalidRequest,
                "Invalid request: id \(request.id) is in use by a request without a response"
            )
        }
        guard entries.count < maximumInFlight else {
            throw ProtocolError(
                .internalError,
                "\(maximumInFlight) requests are in flight; wait for a response",
                id: request.id,
                httpStatus: 503
            )
        }
        entries[request.id] = Entry(method: request.method)
    }

    /// The sender cancels a request with `notifications/cancelled`.
    ///
    /// - Returns: whether work is to be stopped. Not for a request that is unknown, done, or cannot be cancelled: such a notification is
    ///   ignored.
    public mutating func cancel(_ id: RequestID) -> Bool {
        guard let entry = entries[id], !entry.isStopped, entry.method != Method.initialize.rawValue else {
            return false
        }
        entries[id]?.isStopped = true
        return true
    }

    /// The sender has closed the stream on which it waits for the response.
    ///
    /// - Returns: whether work is to be stopped: in the modern era (M12). In the legacy era a disconnect is not a cancellation; the client may
    ///   come back for the response.
    public mutating func streamClosed(_ id: RequestID) -> Bool {
        era == .modern && cancel(id)
    }

    /// Whether notifications about a request, such as progress, may be sent.
    public func mayNotify(about id: RequestID) -> Bool { entries[id].map { !$0.isStopped } ?? false }

    /// The work on a request is done.
    ///
    /// - Returns: whether the response is to be sent. Not after a cancellation.
    public mutating func complete(_ id: RequestID) -> Bool {
        guard let entry = entries.removeValue(forKey: id) else { return false }
        return !entry.isStopped
    }
}
