public import HTTPTypes
internal import KubernetesAPI

/// When and after which delay a request is retried. These are the limits; `RetryState` makes the decisions.
public struct RetryPolicy: Sendable, Hashable {
    /// The maximum number of attempts, including the first.
    public var maximumAttempts: Int
    /// The first delay, if the server does not set one.
    public var baseDelay: Duration
    /// The maximum delay, if the server does not set one. Each delay is twice the previous one.
    public var maximumDelay: Duration
    /// The maximum `Retry-After` that the client waits. A longer one is passed to the caller, in `APIError.retryAfter`.
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

    /// Ten attempts, as in client-go (`rest/with_retry.go`).
    public static let standard = RetryPolicy()
    /// No retries: every failure is passed to the caller.
    public static let never = RetryPolicy(maximumAttempts: 1)
}

/// Whether sending a request twice has the same effect as sending it once.
public enum Idempotency: Sendable, Hashable {
    /// The effect is the same: reads, replacing, deleting, applying, merging.
    case idempotent
    /// The effect can occur twice: creating with a generated name, a JSON patch without a test.
    case notIdempotent

    /// Depends on the method and, for a patch, on its media type.
    public init(method: HTTPRequest.Method, contentType: String?) {
        switch method {
        case .post: self = .notIdempotent
        case .patch: self = contentType == "application/json-patch+json" ? .notIdempotent : .idempotent
        default: self = .idempotent
        }
    }
}

extension Idempotency {
    init(_ request: APIRequest) {
        self.init(method: request.method, contentType: request.headers[.contentType])
    }
}

/// The retries of one request, as a pure state machine.
///
/// | outcome | idempotent | not idempotent |
/// | --- | --- | --- |
/// | 429 with `Retry-After` | after that time | after that time |
/// | 429 without it | backoff | give up |
/// | 500 to 599 with `Retry-After` | after that time | give up |
/// | 503, 504 without | backoff | give up |
/// | connection refused, nothing was sent | backoff | backoff |
/// | connection lost, timeout | backoff | give up |
/// | anything else | give up | give up |
///
/// A server returns 429 before it processes a request, so that even a create can be repeated; after 503 or a lost
/// connection, it is unknown whether the request was processed.
public struct RetryState: Sendable, Hashable {
    /// How an attempt ended.
    public enum Outcome: Sendable, Hashable {
        /// The server answered, with this status code and `Retry-After`.
        case answered(code: Int, retryAfter: Duration?)
        /// Nothing was sent.
        case notSent
        /// The request was sent, but no complete answer arrived.
        case answerLost
        /// A failure that another attempt would not change, such as a certificate that is not trusted.
        case permanentFailure
    }

    /// The next action.
    public enum Action: Sendable, Hashable {
        /// Send the request again after this time.
        case retry(after: Duration)
        /// Pass the outcome to the caller.
        case giveUp
    }

    private let policy: RetryPolicy
    private let idempotency: Idempotency
    /// The number of attempts that have ended.
    public private(set) var attempts = 0

    public init(policy: RetryPolicy, idempotency: Idempotency) {
        self.policy = policy
        self.idempotency = idempotency
    }

    /// Records how an attempt ended, and decides what to do.
    ///
    /// - Parameter random: a number from 0 to 1 for the jitter. Backoff is spread over the upper half of its delay;
    ///   a `Retry-After` is never shortened, and is extended by up to a tenth so that clients do not all return at once.
    public mutating func next(_ outcome: Outcome, random: Double) -> Action {
        attempts += 1
        guard attempts < policy.maximumAttempts else { return .giveUp }
        let isIdempotent = idempotency == .idempotent
        switch outcome {
        case .answered(429, let retryAfter?),
            .answered(500...599, let retryAfter?) where isIdempotent:
            guard retryAfter <= policy.maximumRetryAfter else { return .giveUp }
            return .retry(after: retryAfter + retryAfter * (random / 10))
        case .answered(429, nil), .answered(503, nil), .answered(504, nil), .answerLost:
            return isIdempotent ? .retry(after: backoff(random)) : .giveUp
        case .notSent: return .retry(after: backoff(random))
        case .answered, .permanentFailure: return .giveUp
        }
    }

    private func backoff(_ random: Double) -> Duration {
        let schedule = ExponentialBackoff(initial: policy.baseDelay, maximum: policy.maximumDelay)
        return schedule.delay(afterFailures: attempts) * (0.5 + random / 2)
    }
}
