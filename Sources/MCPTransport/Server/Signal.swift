import Synchronization

/// Wakes tasks. A wake-up that comes while nobody waits is kept; several count as one.
package final class Signal: Sendable {
    private struct State {
        var isFired = false
        var isFinished = false
        var waiting: [Waiting] = []
        var nextNumber: UInt64 = 0

        /// What a task gets that need not wait: `nil` if it has to.
        mutating func take() -> Bool? {
            guard isFired else { return isFinished ? false : nil }
            isFired = false
            return true
        }
    }

    private struct Waiting {
        let number: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private let state = Mutex(State())

    package init() {}

    /// Wakes a task that waits, the one that has waited longest, or the next one that will.
    package func fire() {
        let waiting = state.withLock { state -> Waiting? in
            if state.isFinished { return nil }
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.isFired = true
            return nil
        }
        waiting?.continuation.resume(returning: true)
    }

    /// Wakes all who wait, now and later.
    package func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for task in waiting { task.continuation.resume(returning: false) }
    }

    /// Waits until the signal fires or finishes, or the task is cancelled, which does not concern others who wait.
    ///
    /// - Returns: `false` if it has finished, or the task is cancelled.
    @discardableResult package func wait() async -> Bool {
        let (outcome, number) = state.withLock { state in
            state.nextNumber += 1
            return (state.take(), state.nextNumber)
        }
        if let outcome { return outcome }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Bool? in
                    if let outcome = state.take() { return outcome }
                    // A cancellation before this has found nothing to end.
                    if Task.isCancelled { return false }
                    state.waiting.append(Waiting(number: number, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
            }
            waiting?.continuation.resume(returning: false)
        }
    }
}
