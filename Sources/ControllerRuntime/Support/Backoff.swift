/// An exponential backoff with jitter, which starts over after a while without failures.
///
/// The defaults are those of client-go's reflector (`tools/cache/reflector.go`): 800 ms, doubled up to 30 s, up to as much
/// again added at random, and started over after two healthy minutes.
public struct Backoff: Sendable {
    /// The first delay, before jitter.
    public var initial: Duration
    /// By how much each delay exceeds the one before.
    public var factor: Double
    /// The longest delay, before jitter.
    public var cap: Duration
    /// The share of the delay that is added at random: 1.0 adds up to as much again.
    public var jitter: Double
    /// How long nothing must fail before the delays start over.
    public var resetAfter: Duration

    private var nextDelay: Duration
    private var lastFailure: RuntimeClock.Instant?

    public init(
        initial: Duration = .milliseconds(800),
        factor: Double = 2,
        cap: Duration = .seconds(30),
        jitter: Double = 1,
        resetAfter: Duration = .seconds(120)
    ) {
        self.initial = initial
        self.factor = factor
        self.cap = cap
        self.jitter = jitter
        self.resetAfter = resetAfter
        self.nextDelay = initial
    }

    /// How long to wait after a failure at `now`.
    public mutating func delay(
        afterFailureAt now: RuntimeClock.Instant,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        if let lastFailure, lastFailure.duration(to: now) >= resetAfter {
            nextDelay = initial
        }
        lastFailure = now
        let delay = nextDelay
        nextDelay = min(delay * factor, cap)
        guard jitter > 0 else { return delay }
        return delay * (1 + Double.random(in: 0...jitter, using: &random))
    }

    /// Starts over.
    public mutating func reset() {
        nextDelay = initial
        lastFailure = nil
    }
}
