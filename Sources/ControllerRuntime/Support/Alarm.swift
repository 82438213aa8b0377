import Synchronization

/// Lets one task sleep until a time that others can move forward.
final class Alarm: Sendable {
    private enum State {
        case idle
        /// It rang while no task was sleeping: the next sleep ends immediately.
        case rung
        case waiting(CheckedContinuation<Void, Never>)
        /// The sleeper was cancelled before it started to wait.
        case cancelled
    }

    private let state = Mutex(State.idle)

    /// Ends the sleep, or the next one if no task is sleeping.
    func ring() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .waiting(let waiter) = state {
                state = .idle
                return waiter
            }
            state = .rung
            return nil
        }
        waiter?.resume()
    }

    /// Sleeps until `deadline`, if there is one, or until the alarm rings.
    ///
    /// - Throws: `CancellationError`.
    func sleep(until deadline: RuntimeClock.Instant?, clock: RuntimeClock) async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForRing() }
            if let deadline {
                group.addTask { try? await clock.sleep(until: deadline) }
            }
            await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    private func waitForRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    switch state {
                    case .rung, .cancelled, .waiting:
                        state = .idle
                        return true
                    case .idle:
                        state = .waiting(continuation)
                        return false
                    }
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                switch state {
                case .waiting(let waiter):
                    state = .idle
                    return waiter
                case .idle, .cancelled:
                    state = .cancelled
                    return nil
                case .rung:
                    return nil
                }
            }
            waiter?.resume()
        }
    }
}
