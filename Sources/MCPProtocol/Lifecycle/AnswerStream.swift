/// The stream with which a server answers one request over Streamable HTTP, on the client's side.
public struct AnswerStream: Sendable {
    /// What a message on the stream is.
    public enum Event: Sendable, Hashable {
        /// A notification about the request.
        case notification(JSONRPCNotification)
        /// A request of the server; only in the legacy era.
        case request(JSONRPCRequest)
        /// The answer.
        case response(JSONRPCResponse)
    }

    /// What the end of the stream means.
    public enum Ending: Sendable, Hashable {
        /// The answer was there.
        case complete
        /// The answer is still to come: GET with this `Last-Event-ID`; only in the legacy era.
        case resume(lastEventID: String)
        /// The answer is lost. In the modern era the request can be sent again under another id.
        case lost
    }

    private let id: RequestID
    private let era: ProtocolVersion.Era
    private var isAnswered = false

    /// The stream that answers a request with this id.
    public init(for id: RequestID, era: ProtocolVersion.Era) {
        self.id = id
        self.era = era
    }

    /// Takes a message.
    ///
    /// - Throws: `ProtocolError` if the server must not send it: a request in the modern era (M11), the response to another request, or
    ///   anything after the response.
    public mutating func receive(_ message: JSONRPCMessage) throws(ProtocolError) -> Event {
        guard !isAnswered else {
            throw ProtocolError(.invalidRequest, "The server sent a message after the response to \(id)")
        }
        switch message {
        case .notification(let notification): return .notification(notification)
        case .request(let request):
            guard era == .legacy else {
                throw ProtocolError(.invalidRequest, "The server sent the request \(request.method) to the client")
            }
            return .request(request)
        case .response(let response):
            // An error without an id can only be about the one request that the stream answers.
            guard response.id == id || (response.id == nil && response.error != nil) else {
                throw ProtocolError(
                    .invalidRequest,
                    "The server answered \(response.id?.description ?? "no request") on the stream of \(id)"
                )
            }
            isAnswered = true
            return .response(response)
        }
    }

    /// The stream has ended.
    ///
    /// - Parameter lastEventID: of the stream's parser.
    public func ended(lastEventID: String?) -> Ending {
        if isAnswered { return .complete }
        if era == .legacy, let lastEventID, !lastEventID.isEmpty { return .resume(lastEventID: lastEventID) }
        return .lost
    }
}
