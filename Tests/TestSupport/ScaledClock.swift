public import ControllerRuntime

/// A clock that runs faster than the system's, so that a test does not have to wait for long periods.
public struct ScaledClock: Clock {
    /// The instants of the system's clock.
    public typealias Instant = ContinuousClock.Instant

    private let base = ContinuousClock()
    private let origin: Instant
    private let factor: Int

    /// - Parameter factor: how many seconds pass in one second of the system's clock.
    public init(factor: Int) {
        self.factor = factor
        origin = base.now
    }

    public var now: Instant { origin + origin.duration(to: base.now) * factor }

    public var minimumResolution: Duration { base.minimumResolution }

    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try await base.sleep(until: origin + origin.duration(to: deadline) / factor, tolerance: nil)
    }
}

extension RuntimeClock {
    /// The runtime's clock, sped up; the calendar time is not changed.
    public static func scaled(by factor: Int) -> RuntimeClock { RuntimeClock(ScaledClock(factor: factor)) }
}
