import Synchronization

/// A flag that is raised once, and that many tasks can wait for, such as "synced" or "shut down".
public final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var nextID: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        /// Waiters that were cancelled before they started to wait.
        var cancelled: Set<UInt64> = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Whether it was raised.
    public var isRaised: Bool { state.withLock { $0.isRaised } }

    /// The number of tasks that wait for it.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Raises it and wakes all waiting tasks. Raising it again does nothing.
    public func raise() {
        let waiters = state.withLock { state in
            state.isRaised = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once it is raised.
    ///
    /// - Throws: `CancellationError` if the task is cancelled first.
    public func wait() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let immediate: Result<Void, any Error>? = state.withLock { state in
                    if state.isRaised { return .success(()) }
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let immediate { continuation.resume(with: immediate) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                if let waiter = state.waiters.removeValue(forKey: id) { return waiter as CheckedContinuation? }
                if !state.isRaised { state.cancelled.insert(id) }
                return nil
            }
            waiter?.resume(throwing: CancellationError())
        }
        // Clean up after a cancellation that happens when the wait is already over.
        state.withLock { state in _ = state.cancelled.remove(id) }
    }
}
