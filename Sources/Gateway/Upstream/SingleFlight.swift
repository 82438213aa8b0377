internal import Synchronization

/// Lets one task do work that several wait for.
final class SingleFlight: Sendable {
    private let waiting = Mutex<[AsyncStream<Void>.Continuation]?>(nil)

    /// Runs the work, or waits until another task that is running it is done.
    ///
    /// - Returns: whether this task has run it.
    func run(_ work: () async throws -> Void) async throws -> Bool {
        let (done, continuation) = AsyncStream<Void>.makeStream()
        let isFirst = waiting.withLock { waiting in
            if waiting == nil {
                waiting = []
                return true
            }
            waiting?.append(continuation)
            return false
        }
        guard isFirst else {
            for await _ in done {}
            try Task.checkCancellation()
            return false
        }
        defer {
            let others = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting ?? []
            }
            for other in others { other.finish() }
        }
        try await work()
        return true
    }
}
