import Synchronization

/// Limits the requests in progress in this process.
public final class ConcurrencyLimiter: Sendable {
    /// What becomes of a request.
    public enum Entry: Sendable {
        /// The request can be served while the permit exists.
        case entered(ConcurrencyPermit, breach: LimitBreach?)
        case refused(LimitBreach)
    }

    private let ledger = Mutex(ConcurrencyLedger())

    public init() {}

    /// How many different keys have requests in progress.
    public var keyCount: Int { ledger.withLock { $0.keyCount } }

    /// Begins a request.
    public func enter(_ request: LimitRequest) -> Entry {
        switch ledger.withLock({ $0.enter(request) }) {
        case .allowed(let breach): .entered(ConcurrencyPermit(of: self, request), breach: breach)
        case .refused(let breach): .refused(breach)
        }
    }

    fileprivate func leave(_ request: LimitRequest) {
        ledger.withLock { $0.leave(request) }
    }
}

/// The right to serve one request. It ends when it is given back or no longer referenced.
public final class ConcurrencyPermit: Sendable {
    private let limiter: ConcurrencyLimiter
    private let request: LimitRequest
    private let isReturned = Atomic(false)

    fileprivate init(of limiter: ConcurrencyLimiter, _ request: LimitRequest) {
        self.limiter = limiter
        self.request = request
    }

    /// Ends the request. Further calls do nothing.
    public func end() {
        guard !isReturned.exchange(true, ordering: .acquiringAndReleasing) else { return }
        limiter.leave(request)
    }

    deinit { end() }
}
