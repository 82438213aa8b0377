public import HTTPTypes

/// When and after how long a request is sent again. The numbers are limits; `RetryState` decides.
public struct RetryPolicy: Sendable, Hashable {
    /// How often a request is sent at most, the first time included.
    public var maximumAttempts: Int
    /// The first delay where the server gives none.
    public var baseDelay: Duration
    /// The longest delay where the server gives none; each is twice the one before.
    public var maximumDelay: Duration
    /// The longest `Retry-After` that is waited for here. Longer ones go to the caller, in `APIError.retryAfter`.
    public var maximumRetryAfter: Duration

    public init(
        maximumAttempts: Int = 10,
        baseDelay: Duration = .milliseconds(50),
        maximumDelay: Duration = .seconds(10),
        maximumRetryAfter: Duration = .seconds(30)
    ) {
        self.maximumAttempts = maximumAttempts
        self.baseDelay = baseDelay
        self.maximumDelay = maximumDelay
        self.maximumRetryAfter = maximumRetryAfter
    }

    /// Ten attempts, as client-go has it (`rest/with_retry.go`).
    public static let standard = RetryPolicy()
    /// Every failure goes to the caller.
    public static let never = RetryPolicy(maximumAttempts: 1)
}

/// Whether sending a request twice does the same as sending it once.
public enum Idempotency: Sendable, Hashable {
    /// Twice is once: reads, replacing, deleting, applying, merging.
    case idempotent
    /// Twice is twice: creating under a generated name, a JSON patch without a test.
    case notIdempotent

    /// By the method, and for a patch by its media type.
    public init(method: HTTPRequest.Method, contentType: String?) {
        switch method {
        case .post: self = .notIdempotent
        case .patch: self = contentType == "application/json-patch+json" ? .notIdempotent : .idempotent
        default: self = .idempotent
        }
    }
}

/// The retries of one request, as a pure state machine.
///
/// | what came back | idempotent | not idempotent |
/// | --- | --- | --- |
/// | 429 with `Retry-After` | after that time | after that time |
/// | 429 without | backoff | given up |
/// | 500 to 599 with `Retry-After` | after that time | given up |
/// | 503, 504 without | backoff | given up |
/// | connection refused, nothing was sent | backoff | backoff |
/// | connection lost, timeout | backoff | given up |
/// | anything else | given up | given up |
///
/// A server answers 429 before it acts, so that even a create may be repeated; 503 and a lost connection do not tell.
public struct RetryState: Sendable, Hashable {
    /// How an attempt ended.
    public enum Outcome: Sendable, Hashable {
        /// An answer, with its status code and `Retry-After`.
        case answered(code: Int, retryAfter: Duration?)
        /// Nothing was sent.
        case notSent
        /// It was sent, and no answer came.
        case lost
        /// A failure that a second attempt would meet as well, such as a certificate that is not trusted.
        case hopeless
    }

    /// What to do now.
    public enum Action: Sendable, Hashable {
        /// Send it again after this time.
        case retry(after: Duration)
        /// Give the outcome to the caller.
        case giveUp
    }

    private let policy: RetryPolicy
    private let idempotency: Idempotency
    /// How many attempts have ended.
    public private(set) var attempts = 0

    public init(policy: RetryPolicy, idempotency: Idempotency) {
        self.policy = policy
        self.idempotency = idempotency
    }

    /// Takes note of how an attempt ended.
    ///
    /// - Parameter random: a number from 0 to 1 for the jitter. Backoff is spread over the upper half of its delay;
    ///   a `Retry-After` is never shortened, and is lengthened by a tenth at most so that clients do not come all at once.
    public mutating func next(_ outcome: Outcome, random: Double) -> Action {
        attempts += 1
        guard attempts < policy.maximumAttempts else { return .giveUp }
        let isIdempotent = idempotency == .idempotent
        switch outcome {
        case .answered(429, let retryAfter?),
            .answered(500...599, let retryAfter?) where isIdempotent:
            guard retryAfter <= policy.maximumRetryAfter else { return .giveUp }
            return .retry(after: retryAfter + retryAfter * (random / 10))
        case .answered(429, nil), .answered(503, nil), .answered(504, nil), .lost:
            return isIdempotent ? .retry(after: backoff(random)) : .giveUp
        case .notSent: return .retry(after: backoff(random))
        case .answered, .hopeless: return .giveUp
        }
    }

    private func backoff(_ random: Double) -> Duration {
        let doublings = min(attempts - 1, 30)
        let delay = min(policy.baseDelay * (1 << doublings), policy.maximumDelay)
        return delay * (0.5 + random / 2)
    }
}
