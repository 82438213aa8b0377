internal import Synchronization

/// A request to end the processes of a pod. A later one can only shorten the grace period.
final class StopRequest: Sendable {
    private struct State {
        var grace: Duration?
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    func request(grace: Duration) {
        let waiters = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            if let current = state.grace, current <= grace { return [] }
            state.grace = grace
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.finish() }
    }

    var isRequested: Bool { state.withLock { $0.grace != nil } }

    /// Waits for the request, or for the end of the task.
    func wait() async { await waitForChange { $0 == nil } }

    /// Waits until the grace period is over, or for the end of the task.
    func waitForGrace(_ clock: any Clock<Duration>) async {
        while !Task.isCancelled, let grace = state.withLock({ $0.grace }) {
            let isOver = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try? await clock.sleep(for: grace)
                    return true
                }
                group.addTask {
                    await self.waitForChange { $0 == grace }
                    return false
                }
                defer { group.cancelAll() }
                return await group.next() ?? true
            }
            if isOver { return }
        }
    }

    /// Waits while the grace period is what it was. Each waiter has a stream of its own: cancelling one must not wake the others.
    private func waitForChange(_ isUnchanged: (Duration?) -> Bool) async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let id = state.withLock { state -> Int? in
            guard isUnchanged(state.grace) else { return nil }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = continuation
            return state.nextWaiter
        }
        guard let id else { return }
        for await _ in stream {}
        state.withLock { $0.waiters[id] = nil }
    }
}
