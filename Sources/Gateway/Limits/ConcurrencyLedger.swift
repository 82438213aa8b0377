/// Counts the requests in progress. The limits of a ``LimitRequest`` are how many there may be at the same time.
public struct ConcurrencyLedger: Sendable {
    private struct Key: Hashable {
        var tenant: String
        var scope: LimitScope
        var name: String
    }

    private var running: [Key: Int] = [:]

    /// A ledger without requests.
    public init() {}

    /// How many different keys have requests in progress.
    public var keyCount: Int { running.count }

    /// Counts a request that begins, if it is allowed.
    public mutating func enter(_ request: LimitRequest) -> LimitDecision {
        let exceeded = request.limits.first { running[Self.key($0, request)] ?? 0 >= $0.limit }
        let breach = exceeded.map {
            LimitBreach(
                reason: .concurrentRequests,
                scope: $0.scope,
                key: $0.key,
                limit: $0.limit,
                windowSeconds: nil,
                // Nobody knows when another request ends.
                retryAfterSeconds: 1
            )
        }
        if let breach, request.mode == .enforced { return .refused(breach) }
        for limit in request.limits { running[Self.key(limit, request), default: 0] += 1 }
        return .allowed(breach: breach)
    }

    /// Counts the end of a request that was allowed to begin.
    public mutating func leave(_ request: LimitRequest) {
        for limit in request.limits {
            let key = Self.key(limit, request)
            guard let count = running[key] else {
                assertionFailure("a request ends that has not begun: \(key)")
                continue
            }
            running[key] = count > 1 ? count - 1 : nil
        }
    }

    private static func key(_ limit: RequestLimit, _ request: LimitRequest) -> Key {
        Key(tenant: request.tenant, scope: limit.scope, name: limit.key)
    }
}
