internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// A legacy session of a client with a route, and the sessions with the backends behind it.
final class ClientSession: Sendable {
    private struct State {
        var links: [String: any BackendLink] = [:]
        var logLevel: JSONRPCRequest?
        /// Resources whose updates the client wants, by the id of the backend.
        var resources: [String: Set<String>] = [:]
        /// The events after which the client wants what backends say on their own account, by the id of the backend.
        var positions: [String: String] = [:]
        /// How to stop reading what the backends say on their own account.
        var listening: Signal?
    }

    let session: ServerSession
    /// Whether several backends are behind the session, which goes on when one of them is gone.
    private let isJoined: Bool
    private let state = Mutex(State())

    init(_ session: ServerSession, isJoined: Bool) {
        self.session = session
        self.isJoined = isJoined
    }

    /// The links that there are, by backend.
    var links: [String: any BackendLink] { state.withLock { $0.links } }

    /// The link to a backend, which is made if there is none.
    func link(to upstream: Upstream) async throws -> any BackendLink {
        let agreement = try await upstream.agreement()
        return state.withLock { state in
            if let link = state.links[upstream.backend.id], link.agreement == agreement { return link }
            let link = upstream.makeLink(
                agreement,
                clientInfo: session.clientInfo,
                capabilities: session.clientCapabilities,
                movesToOtherPods: isJoined
            )
            // What another gateway, or this one in an earlier life, has opened is continued.
            if let legacy = link as? LegacyLink,
                let known = Continuation(session.continuation).sessions[upstream.backend.id]
            {
                legacy.resume(known)
            }
            state.links[upstream.backend.id] = link
            return link
        }
    }

    /// Puts the sessions with the backends into the session's id.
    func seal() {
        let sessions = state.withLock { state in
            state.links.compactMapValues { ($0 as? LegacyLink)?.continuation }
        }
        session.continuation = Continuation(sessions: sessions).bytes
    }

    var logLevel: JSONRPCRequest? {
        get { state.withLock { $0.logLevel } }
        set { state.withLock { $0.logLevel = newValue } }
    }

    /// The level in a form for requests of 2026-07-28.
    var logLevelName: String? { logLevel?.params?["level"]?.stringValue }

    func resources(of backend: String) -> Set<String> { state.withLock { $0.resources[backend] ?? [] } }

    /// Notes that the client wants updates of a resource, or does not want them any more.
    ///
    /// - Returns: whether that is new.
    func want(_ uri: String, of backend: String, _ isWanted: Bool) -> Bool {
        state.withLock { state in
            isWanted
                ? state.resources[backend, default: []].insert(uri).inserted
                : state.resources[backend]?.remove(uri) != nil
        }
    }

    /// The client comes back to the stream of the session after an event of a backend.
    func resume(after eventID: String, of backend: String) {
        state.withLock { $0.positions[backend] = eventID }
    }

    /// The event after which the client wants what a backend says on its own account; once.
    func takePosition(of backend: String) -> String? { state.withLock { $0.positions.removeValue(forKey: backend) } }

    /// Stops listening, and returns the signal of the next time.
    func restartListening() -> Signal {
        let next = Signal()
        state.withLock { state in
            state.listening?.finish()
            state.listening = next
        }
        return next
    }

    func stopListening() {
        state.withLock { state in
            state.listening?.finish()
            state.listening = nil
        }
    }

    var isListening: Bool { state.withLock { $0.listening != nil } }

    func end(endsSessions: Bool) async {
        stopListening()
        let links = state.withLock { state in
            defer { state.links = [:] }
            return Array(state.links.values)
        }
        for link in links { await link.close(endsSession: endsSessions) }
    }
}

/// The sessions with backends that a session's id carries. Pure.
struct Continuation: Sendable, Hashable {
    struct Session: Sendable, Hashable {
        var version: ProtocolVersion
        /// The pod that has the session.
        var pod: String
        var sessionID: String
    }

    /// By the id of the backend.
    var sessions: [String: Session] = [:]

    init(sessions: [String: Session]) { self.sessions = sessions }

    /// Reads what ``bytes`` writes; anything else is not a session.
    init(_ bytes: [UInt8]) {
        guard let json = try? RawJSON(parsing: bytes) else { return }
        for member in json.members ?? [] {
            guard let parts = member.value.elements, parts.count == 3, let version = parts[0].stringValue,
                let pod = parts[1].stringValue, let id = parts[2].stringValue
            else { continue }
            sessions[member.name] = Session(version: ProtocolVersion(rawValue: version), pod: pod, sessionID: id)
        }
    }

    var bytes: [UInt8] {
        let members: [(String, RawJSON?)] = sessions.sorted { $0.key < $1.key }.map { backend, session in
            (backend, [.string(session.version.rawValue), .string(session.pod), .string(session.sessionID)])
        }
        return Array(RawJSON.object(members).bytes)
    }
}

/// The id under which a client sees the request of a backend: it names the backend, so that any gateway can pass the answer on.
enum ForwardedID {
    /// The request of a backend, as the client sees it.
    static func forward(_ request: JSONRPCRequest, of backend: String) -> JSONRPCRequest {
        request.with(id: .string("\(backend)#\(request.id.json.text)"))
    }

    static func read(_ id: RequestID) -> (backend: String, id: RequestID)? {
        guard case .string(let text) = id, let mark = text.firstIndex(of: "#"),
            let json = try? RawJSON(parsing: String(text[text.index(after: mark)...])),
            let original = try? RequestID(json)
        else { return nil }
        return (String(text[..<mark]), original)
    }
}
