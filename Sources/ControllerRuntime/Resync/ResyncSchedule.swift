internal import KubernetesAPI

/// When the next full resync is due.
///
/// Each wait is longer than the interval by up to 10 %, at random, so that replicas and kinds do not resync at the same
/// time. The next wait starts when the previous resync ends, so a process that was suspended for many intervals resyncs
/// once.
struct ResyncSchedule: Sendable {
    typealias Instant = RuntimeClock.Instant

    /// The next action.
    enum Step: Sendable, Equatable {
        /// Nothing is due before this time.
        case wait(until: Instant)
        /// Resync now, then call `next` again.
        case resync
    }

    private enum Phase: Sendable {
        /// No wait has started since the start or the last resync.
        case idle
        case waiting(until: Instant)
    }

    /// The maximum share of the interval that is added at random.
    static let jitter = 0.1

    private let interval: Duration
    private var random: SplitMix64
    private var phase = Phase.idle

    init(interval: Duration, seed: UInt64) {
        self.interval = interval
        random = SplitMix64(seed: seed)
    }

    /// The next step at `now`.
    mutating func next(now: Instant) -> Step {
        switch phase {
        case .idle:
            let wait = interval * (1 + Double.random(in: 0...Self.jitter, using: &random))
            let due = now.advanced(by: wait)
            phase = .waiting(until: due)
            return .wait(until: due)
        case .waiting(let due) where now < due:
            return .wait(until: due)
        case .waiting:
            phase = .idle
            return .resync
        }
    }
}
