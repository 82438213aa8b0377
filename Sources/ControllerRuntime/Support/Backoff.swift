public import KubernetesAPI

/// Delays after consecutive failures, with jitter. They are reset after a period without failures.
///
/// The defaults are those of client-go's reflector (`tools/cache/reflector.go`): 800 ms, doubled up to 30 s, plus up to
/// the same amount at random, and reset after two minutes without failures.
public struct Backoff: Sendable {
    /// The delays before jitter.
    public var schedule: ExponentialBackoff
    /// The share of the delay that is added at random: 1.0 adds up to the same amount.
    public var jitter: Double
    /// The time without failures after which the delays are reset.
    public var resetAfter: Duration

    private var failures = 0
    private var lastFailure: RuntimeClock.Instant?

    public init(
        schedule: ExponentialBackoff = ExponentialBackoff(initial: .milliseconds(800), maximum: .seconds(30)),
        jitter: Double = 1,
        resetAfter: Duration = .seconds(120)
    ) {
        self.schedule = schedule
        self.jitter = jitter
        self.resetAfter = resetAfter
    }

    /// How long to wait after a failure at `now`.
    public mutating func delay(
        afterFailureAt now: RuntimeClock.Instant,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        if let lastFailure, lastFailure.duration(to: now) >= resetAfter { failures = 0 }
        lastFailure = now
        failures += 1
        let delay = schedule.delay(afterFailures: failures)
        guard jitter > 0 else { return delay }
        return delay * (1 + Double.random(in: 0...jitter, using: &random))
    }
}
