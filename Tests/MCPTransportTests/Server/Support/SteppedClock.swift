import Synchronization

/// A clock that stands still until a test moves it.
final class SteppedClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration = .zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant()
        var sleepers: [Int: (deadline: Instant, wake: AsyncStream<Void>.Continuation)] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let (woken, wake) = AsyncStream<Void>.makeStream()
        let number = state.withLock { state in
            state.last += 1
            if deadline <= state.now { wake.finish() } else { state.sleepers[state.last] = (deadline, wake) }
            return state.last
        }
        defer { state.withLock { _ = $0.sleepers.removeValue(forKey: number) } }
        for await _ in woken {}
        try Task.checkCancellation()
    }

    /// Waits until a task sleeps for exactly this time, and then lets it pass.
    func pass(_ duration: Duration) async throws {
        try await eventually("a task sleeps for \(duration)") {
            self.state.withLock { state in
                state.sleepers.values.contains { state.now.duration(to: $0.deadline) == duration }
            }
        }
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            return state.sleepers.values.filter { $0.deadline <= state.now }.map(\.wake)
        }
        for wake in due { wake.finish() }
    }
}
