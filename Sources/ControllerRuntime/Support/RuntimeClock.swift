public import KubernetesAPI

import struct FoundationEssentials.Date

/// The clock of the runtime. It wraps any `Clock`, so that types do not have to be generic over it, and tests can use a
/// clock that they advance manually.
///
/// It counts from its creation. Only instants of the same clock can be compared.
public struct RuntimeClock: Clock {
    /// A point in time, as the time since the clock was created.
    public struct Instant: InstantProtocol, CustomStringConvertible {
        /// The time since the clock was created.
        public var offset: Duration

        public init(offset: Duration = .zero) {
            self.offset = offset
        }

        public func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        public func duration(to other: Instant) -> Duration {
            other.offset - offset
        }

        public static func < (left: Instant, right: Instant) -> Bool {
            left.offset < right.offset
        }

        public var description: String { "\(offset)" }
    }

    private let readNow: @Sendable () -> Instant
    private let sleepUntil: @Sendable (Instant, Duration?) async throws -> Void
    private let readWallTime: @Sendable () -> MicroTimestamp
    private let resolution: @Sendable () -> Duration

    /// Wraps a clock and a source of calendar time for what other programs read (leases, events). The default source is
    /// the system's clock.
    public init<Base: Clock<Duration>>(
        _ base: Base,
        wallTime: (@Sendable () -> MicroTimestamp)? = nil
    ) {
        let origin = base.now
        readNow = { Instant(offset: origin.duration(to: base.now)) }
        sleepUntil = { instant, tolerance in
            try await base.sleep(until: origin.advanced(by: instant.offset), tolerance: tolerance)
        }
        readWallTime = wallTime ?? { MicroTimestamp(Date()) }
        resolution = { base.minimumResolution }
    }

    /// The system's clock, which continues while the machine is suspended.
    public static let system = RuntimeClock(ContinuousClock())

    public var now: Instant { readNow() }

    public var minimumResolution: Duration { resolution() }

    /// The calendar time. It can jump, so decisions about leadership or delays must not depend on it.
    public var wallTime: MicroTimestamp { readWallTime() }

    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try await sleepUntil(deadline, tolerance)
    }
}

extension Duration {
    /// The duration in seconds, for metrics.
    public var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
