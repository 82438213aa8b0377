import Synchronization
import Testing

@testable import ControllerRuntime

/// A clock that does not advance until a test moves it.
final class ManualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration = .zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant()
        var lastID = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []

        /// Removes the sleepers that are due, the earliest first.
        mutating func removeDue() -> [Sleeper] {
            let due = sleepers.filter { $0.value.deadline <= now }
            for id in due.keys { sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .nanoseconds(1) }

    /// The remaining time of each sleeper, the next one first.
    var pending: [Duration] {
        state.withLock { state in state.sleepers.values.map { state.now.duration(to: $0.deadline) }.sorted() }
    }

    func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let immediate: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let immediate { continuation.resume(with: immediate) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                if let sleeper = state.sleepers.removeValue(forKey: id) { return sleeper }
                state.cancelled.insert(id)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Advances the time, and wakes the sleepers that are due.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            return state.removeDue()
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until a task sleeps for exactly this duration, and then lets that time pass.
    func pass(_ duration: Duration, sourceLocation: SourceLocation = #_sourceLocation) async {
        let isThere = await holds { self.pending.contains(duration) }
        if !isThere {
            Issue.record("no task sleeps for \(duration), but \(pending)", sourceLocation: sourceLocation)
        }
        advance(by: duration)
    }

    /// Advances the time from one sleeper to the next, like real time: tasks that are due can sleep again before time
    /// advances. Ends early if `isOver` returns true. If no task sleeps, it waits until one does: a cancelled sleeper
    /// does not shorten the time.
    func passStepwise(
        _ total: Duration,
        sourceLocation: SourceLocation = #_sourceLocation,
        until isOver: () -> Bool = { false }
    ) async {
        let end = now.advanced(by: total)
        while now < end, !isOver() {
            // Whoever was woken has real time to act: otherwise the time limits of what it starts would pass at once.
            try? await Task.sleep(for: .milliseconds(10))
            if await !holds({ isOver() || self.advanceToNextSleeper(limit: end) }) {
                Issue.record("no task sleeps, and \(now.duration(to: end)) are left", sourceLocation: sourceLocation)
                return
            }
        }
    }

    /// Advances the time to the first deadline, or to `limit` if that comes first. Does nothing and returns false if no
    /// task sleeps.
    private func advanceToNextSleeper(limit: Instant) -> Bool {
        let due: [Sleeper]? = state.withLock { state in
            guard let next = state.sleepers.values.map(\.deadline).min() else { return nil }
            state.now = max(state.now, min(next, limit))
            return state.removeDue()
        }
        for sleeper in due ?? [] { sleeper.continuation.resume() }
        return due != nil
    }

    /// This clock for the runtime, with a calendar.
    func runtimeClock(wallTime: MicroTimestampSource = .fixed) -> RuntimeClock {
        let origin = now
        return RuntimeClock(self, wallTime: { wallTime.read(origin.duration(to: self.now)) })
    }
}
