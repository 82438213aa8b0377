import Synchronization

/// Shows that a loop makes progress: the loop beats, and a health check reads how long ago the last beat was.
public final class Heartbeat: Sendable {
    /// The time without a beat after which the process is considered not alive.
    public let limit: Duration

    private let clock: RuntimeClock
    private let lastBeat: Mutex<RuntimeClock.Instant?>

    public init(limit: Duration, clock: RuntimeClock = .system) {
        self.limit = limit
        self.clock = clock
        lastBeat = Mutex(nil)
    }

    /// Records that the loop makes progress.
    public func beat() {
        let now = clock.now
        lastBeat.withLock { $0 = now }
    }

    /// Records that the loop has ended as intended.
    public func stop() {
        lastBeat.withLock { $0 = nil }
    }

    /// The time since the last beat if that exceeds the limit; `nil` otherwise, and before the loop has started.
    public var overdue: Duration? {
        guard let last = lastBeat.withLock({ $0 }) else { return nil }
        let silence = last.duration(to: clock.now)
        return silence > limit ? silence : nil
    }
}
