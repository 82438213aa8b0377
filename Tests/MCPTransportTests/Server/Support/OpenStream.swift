import AsyncHTTPClient
import MCPProtocol
import NIOHTTP1
import Synchronization

/// An event stream that is being read.
final class OpenStream: Sendable {
    private struct State {
        var status: Int?
        var parser = EventStreamParser()
        var events: [ServerSentEvent] = []
        var taken = 0
        var bytes: [UInt8] = []
        var isOver = false
    }

    private let state = Mutex(State())

    func opened(_ response: HTTPClientResponse) { state.withLock { $0.status = Int(response.status.code) } }

    func received(_ piece: [UInt8]) {
        state.withLock { state in
            state.bytes += piece
            state.events += (try? state.parser.feed(piece)) ?? []
        }
    }

    func ended() { state.withLock { $0.isOver = true } }

    /// All bytes so far.
    var bytes: [UInt8] { state.withLock { $0.bytes } }
    /// The id to resume with.
    var lastEventID: String? { state.withLock { $0.parser.lastEventID } }

    /// Waits for the status.
    func status() async throws -> Int {
        try await eventually("the response begins") { self.state.withLock { $0.status != nil } }
        return state.withLock { $0.status ?? 0 }
    }

    /// Waits for the next message.
    func next() async throws -> JSONRPCMessage {
        try await eventually("another event, after \(state.withLock { $0.taken })") {
            self.state.withLock { $0.events.count > $0.taken }
        }
        let event = state.withLock { state in
            defer { state.taken += 1 }
            return state.events[state.taken]
        }
        return try JSONRPCMessage(parsing: event.data)
    }

    /// Waits until the server ends the stream.
    func end() async throws { try await eventually("the stream ends") { self.state.withLock { $0.isOver } } }
}
