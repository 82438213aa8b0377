/// Counts requests and decides which of them exceed a limit. `now` is a time in milliseconds of a clock that only this ledger is used
/// with.
///
/// Memory is bounded: what has not been counted for a few windows is dropped, and a tenant has at most ``maximumKeysPerTenant`` keys in use.
/// Further ones are counted together in each scope, so that a tenant with very many clients gets less, and other tenants lose nothing.
public struct LimitLedger: Sendable {
    private struct Key: Hashable {
        var scope: LimitScope
        var name: String
    }

    /// The counts of one tenant: those in use since the last rotation, and those only in use before it.
    private struct Tenant {
        var current: [Key: SlidingWindow] = [:]
        var previous: [Key: SlidingWindow] = [:]

        var keyCount: Int { current.count + previous.count }

        /// The key under which a limit is counted, which is put into use.
        mutating func use(_ limit: RequestLimit, seconds: Int, maximum: Int) -> Key {
            let key = Key(scope: limit.scope, name: limit.key)
            if current[key] != nil { return key }
            if let window = previous.removeValue(forKey: key) {
                current[key] = window
                return key
            }
            guard keyCount < maximum else {
                // No key that is given is empty.
                let shared = Key(scope: limit.scope, name: "")
                if current[shared] == nil {
                    current[shared] = previous.removeValue(forKey: shared) ?? SlidingWindow(seconds: seconds)
                }
                return shared
            }
            current[key] = SlidingWindow(seconds: seconds)
            return key
        }
    }

    /// What is counted.
    public let reason: LimitReason
    /// The length of the window.
    public let windowSeconds: Int
    /// How many keys one tenant can have in use.
    public let maximumKeysPerTenant: Int
    private var tenants: [String: Tenant] = [:]
    private var rotatedAt: Int64?

    /// An empty ledger.
    public init(
        reason: LimitReason = .toolCallsPerMinute,
        windowSeconds: Int = 60,
        maximumKeysPerTenant: Int = 10_000
    ) {
        self.reason = reason
        self.windowSeconds = windowSeconds
        self.maximumKeysPerTenant = maximumKeysPerTenant
    }

    /// The number of keys in memory.
    public var keyCount: Int { tenants.values.reduce(0) { $0 + $1.keyCount } }

    /// Counts a request if it is allowed.
    public mutating func take(_ request: LimitRequest, at now: Int64) -> LimitDecision {
        let decision = check(request, at: now)
        if decision.isAllowed { add(1, to: request, at: now) }
        return decision
    }

    /// Decides about a request without counting it.
    public mutating func check(_ request: LimitRequest, at now: Int64) -> LimitDecision {
        rotateIfDue(at: now)
        guard !request.limits.isEmpty else { return .allowed(breach: nil) }
        var longest: (limit: RequestLimit, wait: Int64)?
        for limit in request.limits {
            let wait = withWindow(limit, of: request.tenant) { window in
                window.forget(at: now)
                return window.wait(untilBelow: limit.limit, at: now)
            }
            if let wait, wait > longest?.wait ?? -1 { longest = (limit, wait) }
        }
        guard let longest else { return .allowed(breach: nil) }
        let breach = LimitBreach(
            reason: reason,
            scope: longest.limit.scope,
            key: longest.limit.key,
            limit: longest.limit.limit,
            windowSeconds: windowSeconds,
            retryAfterSeconds: Self.seconds(longest.wait)
        )
        return request.mode == .enforced ? .refused(breach) : .allowed(breach: breach)
    }

    /// Counts something for all limits of a request, without a decision.
    public mutating func add(_ count: Int, to request: LimitRequest, at now: Int64) {
        rotateIfDue(at: now)
        for limit in request.limits {
            withWindow(limit, of: request.tenant) { $0.add(count, at: now) }
        }
    }

    private mutating func withWindow<Result>(
        _ limit: RequestLimit,
        of tenant: String,
        _ body: (inout SlidingWindow) -> Result
    ) -> Result {
        let key = tenants[tenant, default: Tenant()]
            .use(limit, seconds: windowSeconds, maximum: maximumKeysPerTenant)
        return body(&tenants[tenant, default: Tenant()].current[key, default: SlidingWindow(seconds: windowSeconds)])
    }

    /// Drops what has not been in use since the rotation before. Rotations are so far apart that nothing that is dropped would count
    /// if the clock moved back by a window.
    private mutating func rotateIfDue(at now: Int64) {
        guard let last = rotatedAt, now >= last else {
            rotatedAt = now
            return
        }
        guard now - last >= Int64(2 * windowSeconds + 1) * 1_000 else { return }
        rotatedAt = now
        for tenant in Array(tenants.keys) {
            guard let current = tenants[tenant]?.current else { continue }
            tenants[tenant] = current.isEmpty ? nil : Tenant(current: [:], previous: current)
        }
    }

    /// A wait in full seconds, at least one.
    static func seconds(_ milliseconds: Int64) -> Int { max(1, Int((milliseconds + 999) / 1_000)) }
}
