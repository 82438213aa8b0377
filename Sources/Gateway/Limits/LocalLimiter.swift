public import ControllerRuntime
import Synchronization

/// Counts calls in this process.
///
/// With several replicas of the gateway, each enforces an equal share of each limit, rounded down but at least one call.
public final class LocalLimiter: Limiter {
    private struct State {
        var ledger: LimitLedger
        var replicas = 1
    }

    private let state: Mutex<State>
    private let clock: RuntimeClock

    public init(windowSeconds: Int = 60, maximumKeysPerTenant: Int = 10_000, clock: RuntimeClock = .system) {
        let ledger = LimitLedger(windowSeconds: windowSeconds, maximumKeysPerTenant: maximumKeysPerTenant)
        state = Mutex(State(ledger: ledger))
        self.clock = clock
    }

    /// How many replicas share the limits: those that are ready, this one included.
    public var replicas: Int {
        get { state.withLock { $0.replicas } }
        set { state.withLock { $0.replicas = max(1, newValue) } }
    }

    public func take(_ request: LimitRequest) -> LimitDecision {
        let now = clock.now.milliseconds
        return state.withLock { state in
            state.ledger.take(request.share(of: state.replicas), at: now)
        }
    }
}

extension LimitRequest {
    /// The request with the part of each limit that one of several replicas enforces.
    func share(of replicas: Int) -> LimitRequest {
        guard replicas > 1 else { return self }
        var share = self
        for index in share.limits.indices where share.limits[index].limit > 0 {
            share.limits[index].limit = max(1, share.limits[index].limit / replicas)
        }
        return share
    }
}

extension RuntimeClock.Instant {
    /// The milliseconds since the clock was created.
    var milliseconds: Int64 { offset.milliseconds }
}

extension Duration {
    /// The whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
