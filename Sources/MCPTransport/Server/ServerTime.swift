internal import Synchronization

/// A clock whose instants are the time since the server was made.
struct ServerTime: Sendable {
    private let read: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void
    private let isSystemClock: Bool

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        read = { start.duration(to: clock.now) }
        wait = { duration in try await clock.sleep(for: duration) }
        isSystemClock = clock is ContinuousClock
    }

    var now: Duration { read() }

    func sleep(for duration: Duration) async throws { try await wait(duration) }

    /// Runs work for at most a time, and only until it is stopped.
    ///
    /// - Parameters:
    ///   - limit: `nil` for none.
    ///   - stop: finishes when the work is to be stopped. Nobody else may wait for it.
    /// - Throws: `TimeLimitExceeded` when the time is over, `WorkStopped` when the work is stopped, or what it throws. The work is cancelled
    ///   then.
    func limit<Value: Sendable>(
        _ limit: Duration?,
        until stop: Signal = Signal(),
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let race = Race(stop)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                defer { race.end(.work) }
                return try await work()
            }
            var shared: CoarseTimer.Limit?
            if let limit, isSystemClock, limit >= CoarseTimer.shortestLimit {
                // No task is needed to wait for it.
                shared = CoarseTimer.shared.start(limit) { race.end(.time) }
            } else if let limit {
                group.addTask {
                    try await sleep(for: limit)
                    race.end(.time)
                    return nil
                }
            }
            defer {
                if let shared { CoarseTimer.shared.stop(shared) }
                group.cancelAll()
            }
            switch await race.winner() {
            case .time: throw TimeLimitExceeded(limit: limit ?? .zero)
            case nil:
                try Task.checkCancellation()
                throw WorkStopped()
            case .work: break
            }
            while let part = try await group.next() {
                if let value = part { return value }
            }
            throw CancellationError()
        }
    }
}

/// What ends first: work, or the time for it.
private final class Race: Sendable {
    enum Part: Sendable { case work, time }

    private let first = Mutex<Part?>(nil)
    private let isOver: Signal

    init(_ isOver: Signal) { self.isOver = isOver }

    func end(_ part: Part) {
        first.withLock { $0 = $0 ?? part }
        isOver.fire()
    }

    /// Waits for what ends first; `nil` if the signal finishes before, or the task is cancelled.
    func winner() async -> Part? { await isOver.wait() ? first.withLock { $0 } : nil }
}

/// Something took longer than it may.
struct TimeLimitExceeded: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "it took longer than \(limit)" }
}

/// Work was stopped before it was done.
struct WorkStopped: Error, CustomStringConvertible {
    var description: String { "it was stopped" }
}
