/// A session of the legacy era over HTTP on the client's side: its id, and when it has to be opened again (2025-11-25, Transports,
/// Session Management).
public struct LegacyClientSession: Sendable, Hashable {
    /// What an HTTP status says about the session.
    public enum Verdict: Sendable, Hashable {
        /// Nothing.
        case unchanged
        /// The server has ended it: send `initialize` again, without a session id. Reported once for each session.
        case openAgain
        /// It was opened again meanwhile: send the request again with the new id.
        case retry
    }

    /// The version of the session.
    public let version: ProtocolVersion
    /// `nil` where the server keeps no sessions.
    public private(set) var sessionID: String?
    private var isExpired = false
    private var earlierIDs: Set<String> = []

    /// - Parameters:
    ///   - version: that was negotiated.
    ///   - headers: of the response to `initialize`.
    /// - Throws: `MessageFieldError` if the session id is not visible ASCII or is there twice.
    public init(version: ProtocolVersion, headers: HeaderFields) throws(MessageFieldError) {
        self.version = version
        sessionID = try Self.sessionID(in: headers)
    }

    private static func sessionID(in headers: HeaderFields) throws(MessageFieldError) -> String? {
        let ids = headers[all: HeaderName.sessionID]
        guard ids.count <= 1, ids.allSatisfy(ServerRules.isSessionID) else {
            throw MessageFieldError(field: HeaderName.sessionID, problem: "must be there once and be visible ASCII")
        }
        return ids.first
    }

    /// Takes the status of a response.
    ///
    /// - Parameter sentID: the session id that the request carried.
    public mutating func receive(status: Int, sentID: String?) -> Verdict {
        guard status == 404, let sentID else { return .unchanged }
        if sentID != sessionID { return earlierIDs.contains(sentID) ? .retry : .unchanged }
        if isExpired { return .unchanged }
        isExpired = true
        return .openAgain
    }

    /// The session was opened again.
    ///
    /// - Throws: `MessageFieldError` if the session id is not visible ASCII or is there twice.
    public mutating func opened(headers: HeaderFields) throws(MessageFieldError) {
        let new = try Self.sessionID(in: headers)
        // Only requests that were under way then can come back with the id before.
        earlierIDs = sessionID.map { [$0] } ?? []
        sessionID = new
        isExpired = false
    }
}
