public import Logging
internal import Synchronization

/// Reports that several gateways divide the limits of calls, because they share no store. Then a caller whose requests reach one of them
/// more often than the others is refused before the whole limit is used.
public final class LimitSharing: Sendable {
    private let hasStore: Bool
    private let metrics: GatewayMetrics
    private let logger: Logger
    private let replicas = Mutex(1)

    /// - Parameter hasStore: whether all gateways count in the same store.
    public init(hasStore: Bool, metrics: GatewayMetrics, logger: Logger = Logger(label: "gateway.limits")) {
        self.hasStore = hasStore
        self.metrics = metrics
        self.logger = logger
        metrics.setLimitReplicas(1)
    }

    /// Takes the number of gateways that are ready.
    public func note(_ count: Int) {
        guard !hasStore else { return }
        let before = replicas.withLock { replicas in
            defer { replicas = count }
            return replicas
        }
        guard before != count else { return }
        metrics.setLimitReplicas(count)
        if count > 1 {
            logger.warning(
                "each gateway enforces a part of each limit, because they share no store: set gateway.limits.redis",
                metadata: ["gateways": "\(count)"]
            )
        } else {
            logger.notice("this gateway enforces whole limits: there is no other one")
        }
    }
}
