public import ControllerRuntime
import Synchronization

/// Limits the bytes a minute in this process.
///
/// How large a response is turns out while it is sent, so a request is allowed while less than the limit was transferred, and its
/// bytes count afterwards: one response can exceed the limit, and the next request waits for that.
public final class ByteLimiter: Sendable {
    private struct State {
        var ledger: LimitLedger
        var replicas = 1
    }

    private let state: Mutex<State>
    private let clock: RuntimeClock

    public init(windowSeconds: Int = 60, maximumKeysPerTenant: Int = 10_000, clock: RuntimeClock = .system) {
        let ledger = LimitLedger(
            reason: .bytesPerMinute,
            windowSeconds: windowSeconds,
            maximumKeysPerTenant: maximumKeysPerTenant
        )
        state = Mutex(State(ledger: ledger))
        self.clock = clock
    }

    /// How many replicas share the limits: those that are ready, this one included.
    public var replicas: Int {
        get { state.withLock { $0.replicas } }
        set { state.withLock { $0.replicas = max(1, newValue) } }
    }

    /// Decides whether a request can be served.
    public func check(_ request: LimitRequest) -> LimitDecision {
        let now = clock.now.milliseconds
        return state.withLock { $0.ledger.check(request.share(of: $0.replicas), at: now) }
    }

    /// Counts bytes of a request or its response.
    public func count(_ bytes: Int, for request: LimitRequest) {
        guard bytes > 0 else { return }
        let now = clock.now.milliseconds
        state.withLock { $0.ledger.add(bytes, to: request, at: now) }
    }
}
