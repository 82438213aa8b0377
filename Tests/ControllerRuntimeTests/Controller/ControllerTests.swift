import KubernetesAPI
import Logging
import Observability
import ServiceLifecycle
import Testing

@testable import ControllerRuntime

private struct Broken: Error {}

/// A controller whose reconciles end as the test decides.
private struct Fixture {
    struct Run: Sendable {
        var key: NamespacedName
        private var answer: AsyncStream<Result<ReconcileResult, any Error>>.Continuation

        init(key: NamespacedName, answer: AsyncStream<Result<ReconcileResult, any Error>>.Continuation) {
            self.key = key
            self.answer = answer
        }

        func end(_ result: ReconcileResult = .done) {
            answer.yield(.success(result))
            answer.finish()
        }
        func fail(_ error: any Error = Broken()) {
            answer.yield(.failure(error))
            answer.finish()
        }
    }

    let clock = ManualClock()
    let metrics = MetricsRegistry()
    let runs = Inbox<Run>()
    let cancelled = Recorder<NamespacedName>()
    let controller: Controller

    init(
        options: Controller.Options = Controller.Options(),
        caches: [any SyncedCache] = [],
        gate: (RuntimeClock) -> LeadershipGate? = { _ in nil }
    ) {
        let clock = clock.runtimeClock()
        controller = Controller(
            name: "servers",
            options: options,
            caches: caches,
            gate: gate(clock),
            metrics: metrics,
            clock: clock,
            logger: .silent,
            reconcile: { [runs, cancelled] key in
                let (stream, answer) = AsyncStream<Result<ReconcileResult, any Error>>.makeStream()
                runs.put(Run(key: key, answer: answer))
                for await result in stream { return try result.get() }
                cancelled.record(key)
                throw CancellationError()
            }
        )
    }

    func add(_ name: String) { controller.queue.add(key(name)) }

    func key(_ name: String) -> NamespacedName { NamespacedName(namespace: "default", name: name) }

    /// Runs the controller in a service group during `body`, and then shuts it down.
    func run(_ body: (ServiceGroup) async throws -> Void) async throws {
        let group = ServiceGroup(services: [controller], logger: .silent)
        let task = Task { try await group.run() }
        try await body(group)
        await group.triggerGracefulShutdown()
        try await task.value
    }

    func expectMetric(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        await expectEventually(line, sourceLocation: sourceLocation) {
            metrics.exposition().contains("\n\(line)\n")
        }
    }
}

@Suite("Controller", .timeLimit(.minutes(1)))
struct ControllerTests {
    @Test("a failed reconcile runs again after 5 ms, then after doubled delays, until it succeeds")
    func failures() async throws {
        let fixture = Fixture()
        try await fixture.run { _ in
            fixture.add("a")
            for delay in [5, 10, 20, 40] {
                try await fixture.runs.next().fail()
                await fixture.clock.pass(.milliseconds(delay))
            }
            // A change in between does not reset the failures.
            try await fixture.runs.next().fail()
            await expectEventually("the backoff") { fixture.clock.pending == [.milliseconds(80)] }
            fixture.add("a")
            try await fixture.runs.next().fail()
            await fixture.clock.pass(.milliseconds(160))
            try await fixture.runs.next().end()
            await fixture.expectMetric(#"controller_runtime_reconcile_total{controller="servers",result="success"} 1"#)
            fixture.add("a")
            try await fixture.runs.next().fail()
            await fixture.clock.pass(.milliseconds(5))
            try await fixture.runs.next().end()
            await fixture.expectMetric(#"controller_runtime_reconcile_total{controller="servers",result="error"} 7"#)
            await fixture.expectMetric(#"controller_runtime_reconcile_errors_total{controller="servers"} 7"#)
            await fixture.expectMetric(#"workqueue_retries_total{name="servers",controller="servers"} 7"#)
        }
    }

    @Test("retries of all keys together are limited, and changes are not")
    func overallRate() async throws {
        let fixture = Fixture(options: Controller.Options(retryLimit: TokenBucket(rate: 1, burst: 1)))
        try await fixture.run { _ in
            for (number, name) in ["a", "b", "c"].enumerated() {
                fixture.add(name)
                try await fixture.runs.next().fail()
                // Workers end concurrently: the order of the retries is the order in which they are requested.
                await fixture.expectMetric(
                    #"workqueue_retries_total{name="servers",controller="servers"} \#(number + 1)"#
                )
            }
            fixture.add("new")
            try await fixture.runs.next().end()
            await fixture.clock.pass(.milliseconds(5))
            let first = try await fixture.runs.next()
            #expect(first.key.name == "a")
            first.end()
            await fixture.clock.pass(.milliseconds(995))
            let second = try await fixture.runs.next()
            #expect(second.key.name == "b")
            second.end()
            await fixture.clock.pass(.seconds(1))
            let third = try await fixture.runs.next()
            #expect(third.key.name == "c")
            third.end()
        }
    }

    @Test("an error that a retry cannot fix is counted and not retried")
    func terminalError() async throws {
        let fixture = Fixture()
        try await fixture.run { _ in
            fixture.add("a")
            try await fixture.runs.next().fail(TerminalError(Broken()))
            await fixture.expectMetric(
                #"controller_runtime_terminal_reconcile_errors_total{controller="servers"} 1"#
            )
            await fixture.expectMetric(#"controller_runtime_reconcile_errors_total{controller="servers"} 1"#)
            #expect(fixture.controller.queue.count == 0)
            // A later change still causes a reconcile.
            fixture.add("a")
            try await fixture.runs.next().end()
        }
    }

    @Test("a reconcile that requests another run gets it after the delay, and its failures are forgotten")
    func requeueAfter() async throws {
        let fixture = Fixture()
        try await fixture.run { _ in
            fixture.add("a")
            try await fixture.runs.next().fail()
            await fixture.clock.pass(.milliseconds(5))
            try await fixture.runs.next().end(.requeueAfter(.seconds(30)))
            await fixture.clock.pass(.seconds(30))
            try await fixture.runs.next().fail()
            await fixture.clock.pass(.milliseconds(5))
            try await fixture.runs.next().end()
            await fixture.expectMetric(
                #"controller_runtime_reconcile_total{controller="servers",result="requeue_after"} 1"#
            )
        }
    }

    @Test("a change during a run runs the key again, but never concurrently")
    func changeDuringRun() async throws {
        let fixture = Fixture()
        try await fixture.run { _ in
            fixture.add("a")
            let first = try await fixture.runs.next()
            fixture.add("a")
            fixture.add("b")
            let other = try await fixture.runs.next()
            // "a" was added before "b", and would have been handed out first.
            #expect(other.key.name == "b")
            #expect(fixture.runs.count == 0)
            await fixture.expectMetric(#"controller_runtime_active_workers{controller="servers"} 2"#)
            first.end()
            let second = try await fixture.runs.next()
            #expect(second.key.name == "a")
            second.end()
            other.end()
            await fixture.expectMetric(#"controller_runtime_active_workers{controller="servers"} 0"#)
        }
    }

    @Test("a reconcile that takes too long is cancelled, counted and retried")
    func timeout() async throws {
        let fixture = Fixture(options: Controller.Options(reconcileTimeout: .seconds(60)))
        try await fixture.run { _ in
            fixture.add("a")
            _ = try await fixture.runs.next()
            await fixture.clock.pass(.seconds(60))
            await expectEventually("cancelled") { fixture.cancelled.count == 1 }
            await fixture.clock.pass(.milliseconds(5))
            try await fixture.runs.next().end()
            await fixture.expectMetric(#"controller_runtime_reconcile_timeouts_total{controller="servers"} 1"#)
            await fixture.expectMetric(#"controller_runtime_reconcile_time_seconds_sum{controller="servers"} 60"#)
        }
    }

    @Test("nothing runs before the caches have synced and the process is the leader")
    func waits() async throws {
        let cache = InformerFixture()
        let fixture = Fixture(caches: [cache.informer], gate: { LeadershipGate(clock: $0) })
        let ready = ManagerHealth.readiness(caches: [], controllers: [fixture.controller])
        try await fixture.run { _ in
            fixture.add("a")
            await expectEventually("it waits for the cache") { cache.informer.synced.waiterCount == 1 }
            #expect(fixture.runs.count == 0)
            try await cache.run { _ in _ = try await cache.sync() }
            await expectEventually("it waits for the lead") { fixture.controller.gate?.opened.waiterCount == 1 }
            #expect(fixture.runs.count == 0)
            #expect(!fixture.controller.isReconciling)
            // A process that is not the leader is still ready.
            #expect(ready.first?.problem() == nil)
            fixture.controller.gate?.open(until: nil)
            try await fixture.runs.next().end()
            #expect(fixture.controller.isReconciling)
            #expect(ready.first?.problem() == nil)
        }
        #expect(!fixture.controller.isReconciling)
        #expect(ready.first?.problem() == "servers is not reconciling yet")
    }

    @Test("caches that do not sync in time stop the controller, if so configured")
    func cacheSyncTimeout() async throws {
        let cache = InformerFixture()
        let fixture = Fixture(options: Controller.Options(cacheSyncTimeout: .seconds(120)), caches: [cache.informer])
        let run = Task { try await fixture.controller.run() }
        await fixture.clock.pass(.seconds(120))
        await #expect(throws: TimeoutError.self) { try await run.value }
    }

    @Test("losing leadership cancels running reconciles, starts no others, and stops the controller with an error")
    func losesLead() async throws {
        let fixture = Fixture(options: Controller.Options(workers: 2), gate: { LeadershipGate(clock: $0) })
        let run = Task { try await fixture.controller.run() }
        fixture.controller.gate?.open(until: nil)
        for name in ["a", "b", "c", "d"] { fixture.add(name) }
        _ = try await fixture.runs.next()
        _ = try await fixture.runs.next()
        fixture.controller.gate?.close()
        await #expect(throws: LeadershipLostError.self) { try await run.value }
        #expect(Set(fixture.cancelled.all.map(\.name)) == ["a", "b"])
        #expect(fixture.runs.count == 0)
        // An interrupted reconcile is not a failure.
        await fixture.expectMetric(#"controller_runtime_reconcile_errors_total{controller="servers"} 0"#)
    }

    @Test("after leadership expired nothing starts, and a key that was already taken is not lost")
    func lapsedLead() async throws {
        let fixture = Fixture(gate: { LeadershipGate(clock: $0) })
        try await fixture.run { _ in
            let gate = fixture.controller.gate
            gate?.open(until: RuntimeClock.Instant(offset: .seconds(10)))
            fixture.add("a")
            try await fixture.runs.next().end()
            fixture.clock.advance(by: .seconds(11))
            fixture.add("b")
            await expectEventually("put back") { fixture.clock.pending == [.seconds(1)] }
            #expect(fixture.runs.count == 0)
            gate?.open(until: RuntimeClock.Instant(offset: .seconds(30)))
            await fixture.clock.pass(.seconds(1))
            let run = try await fixture.runs.next()
            #expect(run.key.name == "b")
            run.end()
        }
    }

    @Test("a graceful shutdown lets running reconciles finish, and starts no others")
    func gracefulShutdown() async throws {
        let fixture = Fixture(options: Controller.Options(workers: 1))
        let group = ServiceGroup(services: [fixture.controller], logger: .silent)
        let task = Task { try await group.run() }
        fixture.add("a")
        fixture.add("b")
        let run = try await fixture.runs.next()
        await group.triggerGracefulShutdown()
        await expectEventually("the queue is closed") { fixture.controller.queue.isShutDown }
        run.end()
        try await task.value
        #expect(fixture.cancelled.all.isEmpty)
        #expect(fixture.runs.count == 0)
        await fixture.expectMetric(#"controller_runtime_reconcile_total{controller="servers",result="success"} 1"#)
    }

    @Test("workers that take no key although some are ready make the process unhealthy; one slow key does not")
    func stall() async throws {
        let fixture = Fixture(options: Controller.Options(workers: 1, stallLimit: .seconds(600)))
        let alive = ManagerHealth.liveness(caches: [], controllers: [fixture.controller])
        try await fixture.run { _ in
            fixture.add("a")
            let slow = try await fixture.runs.next()
            fixture.add("a")
            fixture.clock.advance(by: .seconds(601))
            #expect(alive.first?.problem() == nil)
            fixture.add("b")
            #expect(alive.first?.problem()?.contains("none of 1 workers has taken one") == true)
            slow.end()
            for _ in 0..<2 { try await fixture.runs.next().end() }
            await expectEventually("alive") { alive.first?.problem() == nil }
        }
    }

    @Test("log lines of a reconcile identify it")
    func context() async throws {
        let seen = Recorder<Logger.Metadata>()
        let metrics = MetricsRegistry()
        let controller = Controller(name: "tenants", metrics: metrics, logger: .silent) { _ in
            seen.record(ReconcileContext.metadataProvider.get())
            return .done
        }
        let run = Task { try await controller.run() }
        controller.queue.add(NamespacedName(name: "acme"))
        controller.queue.add(NamespacedName(namespace: "team", name: "search"))
        await expectEventually("both") { seen.count == 2 }
        run.cancel()
        _ = await run.result
        let byName = Dictionary(uniqueKeysWithValues: seen.all.map { ("\($0["name"] ?? "")", $0) })
        #expect(byName["acme"]?["controller"] == "tenants")
        #expect(byName["acme"]?["namespace"] == nil)
        #expect(byName["search"]?["namespace"] == "team")
        #expect(Set(seen.all.compactMap { $0["reconcileID"]?.description }).count == 2)
        #expect(ReconcileContext.metadataProvider.get().isEmpty)
    }

    @Test("every series exists from the start")
    func initialMetrics() {
        let fixture = Fixture(options: Controller.Options(workers: 5))
        let text = fixture.metrics.exposition()
        for line in [
            #"controller_runtime_reconcile_total{controller="servers",result="error"} 0"#,
            #"controller_runtime_reconcile_total{controller="servers",result="requeue"} 0"#,
            #"controller_runtime_reconcile_total{controller="servers",result="requeue_after"} 0"#,
            #"controller_runtime_reconcile_total{controller="servers",result="success"} 0"#,
            #"controller_runtime_reconcile_panics_total{controller="servers"} 0"#,
            #"controller_runtime_max_concurrent_reconciles{controller="servers"} 5"#,
            #"controller_runtime_active_workers{controller="servers"} 0"#,
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }
}
