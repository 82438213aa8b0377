import Synchronization

/// Shows that a loop makes progress: the loop beats, and a health check looks how long ago that was.
public final class Heartbeat: Sendable {
    /// How long the loop may take without the process being called dead.
    public let limit: Duration

    private let clock: RuntimeClock
    private let lastBeat: Mutex<RuntimeClock.Instant?>

    public init(limit: Duration, clock: RuntimeClock = .system) {
        self.limit = limit
        self.clock = clock
        lastBeat = Mutex(nil)
    }

    /// Tells that the loop goes on.
    public func beat() {
        let now = clock.now
        lastBeat.withLock { $0 = now }
    }

    /// Tells that the loop has ended, as it should: nothing is expected of it any more.
    public func stop() {
        lastBeat.withLock { $0 = nil }
    }

    /// How long the loop has been silent beyond its limit; `nil` while all is well, and before the loop began.
    public var overdue: Duration? {
        guard let last = lastBeat.withLock({ $0 }) else { return nil }
        let silence = last.duration(to: clock.now)
        return silence > limit ? silence : nil
    }
}
