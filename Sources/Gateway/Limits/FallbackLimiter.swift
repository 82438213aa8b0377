public import Logging
public import Policy
import Synchronization

/// Counts calls in a shared store, and does what is configured while the store does not answer.
public final class FallbackLimiter: Limiter {
    private let store: any Limiter
    private let local: LocalLimiter
    private let policy: StoreUnavailablePolicy
    private let metrics: GatewayMetrics
    private let logger: Logger
    private let isAvailable = Mutex(true)

    /// - Parameters:
    ///   - store: the shared store.
    ///   - local: counts calls while the store does not answer, if the policy is `local`.
    public init(
        store: any Limiter,
        local: LocalLimiter,
        policy: StoreUnavailablePolicy,
        metrics: GatewayMetrics,
        logger: Logger = Logger(label: "gateway.limits")
    ) {
        self.store = store
        self.local = local
        self.policy = policy
        self.metrics = metrics
        self.logger = logger
        metrics.setLimitStore(isAvailable: true)
    }

    /// - Throws: ``LimiterUnavailable`` with the policy `deny`.
    public func take(_ request: LimitRequest) async throws -> LimitDecision {
        do {
            let decision = try await store.take(request)
            report(nil)
            return decision
        } catch {
            report(error)
            switch policy {
            case .local: return local.take(request)
            case .deny: throw LimiterUnavailable(cause: "\(error)")
            case .allow: return .allowed(breach: nil)
            }
        }
    }

    /// Logs when the store is lost and when it is back.
    private func report(_ error: (any Error)?) {
        let hasChanged = isAvailable.withLock { isAvailable in
            defer { isAvailable = error == nil }
            return isAvailable != (error == nil)
        }
        if error != nil { metrics.countLimitFallback(policy) }
        guard hasChanged else { return }
        metrics.setLimitStore(isAvailable: error == nil)
        guard let error else {
            logger.notice("the store of the limits answers again")
            return
        }
        let consequence =
            switch policy {
            case .local: "each replica enforces its share of the limits"
            case .deny: "tool calls are refused with status 503"
            case .allow: "tool calls are not limited"
            }
        logger.error(
            "the store of the limits does not answer: \(consequence)",
            metadata: ["error": "\(error)"]
        )
    }
}
