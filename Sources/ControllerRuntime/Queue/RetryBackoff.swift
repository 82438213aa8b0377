internal import KubernetesAPI

/// How long a key that failed waits before its next attempt, counted for each key: 5 ms, doubled with each failure, 1000 s at
/// most (client-go, `util/workqueue/default_rate_limiters.go`).
public struct RetryBackoff<Key: Hashable & Sendable>: Sendable {
    private let schedule: ExponentialBackoff
    private var failures: [Key: Int] = [:]

    /// - Parameters:
    ///   - base: the delay after the first failure.
    ///   - cap: the longest delay.
    public init(base: Duration = .milliseconds(5), cap: Duration = .seconds(1_000)) {
        schedule = ExponentialBackoff(initial: base, maximum: cap)
    }

    /// Counts one more failure of `key`, and returns how long it waits now.
    public mutating func delay(afterFailureOf key: Key) -> Duration {
        let count = failures[key, default: 0] + 1
        failures[key] = count
        return schedule.delay(afterFailures: count)
    }

    /// How often `key` has failed since it was forgotten last.
    public func failureCount(of key: Key) -> Int { failures[key] ?? 0 }

    /// Forgets the failures of `key`.
    public mutating func forget(_ key: Key) {
        failures.removeValue(forKey: key)
    }
}

/// A limit over all keys together: so many a second, with a burst.
public struct TokenBucket: Sendable {
    /// How many a second.
    public let rate: Double
    /// How many at once.
    public let burst: Double

    private var tokens: Double
    private var updatedAt: RuntimeClock.Instant?

    public init(rate: Double, burst: Int) {
        self.rate = rate
        self.burst = Double(burst)
        self.tokens = Double(burst)
    }

    /// client-go's default: 10 a second, 100 at once.
    public static let standard = TokenBucket(rate: 10, burst: 100)

    /// What a controller allows itself: 100 retries a second, 1,000 at once. client-go's ten a second would keep a thousand
    /// servers that met the same short fault waiting for a minute and a half.
    public static let retries = TokenBucket(rate: 100, burst: 1_000)

    /// Takes one token, on credit if need be, and tells how long it is until that token exists.
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
