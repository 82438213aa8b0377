public import Observability
import Synchronization

/// A key that was handed out by a `WorkQueue`, and its priority.
public struct WorkItem<Key: Hashable & Sendable>: Sendable, Equatable {
    /// The key.
    public var key: Key
    /// Its priority; keys with higher priority are handed out first.
    public var priority: Int

    public init(key: Key, priority: Int = 0) {
        self.key = key
        self.priority = priority
    }
}

/// The priorities that the runtime uses.
public enum WorkPriority {
    /// A change that a user made.
    public static let normal = 0
    /// A reconcile without a change: the controller started, or a resync is due (controller-runtime,
    /// `pkg/handler/eventhandler.go`).
    public static let low = -100
}

/// A queue of keys for concurrent workers, which never process the same key at the same time.
///
/// `run()` must be running for delayed keys to become ready in time. A `Controller` runs its own queue.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    private typealias Machine = WorkQueueStateMachine<Key>

    private struct State {
        var machine: Machine
        var waiters: [Machine.WaiterID: CheckedContinuation<WorkItem<Key>?, Never>] = [:]
        var cancelled: Set<Machine.WaiterID> = []
        var lastWaiter: Machine.WaiterID = 0
    }

    /// The queue's name, which is its label in metrics.
    public let name: String

    private let state: Mutex<State>
    private let alarm = Alarm()
    private let clock: RuntimeClock
    private let metrics: WorkQueueMetrics?

    /// Creates a queue.
    ///
    /// - Parameter overallLimit: a rate limit for all retries together. Without it, each key only has its own backoff.
    public init(
        name: String,
        backoff: RetryBackoff<Key> = RetryBackoff(),
        overallLimit: TokenBucket? = nil,
        clock: RuntimeClock = .system,
        metrics: MetricsRegistry? = nil
    ) {
        self.name = name
        self.clock = clock
        let machine = Machine(backoff: backoff, overallLimit: overallLimit, now: clock.now)
        self.state = Mutex(State(machine: machine))
        self.metrics = metrics.map { WorkQueueMetrics(name: name, registry: $0) }
        metrics?.onCollect { [weak self] in self?.reportMetrics() }
    }

    /// The number of queued keys, including delayed ones.
    public var count: Int { state.withLock { $0.machine.count } }

    /// The number of tasks that wait for a key.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Whether `shutDown` was called.
    public var isShutDown: Bool { state.withLock { $0.machine.isShutDown } }

    /// The number of failures of a key since it was last forgotten.
    public func failureCount(of key: Key) -> Int { state.withLock { $0.machine.failureCount(of: key) } }

    /// Adds a key, ready after `delay`.
    public func add(_ key: Key, priority: Int = WorkPriority.normal, after delay: Duration = .zero) {
        insert(key, priority: priority, after: delay, isRetry: false)
    }

    /// Adds a failed key, ready after the backoff for its number of failures.
    public func addRateLimited(_ key: Key, priority: Int = WorkPriority.normal) {
        insert(key, priority: priority, after: .zero, isRetry: true)
    }

    /// Resets the backoff of a key: its next failure counts as the first.
    public func forget(_ key: Key) {
        state.withLock { $0.machine.forget(key) }
    }

    /// Takes the next key; `nil` if the queue is shut down or the task is cancelled. `done` must be called for every
    /// key that was taken.
    public func next() async -> WorkItem<Key>? {
        // A cancelled worker must not take a key that it will not process.
        if Task.isCancelled { return nil }
        let now = clock.now
        if let handOut = state.withLock({ $0.machine.poll(now: now) }) { return workItem(for: handOut) }
        return await wait()
    }

    /// Ends the processing of a key. If the key was added during the processing, it becomes ready again.
    public func done(_ key: Key) {
        let now = clock.now
        let workedFor = step { $0.done(key, now: now) }
        if let workedFor { metrics?.workDuration.observe(workedFor.inSeconds) }
    }

    /// Shuts the queue down: no more keys are handed out, and all waiting workers get `nil`.
    public func shutDown() {
        let waiters = state.withLock { state in
            state.machine.shutDown().compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in waiters { waiter.resume(returning: nil) }
        alarm.ring()
    }

    /// Makes delayed keys ready in time, until the queue is shut down or the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let now = clock.now
            let (deadline, isShutDown) = step { machine in
                let action = machine.timerFired(now: now)
                return (action, (machine.nextDeadline, machine.isShutDown))
            }
            guard !isShutDown else { return }
            try? await alarm.sleep(until: deadline, clock: clock)
        }
    }

    /// How long ready keys have been waiting: the time since a key was last handed out or done, or zero if none is ready.
    public var stalledFor: Duration {
        let now = clock.now
        return state.withLock { state in
            state.machine.hasIdleWork ? state.machine.lastProgress.duration(to: now) : .zero
        }
    }

    // MARK: Inside

    private func insert(_ key: Key, priority: Int, after delay: Duration, isRetry: Bool) {
        let now = clock.now
        step { machine in
            (machine.add(key, priority: priority, after: delay, isRetry: isRetry, now: now), ())
        }
    }

    private func wait() async -> WorkItem<Key>? {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let item: WorkItem<Key>? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = clock.now
                let next = state.withLock { state -> Machine.NextAction in
                    if state.cancelled.remove(id) != nil { return .shutDown }
                    let next = state.machine.next(waiter: id, now: now)
                    if case .wait = next { state.waiters[id] = continuation }
                    return next
                }
                switch next {
                case .wait: break
                case .shutDown: continuation.resume(returning: nil)
                case .handOut(let handOut): continuation.resume(returning: workItem(for: handOut))
                }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<WorkItem<Key>?, Never>? in
                if let waiter = state.waiters.removeValue(forKey: id) {
                    _ = state.machine.cancelWaiter(id)
                    return waiter
                }
                // Either the wait has not started and must not start, or it is over and the caller cleans up.
                state.cancelled.insert(id)
                return nil
            }
            waiter?.resume(returning: nil)
        }
        state.withLock { state in _ = state.cancelled.remove(id) }
        return item
    }

    /// Runs one step of the machine, and passes the keys that it hands out to waiting workers.
    private func step<Result>(_ body: (inout Machine) -> (Machine.Action, Result)) -> Result {
        // The waiters are looked up under the same lock: a key for a waiter that is cancelled in between would be lost.
        let (resumed, isTimerBroughtForward, result) = state.withLock { state in
            let (action, result) = body(&state.machine)
            let resumed = action.handOuts.map { (state.waiters.removeValue(forKey: $0.waiter), $0.handOut) }
            return (resumed, action.isTimerBroughtForward, result)
        }
        for (waiter, handOut) in resumed {
            waiter?.resume(returning: workItem(for: handOut))
        }
        if isTimerBroughtForward { alarm.ring() }
        return result
    }

    /// Records that a key was handed out.
    private func workItem(for handOut: Machine.HandOut) -> WorkItem<Key> {
        metrics?.queueDuration.observe(handOut.queuedFor.inSeconds)
        return WorkItem(key: handOut.key, priority: handOut.priority)
    }

    private func reportMetrics() {
        guard let metrics else { return }
        let now = clock.now
        let (depth, adds, retries, processing) = state.withLock { state in
            let machine = state.machine
            return (machine.depth, machine.addCount, machine.retryCount, machine.processingSince)
        }
        metrics.report(
            depth: depth,
            adds: adds,
            retries: retries,
            processingFor: processing.map { $0.duration(to: now).inSeconds }
        )
    }
}
