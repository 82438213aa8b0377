internal import Policy

/// When the keys of an issuer are read, and which keys are used meanwhile. Pure.
///
/// Keys are read at the start, then from time to time, and when a token names a key that is not known, but not more often than every ten
/// seconds: whoever makes up ids must not cause requests. If reading fails, the keys that were read before stay in use.
struct KeyRefresh: Sendable {
    /// What to do for a token.
    enum Step: Sendable {
        case use(VerificationKey)
        /// Start reading the keys, wait for the end, and search again.
        case startAndWait
        /// The keys are being read: wait for the end, and search again.
        case wait
        case refuse(AuthenticationFailure)
    }

    /// The shortest time from one start of reading to the next one that a token causes.
    static let minimumInterval = Duration.seconds(10)
    /// The delay after the first failure; it doubles with each further one, up to the usual interval.
    static let firstRetry = Duration.seconds(10)

    /// How often keys are read.
    let interval: Duration
    /// What was read last.
    private(set) var keys: FetchedKeys?
    /// Changes whenever the keys do.
    private(set) var generation = 0
    /// Why reading failed the last time; `nil` if it succeeded.
    private(set) var failure: String?
    private(set) var isReading = false
    private var lastStart: Duration?
    private var failures = 0

    init(interval: Duration) { self.interval = interval }

    /// Looks for the key of a token.
    ///
    /// - Parameters:
    ///   - hasWaited: whether the token has already waited for the keys to be read.
    ///   - canRead: whether anything reads keys at the moment.
    mutating func find(
        id: String?,
        _ algorithm: SignatureAlgorithm,
        now: Duration,
        hasWaited: Bool,
        canRead: Bool = true
    ) -> Step {
        if let keys {
            switch keys.set.find(id: id, algorithm) {
            case .key(let key): return .use(key)
            case .unknown: break
            case .ambiguous(let count):
                return .refuse(
                    AuthenticationFailure(
                        .invalidToken,
                        "the token names no key (kid), and its issuer has \(count) keys for \(algorithm.rawValue)"
                    )
                )
            }
        }
        if !hasWaited, canRead {
            if isReading { return .wait }
            if lastStart.map({ now - $0 >= Self.minimumInterval }) ?? true {
                start(now: now)
                return .startAndWait
            }
        }
        guard keys != nil else {
            return .refuse(
                AuthenticationFailure(
                    .unavailable,
                    "the keys of the token's issuer cannot be read at the moment; try again later"
                )
            )
        }
        let name = id.map { "the key \($0.quotedForMessage)" } ?? "a key"
        return .refuse(
            AuthenticationFailure(
                .invalidToken,
                "the token's issuer does not publish \(name) for \(algorithm.rawValue)"
            )
        )
    }

    /// Notes that reading starts.
    mutating func start(now: Duration) {
        isReading = true
        lastStart = now
    }

    /// Takes what was read.
    ///
    /// - Returns: how long to wait until keys are read again.
    mutating func finish(_ result: Result<FetchedKeys, FetchFailure>) -> Duration {
        isReading = false
        switch result {
        case .success(let new):
            if keys?.issuer != new.issuer || keys?.set.document != new.set.document { generation += 1 }
            keys = new
            (failure, failures) = (nil, 0)
            return interval
        case .failure(let error):
            failure = error.message
            failures += 1
            return min(interval, Self.firstRetry * (1 << min(failures - 1, 10)))
        }
    }

    /// Notes that reading was interrupted, at the end of the process.
    mutating func interrupt() { isReading = false }
}

/// The keys of an issuer, and its name.
struct FetchedKeys: Sendable {
    var issuer: String
    var set: KeySet
}
