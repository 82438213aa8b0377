internal import Crypto
internal import FoundationEssentials
internal import MCPProtocol
internal import MCPTransport

/// Ids of events that clients come back with (`Last-Event-ID`), sealed with AES-256-GCM: which backend's stream it is, and the backend's own id.
/// For another session, and for another principal, they do not open. Any gateway with the keys opens them, and none keeps anything.
struct EventSeal: Sendable {
    /// What an id says.
    struct Event: Sendable, Hashable {
        var backend: String
        /// The id of the event at the backend.
        var id: String
        /// Whether it is on the stream of the session, and not on that of an answer.
        var isOfSession: Bool
    }

    private let keys: SessionKeys

    init(keys: SessionKeys) { self.keys = keys }

    /// - Returns: `nil` if the id would be too long for a header field.
    func seal(_ event: Event, in session: ServerSession) -> String? {
        let content: RawJSON = [.string(event.backend), .string(event.id), .bool(event.isOfSession)]
        guard let sealed = keys.seal(Array(content.bytes), context(session)), sealed.utf8.count <= 4_096 else {
            return nil
        }
        return sealed
    }

    func open(_ text: String, in session: ServerSession) -> Event? {
        guard let bytes = keys.open(text, context(session)), let json = try? RawJSON(parsing: bytes),
            let parts = json.elements, parts.count == 3, let backend = parts[0].stringValue,
            let id = parts[1].stringValue, let isOfSession = parts[2].boolValue
        else { return nil }
        return Event(backend: backend, id: id, isOfSession: isOfSession)
    }

    private func context(_ session: ServerSession) -> [UInt8] {
        Array("event\n\(session.id)\n\(session.principal.id)".utf8)
    }
}
