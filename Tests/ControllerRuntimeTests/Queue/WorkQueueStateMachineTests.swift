import Testing

@testable import ControllerRuntime

/// The instant after this many milliseconds.
private func at(_ milliseconds: Int) -> RuntimeClock.Instant {
    RuntimeClock.Instant(offset: .milliseconds(milliseconds))
}

@Suite("Work queue: decisions")
struct WorkQueueStateMachineTests {
    private typealias Machine = WorkQueueStateMachine<String>

    private func drain(_ machine: inout Machine, at now: RuntimeClock.Instant) -> [String] {
        var keys: [String] = []
        while let handOut = machine.poll(now: now) { keys.append(handOut.key) }
        return keys
    }

    @Test("a key that is added repeatedly is handed out once")
    func deduplicates() {
        var machine = Machine()
        for _ in 0..<3 { _ = machine.add("a", now: at(0)) }
        #expect(machine.count == 1)
        #expect(drain(&machine, at: at(0)) == ["a"])
        #expect(machine.count == 0)
        #expect(machine.addCount == 1)
    }

    @Test("a key that is added while it is processed is handed out again, but only after done")
    func runsAgain() throws {
        var machine = Machine()
        _ = machine.add("a", now: at(0))
        #expect(machine.poll(now: at(0))?.key == "a")
        _ = machine.add("a", now: at(1))
        _ = machine.add("a", now: at(2))
        #expect(machine.poll(now: at(2)) == nil)
        let finished = machine.done("a", now: at(5))
        #expect(finished.workedFor == .milliseconds(5))
        #expect(drain(&machine, at: at(5)) == ["a"])
        let second = machine.done("a", now: at(6))
        #expect(second.action.handOuts.isEmpty)
        #expect(machine.poll(now: at(6)) == nil)
    }

    @Test("done for a key that is not processed changes nothing")
    func strayDone() {
        var machine = Machine()
        _ = machine.add("a", now: at(0))
        #expect(machine.done("a", now: at(0)).workedFor == nil)
        #expect(machine.done("b", now: at(0)).workedFor == nil)
        #expect(drain(&machine, at: at(0)) == ["a"])
    }

    @Test("higher priorities are handed out first, and equal ones in the order in which they were added")
    func priorities() {
        var machine = Machine()
        for (key, priority) in [("low1", -100), ("a", 0), ("high", 7), ("b", 0), ("low2", -100)] {
            _ = machine.add(key, priority: priority, now: at(0))
        }
        #expect(machine.depth == [-100: 2, 0: 2, 7: 1])
        #expect(drain(&machine, at: at(0)) == ["high", "a", "b", "low1", "low2"])
        #expect(machine.depth.values.allSatisfy { $0 == 0 })
    }

    @Test(
        "a second add keeps the higher priority and the earlier time",
        arguments: [
            // Priority and delay of the first add, of the second, and the result.
            (0, 100, 0, 50, 0, 50), (0, 50, 0, 100, 0, 50), (5, 100, 0, 0, 5, 0), (-100, 0, 0, 100, 0, 0),
            (-100, 100, 3, 100, 3, 100), (3, 0, -100, 0, 3, 0),
        ]
    )
    func merges(first: Int, delay: Int, second: Int, otherDelay: Int, priority: Int, ready: Int) {
        var machine = Machine()
        _ = machine.add("a", priority: first, after: .milliseconds(delay), now: at(0))
        _ = machine.add("a", priority: second, after: .milliseconds(otherDelay), now: at(0))
        if ready > 0 { #expect(machine.poll(now: at(ready - 1)) == nil) }
        let handOut = machine.poll(now: at(ready))
        #expect(handOut?.key == "a")
        #expect(handOut?.priority == priority)
        #expect(machine.poll(now: at(10_000)) == nil)
    }

    @Test("a delayed key is not ready before its time")
    func delays() {
        var machine = Machine()
        let broughtForward = [("later", 20), ("sooner", 10), ("last", 30)].map { key, delay in
            machine.add(key, after: .milliseconds(delay), now: at(0)).isTimerBroughtForward
        }
        #expect(broughtForward == [true, true, false])
        #expect(machine.nextDeadline == at(10))
        #expect(machine.depth.values.reduce(0, +) == 0)
        #expect(machine.addCount == 0)
        #expect(drain(&machine, at: at(9)) == [])
        #expect(drain(&machine, at: at(20)) == ["sooner", "later"])
        #expect(machine.count == 1)
        #expect(machine.addCount == 2)
    }

    @Test("a waiter gets a key when it is added, and delayed keys when they are due")
    func waiters() {
        var machine = Machine()
        guard case .wait = machine.next(waiter: 1, now: at(0)), case .wait = machine.next(waiter: 2, now: at(0)) else {
            Issue.record("there was no key to hand out")
            return
        }
        let action = machine.add("a", now: at(3))
        #expect(action.handOuts.map(\.waiter) == [1])
        #expect(action.handOuts.map(\.handOut.key) == ["a"])
        _ = machine.add("b", after: .milliseconds(5), now: at(3))
        let fired = machine.timerFired(now: at(8))
        #expect(fired.handOuts.map(\.waiter) == [2])
        #expect(fired.handOuts.first?.handOut.queuedFor == .zero)
        let later = machine.timerFired(now: at(9))
        #expect(later.handOuts.isEmpty)
    }

    @Test("a waiter that was cancelled gets nothing")
    func cancelledWaiter() {
        var machine = Machine()
        _ = machine.next(waiter: 1, now: at(0))
        _ = machine.next(waiter: 2, now: at(0))
        let cancelled = [machine.cancelWaiter(1), machine.cancelWaiter(1)]
        #expect(cancelled == [true, false])
        let action = machine.add("a", now: at(0))
        #expect(action.handOuts.map(\.waiter) == [2])
    }

    @Test("a failing key waits 5 ms, then doubled delays, at most 1000 s")
    func backoff() {
        var machine = Machine()
        var now = at(0)
        var expected = Duration.milliseconds(5)
        for failure in 1...60 {
            _ = machine.add("a", isRetry: true, now: now)
            #expect(machine.nextDeadline == now.advanced(by: expected), "failure \(failure)")
            now = now.advanced(by: expected)
            #expect(machine.poll(now: now)?.key == "a")
            _ = machine.done("a", now: now)
            expected = min(expected * 2, .seconds(1_000))
        }
        #expect(machine.failureCount(of: "a") == 60)
        #expect(machine.retryCount == 60)
        machine.forget("a")
        _ = machine.add("a", isRetry: true, now: now)
        #expect(machine.nextDeadline == now.advanced(by: .milliseconds(5)))
    }

    @Test("failures of one key do not delay another")
    func backoffByKey() {
        var machine = Machine()
        for _ in 0..<20 {
            _ = machine.add("bad", isRetry: true, now: at(0))
        }
        _ = machine.add("other", isRetry: true, now: at(0))
        #expect(drain(&machine, at: at(5)) == ["bad", "other"])
    }

    @Test("an overall limit delays retries, and nothing else")
    func overallLimit() {
        var machine = Machine(overallLimit: TokenBucket(rate: 10, burst: 2))
        for key in ["a", "b", "c", "d"] { _ = machine.add(key, isRetry: true, now: at(0)) }
        _ = machine.add("new", now: at(0))
        #expect(drain(&machine, at: at(5)) == ["new", "a", "b"])
        #expect(drain(&machine, at: at(99)) == [])
        #expect(drain(&machine, at: at(100)) == ["c"])
        #expect(drain(&machine, at: at(200)) == ["d"])
    }

    @Test("after the shutdown no keys are added or handed out")
    func shutDown() {
        var machine = Machine()
        _ = machine.next(waiter: 1, now: at(0))
        #expect(machine.shutDown() == [1])
        _ = machine.add("a", now: at(0))
        #expect(machine.poll(now: at(0)) == nil)
        #expect(machine.count == 0)
        guard case .shutDown = machine.next(waiter: 2, now: at(0)) else {
            Issue.record("a worker would wait for ever")
            return
        }
    }

    @Test("a key that waits for the end of its own run does not count as idle work")
    func idleWork() {
        var machine = Machine()
        _ = machine.add("slow", now: at(0))
        _ = machine.poll(now: at(0))
        _ = machine.add("slow", now: at(1))
        #expect(!machine.hasIdleWork)
        _ = machine.add("other", now: at(1))
        #expect(machine.hasIdleWork)
    }
}
