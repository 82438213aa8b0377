internal import Synchronization

/// The event ids of the stream of a legacy backend, as far as the client has got, so that it can come back through any gateway. Nothing of the
/// stream is kept.
///
/// Messages of a stream are passed on one after the other: ``id`` is that of the message that is passed on now.
final class EventTrail: Sendable {
    private struct State {
        var current: String?
        var hasEvents = false
        var isAbandoned = false
    }

    /// Makes of an id of the backend one for the client.
    private let seal: @Sendable (String) -> String?
    /// Sends an id without a message.
    private let send: @Sendable (String) async throws -> Void
    /// The event after which the backend's stream is read; `nil` for all of it.
    let start: String?
    private let state = Mutex(State())

    init(
        start: String? = nil,
        seal: @escaping @Sendable (String) -> String?,
        mark: @escaping @Sendable (String) async throws -> Void = { _ in }
    ) {
        self.start = start
        self.seal = seal
        send = mark
    }

    /// The id for the message that is passed on now; `nil` if it has none.
    var id: String? { state.withLock { $0.current }.flatMap(seal) }

    /// The next message has this id at the backend.
    func next(_ id: String?) {
        state.withLock { state in
            state.current = id
            if id != nil { state.hasEvents = true }
        }
    }

    /// The backend has sent an id without a message.
    func mark(_ id: String) async throws {
        next(id)
        if let sealed = seal(id) { try await send(sealed) }
    }

    /// Whether the client can come back to the stream.
    var isResumable: Bool { state.withLock { $0.hasEvents } }

    /// The client has left, and the stream is read no more. The request goes on at the backend.
    func abandon() { state.withLock { $0.isAbandoned = true } }
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }
}
