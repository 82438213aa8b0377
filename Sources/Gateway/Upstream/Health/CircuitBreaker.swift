/// Stops requests to a server that fails again and again, so that callers get an answer at once, and the server gets time to recover. Pure.
///
/// Closed, it lets all requests pass. After some failures in a row it opens, and refuses all requests for a time. Then it is half open:
/// one request passes as a trial. If that succeeds, the breaker closes; if it fails, the breaker opens for twice the time.
public struct CircuitBreaker: Sendable {
    /// When the breaker opens, and for how long.
    public struct Options: Sendable, Hashable {
        /// How many requests must fail in a row.
        public var failures = 5
        /// How long the breaker is open the first time.
        public var openTime: Duration = .seconds(5)
        /// How long it is open at most.
        public var maximumOpenTime: Duration = .seconds(30)
        /// How long a trial can take before another one is allowed.
        public var trialTime: Duration = .seconds(10)

        public init() {}
    }

    /// What a request that passed is reported with.
    struct Permit: Sendable, Hashable {
        /// Results of requests that passed before the state changed are ignored.
        fileprivate var generation: Int
    }

    /// What becomes of a request.
    enum Admission: Sendable, Hashable {
        case allowed(Permit)
        /// The request must not be sent; after this time it may be.
        case refused(retryAfter: Duration)
    }

    /// What became of a request that passed.
    enum Outcome: Sendable, Hashable {
        /// The server answered, with an error of JSON-RPC or a client's error as well.
        case succeeded
        /// The server did not answer, or not as a server does that works.
        case failed
        /// The request says nothing about the server: it was cancelled, or not sent.
        case unknown
    }

    private enum Phase: Hashable {
        case closed(failures: Int)
        case open(until: Duration, time: Duration)
        /// - trial: when the trial in progress began; `nil` if there is none.
        case halfOpen(trial: Duration?, time: Duration)
    }

    let options: Options
    private var phase = Phase.closed(failures: 0)
    private var generation = 0

    init(_ options: Options = Options()) { self.options = options }

    /// The state, for metrics.
    var state: GatewayMetrics.BreakerState {
        switch phase {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// Decides whether a request is sent.
    ///
    /// - Parameter now: a time of the clock that this breaker is always used with.
    mutating func admit(at now: Duration) -> Admission {
        switch phase {
        case .closed: return .allowed(Permit(generation: generation))
        case .open(let until, let time):
            guard now >= until else { return .refused(retryAfter: until - now) }
            return tryOut(at: now, time)
        case .halfOpen(let trial?, let time):
            let end = trial + options.trialTime
            guard now >= end else { return .refused(retryAfter: min(options.openTime, end - now)) }
            return tryOut(at: now, time)
        case .halfOpen(nil, let time): return tryOut(at: now, time)
        }
    }

    private mutating func tryOut(at now: Duration, _ time: Duration) -> Admission {
        change(to: .halfOpen(trial: now, time: time))
        return .allowed(Permit(generation: generation))
    }

    /// Takes the result of a request that passed.
    mutating func report(_ outcome: Outcome, _ permit: Permit, at now: Duration) {
        guard permit.generation == generation else { return }
        switch (phase, outcome) {
        case (.closed(let failures), .failed):
            guard failures + 1 >= options.failures else { return phase = .closed(failures: failures + 1) }
            open(for: options.openTime, at: now)
        case (.closed, .succeeded): phase = .closed(failures: 0)
        case (.halfOpen, .succeeded): change(to: .closed(failures: 0))
        case (.halfOpen(_, let time), .failed): open(for: min(time * 2, options.maximumOpenTime), at: now)
        case (.halfOpen(_, let time), .unknown): change(to: .halfOpen(trial: nil, time: time))
        case (.closed, .unknown), (.open, _): break
        }
    }

    private mutating func open(for time: Duration, at now: Duration) {
        change(to: .open(until: now + time, time: time))
    }

    private mutating func change(to phase: Phase) {
        self.phase = phase
        generation += 1
    }

    /// The server was reached in another way: the next request is a trial, without waiting for the end of the time.
    mutating func allowTrial() {
        if case .open(_, let time) = phase { change(to: .halfOpen(trial: nil, time: time)) }
    }

    /// The server has other pods now, of which nothing is known.
    mutating func reset() {
        if phase != .closed(failures: 0) { change(to: .closed(failures: 0)) }
    }
}
