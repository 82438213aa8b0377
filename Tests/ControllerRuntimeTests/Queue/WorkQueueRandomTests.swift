import KubernetesAPI
import Testing

@testable import ControllerRuntime

/// A model of a queue that is as simple as possible: a dictionary that is searched completely.
private struct Model {
    struct Queued {
        var priority: Int
        var readyAt: RuntimeClock.Instant
    }

    var queued: [Int: Queued] = [:]
    var processing: Set<Int> = []
    var failures: [Int: Int] = [:]

    mutating func add(_ key: Int, priority: Int, readyAt: RuntimeClock.Instant) {
        if let old = queued[key] {
            queued[key] = Queued(priority: max(old.priority, priority), readyAt: min(old.readyAt, readyAt))
        } else {
            queued[key] = Queued(priority: priority, readyAt: readyAt)
        }
    }

    /// The highest priority that can be handed out now.
    func bestPriority(now: RuntimeClock.Instant) -> Int? {
        queued.filter { !processing.contains($0.key) && $0.value.readyAt <= now }.map(\.value.priority).max()
    }
}

@Suite("Work queue: random operations")
struct WorkQueueRandomTests {
    @Test(
        "after any operations, a queue hands out each key once at a time, by priority and not too early",
        arguments: [UInt64](1...40)
    )
    func agreesWithModel(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var machine = WorkQueueStateMachine<Int>()
        var model = Model()
        var now = RuntimeClock.Instant()
        let keys = Int.random(in: 1...30, using: &random)
        // The operations of ten producers and ten workers, in one sequence.
        for step in 0..<2_000 {
            let key = Int.random(in: 0..<keys, using: &random)
            let priority = [-100, 0, 0, 0, 5].randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                _ = machine.add(key, priority: priority, now: now)
                model.add(key, priority: priority, readyAt: now)
            case 2:
                let delay = Duration.milliseconds(Int.random(in: 0...200, using: &random))
                _ = machine.add(key, priority: priority, after: delay, now: now)
                model.add(key, priority: priority, readyAt: now.advanced(by: delay))
            case 3:
                _ = machine.add(key, priority: priority, isRetry: true, now: now)
                let count = model.failures[key, default: 0]
                model.failures[key] = count + 1
                let delay = min(Duration.milliseconds(5) * Double(1 << min(count, 40)), .seconds(1_000))
                model.add(key, priority: priority, readyAt: now.advanced(by: delay))
            case 4:
                machine.forget(key)
                model.failures[key] = nil
            case 5:
                now = now.advanced(by: .milliseconds(Int.random(in: 0...100, using: &random)))
            case 6, 7:
                let best = model.bestPriority(now: now)
                let handOut = machine.poll(now: now)
                #expect(handOut?.priority == best, "seed \(seed), step \(step)")
                guard let handOut else { continue }
                #expect(!model.processing.contains(handOut.key), "handed out twice: seed \(seed), step \(step)")
                let queued = model.queued.removeValue(forKey: handOut.key)
                #expect(queued?.priority == handOut.priority, "seed \(seed), step \(step)")
                #expect(queued.map { $0.readyAt <= now } == true, "too early: seed \(seed), step \(step)")
                model.processing.insert(handOut.key)
            default:
                guard let key = model.processing.randomElement(using: &random) else { continue }
                #expect(machine.done(key, now: now).workedFor != nil)
                model.processing.remove(key)
            }
            #expect(machine.count == model.queued.count, "seed \(seed), step \(step)")
            #expect(machine.processingSince.count == model.processing.count)
            #expect(machine.depth.values.allSatisfy { $0 >= 0 }, "seed \(seed), step \(step)")
            #expect(machine.failureCount(of: key) == model.failures[key, default: 0])
        }
        // At the end, no keys are left.
        for key in model.processing { _ = machine.done(key, now: now) }
        model.processing = []
        now = now.advanced(by: .seconds(2_000))
        while let handOut = machine.poll(now: now) {
            #expect(model.queued.removeValue(forKey: handOut.key) != nil)
            _ = machine.done(handOut.key, now: now)
        }
        #expect(model.queued.isEmpty, "seed \(seed)")
        #expect(machine.count == 0)
    }

    @Test("waiting workers get the same keys as a worker that polls", arguments: [UInt64](100...120))
    func waitersAreServed(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var machine = WorkQueueStateMachine<Int>()
        var now = RuntimeClock.Instant()
        var waiting: [UInt64] = []
        var processing: Set<Int> = []
        var lastWaiter: UInt64 = 0
        func take(_ handOuts: [(waiter: UInt64, handOut: WorkQueueStateMachine<Int>.HandOut)]) {
            for (waiter, handOut) in handOuts {
                #expect(waiting.first == waiter, "in the wrong order: seed \(seed)")
                waiting.removeAll { $0 == waiter }
                let isNew = processing.insert(handOut.key).inserted
                #expect(isNew, "handed out twice: seed \(seed)")
            }
        }
        for _ in 0..<2_000 {
            let key = Int.random(in: 0..<20, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: take(machine.add(key, now: now).handOuts)
            case 1: take(machine.add(key, after: .milliseconds(30), now: now).handOuts)
            case 2:
                lastWaiter += 1
                switch machine.next(waiter: lastWaiter, now: now) {
                case .wait: waiting.append(lastWaiter)
                case .handOut(let handOut):
                    let isNew = processing.insert(handOut.key).inserted
                    #expect(isNew, "handed out twice: seed \(seed)")
                case .shutDown: Issue.record("it was not shut down")
                }
            case 3:
                guard let waiter = waiting.randomElement(using: &random) else { continue }
                let isCancelled = machine.cancelWaiter(waiter)
                #expect(isCancelled)
                waiting.removeAll { $0 == waiter }
            case 4:
                now = now.advanced(by: .milliseconds(Int.random(in: 0...20, using: &random)))
                take(machine.timerFired(now: now).handOuts)
            default:
                guard let key = processing.randomElement(using: &random) else { continue }
                processing.remove(key)
                take(machine.done(key, now: now).action.handOuts)
            }
            #expect(waiting.isEmpty || !machine.hasIdleWork, "there is idle work while workers wait: seed \(seed)")
        }
    }
}
