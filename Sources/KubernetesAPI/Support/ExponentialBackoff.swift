/// Delays that double with each failure, up to a maximum. All retries use it.
public struct ExponentialBackoff: Sendable, Hashable {
    /// The delay after the first failure.
    public var initial: Duration
    /// The maximum delay.
    public var maximum: Duration

    public init(initial: Duration, maximum: Duration) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The delay after this many failures in a row, before jitter. The first failure is 1.
    public func delay(afterFailures count: Int) -> Duration {
        guard count > 0 else { return .zero }
        // 40 doublings reach any maximum in use; the limit keeps the product within the range of `Duration`.
        guard count <= 40 else { return maximum }
        return min(initial * (1 << (count - 1)), maximum)
    }
}
