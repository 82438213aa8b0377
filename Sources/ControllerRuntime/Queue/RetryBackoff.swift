internal import KubernetesAPI

/// How long a failed key waits before its next attempt, counted separately for each key: 5 ms, doubled with each
/// failure, at most 1000 s (client-go, `util/workqueue/default_rate_limiters.go`).
public struct RetryBackoff<Key: Hashable & Sendable>: Sendable {
    private let schedule: ExponentialBackoff
    private var failures: [Key: Int] = [:]

    /// - Parameters:
    ///   - base: the delay after the first failure.
    ///   - cap: the maximum delay.
    public init(base: Duration = .milliseconds(5), cap: Duration = .seconds(1_000)) {
        schedule = ExponentialBackoff(initial: base, maximum: cap)
    }

    /// Counts another failure of `key`, and returns the delay.
    public mutating func delay(afterFailureOf key: Key) -> Duration {
        let count = failures[key, default: 0] + 1
        failures[key] = count
        return schedule.delay(afterFailures: count)
    }

    /// The number of failures of `key` since it was last forgotten.
    public func failureCount(of key: Key) -> Int { failures[key] ?? 0 }

    /// Removes the failures of `key`.
    public mutating func forget(_ key: Key) {
        failures.removeValue(forKey: key)
    }
}

/// A rate limit for all keys together, with a burst.
public struct TokenBucket: Sendable {
    /// The number of tokens per second.
    public let rate: Double
    /// The maximum burst.
    public let burst: Double

    private var tokens: Double
    private var updatedAt: RuntimeClock.Instant?

    public init(rate: Double, burst: Int) {
        self.rate = rate
        self.burst = Double(burst)
        self.tokens = Double(burst)
    }

    /// client-go's default: 10 per second, with a burst of 100.
    public static let standard = TokenBucket(rate: 10, burst: 100)

    /// The default of a controller: 100 retries per second, with a burst of 1,000. With client-go's 10 per second, a
    /// thousand servers that failed at the same time would wait for a minute and a half.
    public static let retries = TokenBucket(rate: 100, burst: 1_000)

    /// Takes one token, on credit if necessary, and returns the time until that token is available.
    public mutating func reserve(at now: RuntimeClock.Instant) -> Duration {
        if let updatedAt, updatedAt < now {
            tokens = min(burst, tokens + updatedAt.duration(to: now).inSeconds * rate)
        }
        updatedAt = max(updatedAt ?? now, now)
        tokens -= 1
        guard tokens < 0 else { return .zero }
        return .seconds(-tokens / rate)
    }
}
