package import NIOCore
internal import NIOPosix
internal import Synchronization

/// Waits for limits of time, which are rarely reached: a wait that ends early costs no timer of its own. Waits last up to a tenth of a second
/// longer than asked for.
package final class CoarseTimer: Sendable {
    /// A limit of time that is watched.
    package struct Limit: Sendable {
        fileprivate let number: UInt64
    }

    private struct Waiting {
        var deadline: NIODeadline
        var onEnd: @Sendable () -> Void
    }

    private struct State {
        var waiting: [UInt64: Waiting] = [:]
        var next: UInt64 = 0
        var isTicking = false
    }

    /// The timer of this process.
    package static let shared = CoarseTimer()

    /// The shortest limit that this timer is good for.
    package static let shortestLimit = Duration.seconds(1)

    private static let tick = TimeAmount.milliseconds(100)
    private let state = Mutex(State())

    package init() {}

    /// Watches a limit of time.
    ///
    /// - Parameter onEnd: is called on an event loop when the time is over, so it must be short.
    package func start(_ duration: Duration, onEnd: @escaping @Sendable () -> Void) -> Limit {
        let deadline = NIODeadline.now() + duration.timeAmount
        let (limit, starts) = state.withLock { state in
            state.next += 1
            state.waiting[state.next] = Waiting(deadline: deadline, onEnd: onEnd)
            defer { state.isTicking = true }
            return (Limit(number: state.next), !state.isTicking)
        }
        if starts { scheduleTick() }
        return limit
    }

    /// Watches a limit no more.
    package func stop(_ limit: Limit) { state.withLock { _ = $0.waiting.removeValue(forKey: limit.number) } }

    /// Waits for a time.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        let isOver = Signal()
        let limit = start(duration) { isOver.fire() }
        defer { stop(limit) }
        guard await isOver.wait() else { throw CancellationError() }
    }

    private func scheduleTick() {
        MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: Self.tick) { self.wake() }
    }

    private func wake() {
        let now = NIODeadline.now()
        let (due, goesOn) = state.withLock { state in
            let due = state.waiting.filter { $0.value.deadline <= now }
            for id in due.keys { state.waiting[id] = nil }
            state.isTicking = !state.waiting.isEmpty
            return (due.values.map(\.onEnd), state.isTicking)
        }
        for onEnd in due { onEnd() }
        if goesOn { scheduleTick() }
    }
}

extension Clock<Duration> {
    /// Waits for a limit of time of a request. On the system's clock, limits of a second and more share one timer.
    package func sleep(forLimit limit: Duration) async throws {
        if self is ContinuousClock, limit >= CoarseTimer.shortestLimit {
            try await CoarseTimer.shared.sleep(for: limit)
        } else {
            try await sleep(for: limit)
        }
    }
}
