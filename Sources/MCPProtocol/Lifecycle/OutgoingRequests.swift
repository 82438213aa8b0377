/// The requests that one side has sent and not seen answered, with the rules for ids, progress, cancelling and late answers. No
/// clock: the caller reports that a request's time has passed.
public struct OutgoingRequests: Sendable {
    /// How a request is cancelled.
    public enum CancellationForm: Sendable, Hashable {
        /// With `notifications/cancelled`: in the legacy era, and over stdio.
        case notification
        /// By closing the response stream: over HTTP since 2026-07-28 (M12).
        case closingStream
    }

    /// Why a request cannot be sent.
    public enum Refusal: Error, Sendable, Hashable {
        /// A request with this id has no answer yet, or was given up a short while ago.
        case idInUse(RequestID)
        /// A request with this progress token has no answer yet.
        case progressTokenInUse(ProgressToken)
        /// The progress token is neither a string nor an integer.
        case invalidProgressToken(MessageFieldError)
        /// As many requests as allowed are in flight.
        case tooMany(limit: Int)
    }

    /// What to do with a response.
    public enum ResponseVerdict: Sendable, Hashable {
        /// It answers this request, which is over.
        case deliver(JSONRPCRequest)
        /// It answers a request that was cancelled or timed out: ignore it.
        case late
        /// It answers no request that was sent, or has no id.
        case unknown
    }

    /// What to do with a progress notification.
    public enum ProgressVerdict: Sendable, Hashable {
        /// It belongs to this request.
        case deliver(RequestID)
        /// Progress did not grow: ignore it.
        case notGrowing
        /// It belongs to no request in flight: ignore it.
        case unknown
    }

    /// What to do to stop a request.
    public enum StopAction: Sendable, Hashable {
        /// Send this notification, and wait no longer.
        case send(JSONRPCNotification)
        /// Close the response stream, and wait no longer.
        case closeStream
        /// Send nothing, and wait no longer: `initialize` cannot be cancelled.
        case abandon
        /// The request is not in flight: do nothing.
        case nothing
    }

    private struct Entry: Sendable {
        var request: JSONRPCRequest
        var token: ProgressToken?
        var progress: Double?
    }

    private let form: CancellationForm
    private let maximumInFlight: Int
    private let maximumRemembered: Int
    private var entries: [RequestID: Entry] = [:]
    private var tokens: [ProgressToken: RequestID] = [:]
    /// Requests that were given up, oldest first, whose answers may still come.
    private var abandoned: Set<RequestID> = []
    private var abandonedOrder: [RequestID] = []

    /// - Parameters:
    ///   - maximumInFlight: 1,000 by default.
    ///   - maximumRemembered: how many requests that were given up are remembered, so that their late answers are recognised; 1,000 by
    ///     default.
    public init(cancelling form: CancellationForm, maximumInFlight: Int = 1_000, maximumRemembered: Int = 1_000) {
        self.form = form
        self.maximumInFlight = maximumInFlight
        self.maximumRemembered = maximumRemembered
    }

    /// The ids of the requests in flight.
    public var inFlight: Set<RequestID> { Set(entries.keys) }

    /// Records a request that is about to be sent.
    ///
    /// - Throws: `Refusal` if it must not be sent.
    public mutating func start(_ request: JSONRPCRequest) throws(Refusal) {
        guard entries[request.id] == nil, !abandoned.contains(request.id) else { throw .idInUse(request.id) }
        guard entries.count < maximumInFlight else { throw .tooMany(limit: maximumInFlight) }
        let token: ProgressToken?
        do throws(MessageFieldError) {
            token = try request.progressToken()
        } catch {
            throw .invalidProgressToken(error)
        }
        if let token {
            guard tokens[token] == nil else { throw .progressTokenInUse(token) }
            tokens[token] = request.id
        }
        entries[request.id] = Entry(request: request, token: token)
    }

    /// Takes a response.
    public mutating func receive(_ response: JSONRPCResponse) -> ResponseVerdict {
        guard let id = response.id else { return .unknown }
        if let entry = remove(id) { return .deliver(entry.request) }
        if abandoned.remove(id) != nil {
            abandonedOrder.removeAll { $0 == id }
            return .late
        }
        return .unknown
    }

    /// Takes a progress notification.
    public mutating func receive(_ progress: ProgressParams) -> ProgressVerdict {
        guard let id = tokens[progress.token] else { return .unknown }
        if let last = entries[id]?.progress, progress.progress <= last { return .notGrowing }
        entries[id]?.progress = progress.progress
        return .deliver(id)
    }

    /// The caller wants no answer any more.
    public mutating func cancel(_ id: RequestID, reason: String? = nil) -> StopAction {
        stop(id, reason: reason)
    }

    /// The time that the caller allows for an answer has passed.
    public mutating func timedOut(_ id: RequestID) -> StopAction {
        stop(id, reason: "timed out")
    }

    /// The connection or session is gone, and with it every answer.
    ///
    /// - Returns: the requests that were in flight, which have failed.
    public mutating func connectionLost() -> [JSONRPCRequest] {
        defer {
            entries = [:]
            tokens = [:]
            abandoned = []
            abandonedOrder = []
        }
        return entries.values.map(\.request)
    }

    private mutating func stop(_ id: RequestID, reason: String?) -> StopAction {
        guard let entry = remove(id) else { return .nothing }
        abandoned.insert(id)
        abandonedOrder.append(id)
        if abandonedOrder.count > maximumRemembered { abandoned.remove(abandonedOrder.removeFirst()) }
        if entry.request.method == Method.initialize.rawValue { return .abandon }
        switch form {
        case .notification: return .send(CancelledParams(requestID: id, reason: reason).notification)
        case .closingStream: return .closeStream
        }
    }

    private mutating func remove(_ id: RequestID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        if let token = entry.token { tokens[token] = nil }
        return entry
    }
}
