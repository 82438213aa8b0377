package import NIOCore
internal import NIOPosix
internal import Synchronization

/// Waits for limits of time, which are rarely reached: a wait that ends early costs no timer of its own. Waits last up to a tenth of a second
/// longer than asked for.
package final class CoarseTimer: Sendable {
    private struct Waiting {
        var deadline: NIODeadline
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waiting: [UInt64: Waiting] = [:]
        var next: UInt64 = 0
        var isTicking = false
    }

    /// The timer of this process.
    package static let shared = CoarseTimer()

    private static let tick = TimeAmount.milliseconds(100)
    private let state = Mutex(State())

    package init() {}

    /// Waits for a time.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        let deadline = NIODeadline.now() + duration.timeAmount
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A cancellation before this has found nothing to end.
                let (isCancelled, starts) = state.withLock { state -> (Bool, Bool) in
                    guard !Task.isCancelled else { return (true, false) }
                    state.waiting[id] = Waiting(deadline: deadline, continuation: continuation)
                    defer { state.isTicking = true }
                    return (false, !state.isTicking)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                if starts { scheduleTick() }
            }
        } onCancel: {
            let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
            waiting?.continuation.resume(throwing: CancellationError())
        }
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
            return (due.values.map(\.continuation), state.isTicking)
        }
        for continuation in due { continuation.resume() }
        if goesOn { scheduleTick() }
    }
}

extension Clock<Duration> {
    /// Waits for a limit of time of a request. On the system's clock, limits of a second and more share one timer.
    package func sleep(forLimit limit: Duration) async throws {
        if self is ContinuousClock, limit >= .seconds(1) {
            try await CoarseTimer.shared.sleep(for: limit)
        } else {
            try await sleep(for: limit)
        }
    }
}
