internal import MCPProtocol
internal import Synchronization

/// The stream of a legacy session while it is read in the background, and those who follow its changes.
///
/// A client that offers the server something, such as elicitation, has to read it: servers may make their requests there.
final class SessionStream: Sendable {
    typealias Report = @Sendable (MCPChange) throws -> Void

    private struct Follower {
        let filter: SubscriptionFilter
        let report: Report
        let end: AsyncThrowingStream<Never, any Error>.Continuation
    }

    private struct State {
        var isRead = false
        var isOpen = false
        var followers: [Int: Follower] = [:]
        var lastFollower = 0
    }

    private let state = Mutex(State())
    /// Asks the reader to stop.
    private let stopping = Signal()
    private let ended = Signal()

    /// Reads the stream until that is done or ``stop()`` is called.
    func run(_ read: @escaping @Sendable () async -> Void) async {
        await withDiscardingTaskGroup { group in
            let reading = Signal()
            group.addTask {
                await read()
                reading.finish()
            }
            group.addTask { [stopping] in
                await stopping.wait()
                reading.finish()
            }
            await reading.wait()
            group.cancelAll()
        }
        end()
    }

    /// The stream is going to be read, so nobody else has to open it.
    func start() { state.withLock { $0.isRead = true } }

    /// Ends the reading, and returns when it has ended.
    func stop() async {
        stopping.finish()
        if state.withLock({ $0.isRead }) { await ended.wait() }
    }

    /// The stream is open, for the first time or again.
    func opened() {
        tell { state in
            state.isOpen = true
            return Array(state.followers.values)
        } _: {
            .listening($0.filter)
        }
    }

    /// The stream cannot be read. It is tried again, but changes may be missed.
    ///
    /// - Returns: whether it was open.
    func failed(_ error: any Error) -> Bool {
        let (wasOpen, followers) = state.withLock { state in
            defer {
                state.isOpen = false
                state.followers = [:]
            }
            return (state.isOpen, Array(state.followers.values))
        }
        for follower in followers { follower.end.finish(throwing: error) }
        return wasOpen
    }

    /// A notification came.
    func received(_ notification: JSONRPCNotification) {
        tell { state in
            state.followers.values.filter { $0.filter.includes(notification) }
        } _: { _ in
            .changed(notification)
        }
    }

    /// The server has no such stream, or the connection ends.
    private func end() {
        let followers = state.withLock { state in
            state.isRead = false
            state.isOpen = false
            defer { state.followers = [:] }
            return Array(state.followers.values)
        }
        for follower in followers { follower.end.finish() }
        ended.finish()
    }

    private func tell(_ choose: (inout State) -> [Follower], _ change: (Follower) -> MCPChange) {
        for follower in state.withLock({ choose(&$0) }) {
            do {
                try follower.report(change(follower))
            } catch {
                follower.end.finish(throwing: error)
            }
        }
    }

    /// Reports changes until the stream ends.
    ///
    /// - Returns: whether the stream was read at all.
    func follow(_ filter: SubscriptionFilter, _ report: @escaping Report) async throws -> Bool {
        let (stream, continuation) = AsyncThrowingStream<Never, any Error>.makeStream()
        let follower = Follower(filter: filter, report: report, end: continuation)
        let entry = state.withLock { state -> (id: Int, isOpen: Bool)? in
            guard state.isRead else { return nil }
            state.lastFollower += 1
            state.followers[state.lastFollower] = follower
            return (state.lastFollower, state.isOpen)
        }
        guard let entry else { return false }
        defer { state.withLock { $0.followers[entry.id] = nil } }
        if entry.isOpen { try report(.listening(filter)) }
        for try await _ in stream {}
        return true
    }
}
