public import MCPProtocol

/// Puts sessions of the legacy era into their own ids, so that any of several servers behind one address can continue them: the
/// value of `Mcp-Session-Id` contains the session, encrypted.
///
/// A session id does not authenticate: a session is only opened for the principal that it was sealed for.
public protocol SessionSealer: Sendable {
    /// The value of `Mcp-Session-Id`: visible ASCII, at most 4 KiB.
    ///
    /// - Throws: an error if the session does not fit.
    func seal(_ session: SealedSession, for principal: Principal) throws -> String

    /// The session in an id, or `nil` if the id is not valid for this principal.
    func open(_ id: String, for principal: Principal) -> SealedSession?
}

/// What another server needs to continue a session.
public struct SealedSession: Sendable, Hashable {
    /// The name of the session, by which servers that have it in memory find it.
    public var id: String
    /// The version of the session.
    public var version: ProtocolVersion
    /// What the client can do.
    public var clientCapabilities: ClientCapabilities
    /// Who the client says it is.
    public var clientInfo: Implementation?
    /// What the handler needs to continue; see ``ServerSession/continuation``.
    public var continuation: [UInt8]

    public init(
        id: String,
        version: ProtocolVersion,
        clientCapabilities: ClientCapabilities,
        clientInfo: Implementation?,
        continuation: [UInt8]
    ) {
        self.id = id
        self.version = version
        self.clientCapabilities = clientCapabilities
        self.clientInfo = clientInfo
        self.continuation = continuation
    }
}

/// The names of sessions that clients have ended, so that their ids, which stay valid as long as they can be decrypted, are not opened
/// again here. Bounded: the oldest are forgotten first.
struct EndedSessions: Sendable {
    private let limit: Int
    private var names: Set<String> = []
    private var order: [String] = []
    private var oldest = 0

    init(limit: Int) { self.limit = limit }

    func contains(_ name: String) -> Bool { names.contains(name) }

    mutating func insert(_ name: String) {
        guard names.insert(name).inserted else { return }
        guard order.count == limit else { return order.append(name) }
        names.remove(order[oldest])
        order[oldest] = name
        oldest = (oldest + 1) % limit
    }
}
