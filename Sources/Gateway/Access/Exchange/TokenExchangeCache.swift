internal import KubernetesClient

/// Which tokens were exchanged lately, and which are being exchanged, so that many calls of one caller are one exchange. Bounded in time and in
/// number. Pure.
struct TokenExchangeCache: Sendable {
    struct Key: Hashable, Sendable {
        var issuer: String
        var target: String
        /// The SHA-256 of the caller's token: another token of the same caller can have other rights.
        var tokenHash: [UInt8]
    }

    typealias Outcome = Result<SensitiveString, TokenExchangeError>

    /// What to do for a call.
    enum Step: Sendable {
        /// Exchange the token, then call `finish`.
        case exchange
        /// Another call exchanges the token: wait for its end, and begin again.
        case wait
        case known(Outcome)
    }

    private struct Entry {
        var outcome: Outcome?
        var until: Duration
    }

    private var entries: [Key: Entry] = [:]
    private let limit: Int

    /// How long a failure is remembered, so that an issuer that is down is not asked for each call.
    static let failurePeriod = Duration.seconds(3)
    /// A token is not used in its last seconds, so that it does not expire on the way; one that is short-lived not in its second half.
    static let margin = Duration.seconds(30)
    /// How long a token is used whose lifetime is not known.
    static let unknownLifetime = Duration.seconds(60)

    /// - Parameter limit: the maximum number of tokens that are remembered.
    init(limit: Int) { self.limit = limit }

    /// How many tokens are remembered, or being exchanged.
    var count: Int { entries.count }

    mutating func begin(_ key: Key, now: Duration) -> Step {
        if let entry = entries[key] {
            guard let outcome = entry.outcome else { return .wait }
            if now < entry.until { return .known(outcome) }
        }
        entries[key] = Entry(outcome: nil, until: .zero)
        return .exchange
    }

    /// Takes the result of an exchange.
    ///
    /// - Parameters:
    ///   - outcome: `nil` if the call was cancelled; another one exchanges the token then.
    ///   - lifetime: how long the token is valid; `nil` if the issuer does not say.
    ///   - maximum: how long a token is used at most.
    mutating func finish(_ key: Key, _ outcome: Outcome?, lifetime: Duration?, maximum: Duration, now: Duration) {
        switch outcome {
        case nil: entries[key] = nil
        case .failure?: entries[key] = Entry(outcome: outcome, until: now + Self.failurePeriod)
        case .success?:
            let lifetime = lifetime ?? Self.unknownLifetime
            let period = min(maximum, max(lifetime - Self.margin, lifetime / 2))
            entries[key] = period > .zero ? Entry(outcome: outcome, until: now + period) : nil
        }
        trim(now: now)
    }

    /// Forgets a token, such as one that a server did not accept.
    mutating func remove(_ key: Key) {
        if entries[key]?.outcome != nil { entries[key] = nil }
    }

    /// Removes what is out of date, and then what ends first.
    private mutating func trim(now: Duration) {
        guard entries.count > limit else { return }
        entries = entries.filter { $0.value.outcome == nil || now < $0.value.until }
        guard entries.count > limit else { return }
        // A tenth at once, so that sorting is rare.
        let surplus = entries.count - limit + limit / 10
        let first = entries.filter { $0.value.outcome != nil }.sorted { $0.value.until < $1.value.until }.prefix(
            surplus
        )
        for (key, _) in first { entries[key] = nil }
    }
}
