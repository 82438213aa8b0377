import KubernetesAPI
import Observability
import Testing

@testable import ControllerRuntime

@Suite("Work queue: workers", .timeLimit(.minutes(1)))
struct WorkQueueTests {
    @Test("a delayed key is handed out when it is due, and an earlier one moves the timer forward")
    func delays() async {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock.runtimeClock())
        let timer = Task { await queue.run() }
        let taken = Recorder<String>()
        let worker = Task {
            while let item = await queue.next() {
                taken.record(item.key)
                queue.done(item.key)
            }
        }
        queue.add("late", after: .seconds(10))
        await expectEventually("the timer sleeps") { clock.pending == [.seconds(10)] }
        queue.add("early", after: .seconds(4))
        await expectEventually("the timer was moved forward") { clock.pending == [.seconds(4)] }
        clock.advance(by: .seconds(4))
        await expectEventually("the early key") { taken.all == ["early"] }
        await clock.pass(.seconds(6))
        await expectEventually("the late key") { taken.all == ["early", "late"] }
        queue.shutDown()
        await worker.value
        await timer.value
    }

    @Test("eight workers never run one of 1,000 keys concurrently, and none is forgotten")
    func eightWorkers() async {
        let queue = WorkQueue<Int>(name: "test")
        let running = Shared<[Int: Int]>([:])
        let overlaps = Recorder<Int>()
        /// The last value added for each key, and the value that its last run saw.
        let told = Shared<[Int: Int]>([:])
        let seen = Shared<[Int: Int]>([:])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while let item = await queue.next() {
                        let isAlone = running.change { running in
                            running[item.key, default: 0] += 1
                            return running[item.key] == 1
                        }
                        if !isAlone { overlaps.record(item.key) }
                        let version = told.change { $0[item.key] ?? 0 }
                        await Task.yield()
                        seen.change { $0[item.key] = version }
                        running.change { $0[item.key, default: 0] -= 1 }
                        queue.done(item.key)
                    }
                }
            }
            await withTaskGroup(of: Void.self) { producers in
                for producer in 0..<10 {
                    producers.addTask {
                        var random = SplitMix64(seed: UInt64(producer) + 7)
                        for _ in 0..<1_000 {
                            let key = Int.random(in: 0..<1_000, using: &random)
                            told.change { $0[key, default: 0] += 1 }
                            queue.add(key, priority: Int.random(in: 0...1, using: &random))
                        }
                    }
                }
            }
            await expectEventually("every key was run after it was last added") {
                told.value == seen.value
            }
            queue.shutDown()
        }
        #expect(overlaps.all.isEmpty)
        #expect(seen.value.count > 900)
    }

    @Test("a key that always fails does not delay others")
    func failingKey() async {
        let clock = ManualClock()
        let queue = WorkQueue<String>(name: "test", clock: clock.runtimeClock())
        let timer = Task { await queue.run() }
        let taken = Recorder<String>()
        let worker = Task {
            while let item = await queue.next() {
                taken.record(item.key)
                if item.key == "bad" { queue.addRateLimited(item.key, priority: item.priority) }
                queue.done(item.key)
            }
        }
        queue.add("bad")
        for round in 0..<100 {
            queue.add("good \(round)")
            await expectEventually("good \(round)") { taken.all.contains("good \(round)") }
            clock.advance(by: .milliseconds(100))
        }
        // After ten seconds there were eleven attempts: 5 ms, 10 ms, … 5.12 s.
        #expect(taken.all.filter { $0 == "bad" }.count <= 12)
        #expect(taken.all.filter { $0 == "bad" }.count >= 3)
        queue.shutDown()
        await worker.value
        await timer.value
    }

    @Test("a cancelled worker does not take a key")
    func cancelledWorker() async {
        let queue = WorkQueue<String>(name: "test")
        let idle = Task { await queue.next() }
        await expectEventually("it waits") { queue.waiterCount == 1 }
        idle.cancel()
        #expect(await idle.value == nil)
        queue.add("a")
        let late = Task { () -> WorkItem<String>? in
            _ = await holds { Task.isCancelled }
            return await queue.next()
        }
        late.cancel()
        #expect(await late.value == nil)
        #expect(await queue.next()?.key == "a")
    }

    @Test("the shutdown releases waiting workers, and the remaining keys stay in the queue")
    func shutDown() async {
        let queue = WorkQueue<String>(name: "test")
        let worker = Task { await queue.next() }
        await expectEventually("it waits") { queue.waiterCount == 1 }
        queue.shutDown()
        #expect(await worker.value == nil)
        queue.add("a")
        #expect(await queue.next() == nil)
        #expect(queue.isShutDown)
    }

    @Test("the work queue's buckets are exactly controller-runtime's")
    func queueBuckets() {
        let registry = MetricsRegistry()
        _ = WorkQueueMetrics(name: "q", registry: registry)
        let bounds = registry.exposition().split(separator: "\n")
            .filter { $0.hasPrefix("workqueue_queue_duration_seconds_bucket") }
            .compactMap { $0.split(separator: "le=\"").last?.split(separator: "\"").first.map(String.init) }
        #expect(bounds.count == 13)
        #expect(bounds.first == "1e-08")
        #expect(bounds.last == "+Inf")
        #expect(bounds.compactMap(Double.init) == bounds.compactMap(Double.init).sorted())
    }

    @Test("the metrics report depth, adds, retries, waiting and work")
    func metrics() async {
        let clock = ManualClock()
        let registry = MetricsRegistry()
        let queue = WorkQueue<String>(name: "servers", clock: clock.runtimeClock(), metrics: registry)
        queue.add("a")
        queue.add("b", priority: WorkPriority.low)
        queue.addRateLimited("c")
        clock.advance(by: .seconds(2))
        _ = await queue.next()
        clock.advance(by: .seconds(3))
        let lines = registry.exposition().split(separator: "\n").map(String.init)
        let labels = "{name=\"servers\",controller=\"servers\"}"
        for line in [
            "workqueue_depth{name=\"servers\",controller=\"servers\",priority=\"0\"} 1",
            "workqueue_depth{name=\"servers\",controller=\"servers\",priority=\"-100\"} 1",
            "workqueue_adds_total\(labels) 3",
            "workqueue_retries_total\(labels) 1",
            "workqueue_queue_duration_seconds_count\(labels) 1",
            "workqueue_queue_duration_seconds_sum\(labels) 2",
            "workqueue_unfinished_work_seconds\(labels) 3",
            "workqueue_longest_running_processor_seconds\(labels) 3",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        queue.done("a")
        #expect(registry.exposition().contains("workqueue_work_duration_seconds_sum\(labels) 3\n"))
        #expect(registry.exposition().contains("workqueue_unfinished_work_seconds\(labels) 0\n"))
    }
}
