import KubernetesAPI
import KubernetesClient
import Logging
import Observability
import ServiceLifecycle
import Testing

@testable import ControllerRuntime

private func reference(_ name: String, version: String? = nil) -> EventObject.Reference {
    EventObject.Reference(
        apiVersion: "moorage.dev/v1alpha1",
        kind: "MCPServer",
        namespace: "default",
        name: name,
        uid: "uid-\(name)",
        resourceVersion: version
    )
}

/// A recorder whose writes end as the test decides.
private struct Fixture {
    let clock = ManualClock()
    let metrics = MetricsRegistry()
    let created = Recorder<EventObject>()
    let patched = Recorder<EventObject>()
    let createOutcomes = Shared<[EventWriteOutcome]>([])
    let patchOutcomes = Shared<[EventWriteOutcome]>([])
    let log = RecordingLog()
    let recorder: EventRecorder

    init(queueLength: Int = 1_000) {
        var limits = EventRecorder.Limits()
        limits.retryJitter = 0
        // So that only retries sleep for ten seconds.
        limits.sweepPeriod = .seconds(100_001)
        limits.queueLength = queueLength
        recorder = EventRecorder(
            controller: "moorage.dev/controller",
            instance: "pod-1",
            access: EventAccess(
                create: { [created, createOutcomes] event in
                    created.record(event)
                    return createOutcomes.change { $0.isEmpty ? .written : $0.removeFirst() }
                },
                patchSeries: { [patched, patchOutcomes] event in
                    patched.record(event)
                    return patchOutcomes.change { $0.isEmpty ? .written : $0.removeFirst() }
                }
            ),
            limits: limits,
            metrics: metrics,
            clock: clock.runtimeClock(),
            logger: log.logger
        )
    }

    func record(_ name: String = "search", reason: String = "Refused", note: String = "no", version: String? = nil) {
        recorder.record(
            .warning,
            reason: reason,
            action: "Reconcile",
            note: note,
            regarding: reference(name, version: version)
        )
    }

    func run(_ body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: [recorder], logger: .silent)
        let run = Task { try await group.run() }
        try await body()
        await group.triggerGracefulShutdown()
        try await run.value
    }

    func total(_ result: String) -> Double {
        metrics.counters("moorage_events_total", help: "", labels: ["result"]).with([result]).total
    }
}

@Suite("Events", .timeLimit(.minutes(1)))
struct EventSeriesTests {
    @Test("the first is created, the second starts a series, and further ones are counted and written at the end")
    func series() async throws {
        let fixture = Fixture()
        try await fixture.run {
            for version in 1...5 { fixture.record(version: String(version)) }
            fixture.record(reason: "Other")
            fixture.record("another")
            await expectEventually("the writes") { fixture.created.count == 3 && fixture.patched.count == 1 }
            #expect(fixture.patched.last?.series?.count == 2)
            #expect(
                fixture.patched.last?.metadata.name
                    == fixture.created.all.first { $0.metadata.name?.hasPrefix("search.") == true }?.metadata.name
            )
        }
        #expect(fixture.patched.count == 2)
        #expect(fixture.patched.last?.series?.count == 5)
        #expect(fixture.total("written") == 5)
        #expect(Set(fixture.created.all.map(\.metadata.name)).count == 3)
    }

    @Test("a series is written after six minutes without an event, and a new one starts")
    func finished() {
        var machine = EventSeriesStateMachine()
        let event = EventObject(
            metadata: ObjectMeta(name: "e", namespace: "default"),
            eventTime: MicroTimestampSource.fixed.read(.zero),
            reportingController: "c",
            reportingInstance: "i",
            action: "A",
            reason: "R",
            type: "Normal",
            note: "n",
            regarding: reference("search")
        )
        func at(_ seconds: Int) -> RuntimeClock.Instant { RuntimeClock.Instant(offset: .seconds(seconds)) }
        let writes = [0, 10, 20, 30].map { machine.record(event, now: at($0)) }
        #expect(writes[0] == .create(event))
        guard case .patchSeries(let second) = writes[1] else {
            Issue.record("\(String(describing: writes[1]))")
            return
        }
        #expect(second.series?.count == 2)
        #expect(writes[2] == nil)
        #expect(writes[3] == nil)
        #expect(machine.sweep(now: at(389)).isEmpty == true)
        let swept = machine.sweep(now: at(390))
        guard case .patchSeries(let last)? = swept.first else {
            Issue.record("\(swept)")
            return
        }
        #expect(last.series?.count == 4)
        #expect(machine.count == 0)
        let anew = machine.record(event, now: at(391))
        #expect(anew == .create(event))
        // A continuing series is written every half hour.
        var patches = 0
        for second in stride(from: 400, through: 400 + 3_700, by: 100) {
            if machine.record(event, now: at(second)) != nil { patches += 1 }
            patches += machine.sweep(now: at(second)).count
        }
        #expect(patches == 3)
    }

    @Test("a failed write is retried after ten seconds, at most twelve times")
    func retries() async throws {
        let fixture = Fixture()
        fixture.createOutcomes.change { $0 = Array(repeating: .failed("no connection"), count: 13) }
        try await fixture.run {
            fixture.record("first")
            for _ in 0..<11 {
                await expectEventually("it waits") { fixture.clock.pending.contains(.seconds(10)) }
                fixture.clock.advance(by: .seconds(10))
            }
            await expectEventually("given up") { fixture.total("failed") == 1 }
            #expect(fixture.created.count == 12)
            fixture.record("second")
            await expectEventually("it waits") { fixture.clock.pending.contains(.seconds(10)) }
            fixture.clock.advance(by: .seconds(10))
            await expectEventually("written") { fixture.total("written") == 1 }
        }
    }

    @Test(
        "an event that the server rejects, or whose namespace is deleted, is not retried; only a rejection is a warning",
        arguments: [
            (EventWriteOutcome.refused("Forbidden"), [Logger.Level.warning]), (.notFound, [.debug]),
            (.namespaceTerminating, [.debug]),
        ]
    )
    func refused(outcome: EventWriteOutcome, levels: [Logger.Level]) async throws {
        let fixture = Fixture()
        fixture.createOutcomes.change { $0 = [outcome] }
        try await fixture.run {
            fixture.record("first")
            fixture.record("second")
            await expectEventually("the second") { fixture.total("written") == 1 }
            await expectEventually("the first") { fixture.total("failed") == 1 }
            #expect(Set(fixture.created.all.map(\.regarding.name)) == ["first", "second"])
        }
        #expect(fixture.log.entries.all.map(\.level) == levels)
    }

    @Test("a namespace that is being deleted is told apart from a missing permission")
    func terminating() async throws {
        let server = FakeServer()
        let access = EventAccess(client: KubernetesClient(transport: server, retryPolicy: .never))
        let event = EventObject(
            metadata: ObjectMeta(name: "e", namespace: "default"),
            eventTime: MicroTimestampSource.fixed.read(.zero),
            reportingController: "c",
            reportingInstance: "i",
            action: "A",
            reason: "R",
            type: "Normal",
            note: "n",
            regarding: reference("search")
        )
        let create = Task { await access.create(event) }
        try await server.exchanges.next().give(
            """
            {"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403, "details": {"causes": [{
              "reason": "NamespaceTerminating", "message": "namespace default is being terminated",
              "field": "metadata.namespace"
            }]}}
            """,
            status: 403
        )
        #expect(await create.value == .namespaceTerminating)
        let forbidden = Task { await access.create(event) }
        try await server.exchanges.next().refuse(403, "Forbidden", "not allowed")
        guard case .refused(let reason) = await forbidden.value else {
            Issue.record("a missing permission is a rejection")
            return
        }
        #expect(reason.contains("not allowed"))
    }

    @Test("a series whose event was deleted is created again")
    func seriesGone() async throws {
        let fixture = Fixture()
        fixture.patchOutcomes.change { $0 = [.notFound] }
        try await fixture.run {
            fixture.record()
            fixture.record()
            await expectEventually("anew") { fixture.created.count == 2 }
            #expect(fixture.created.last?.series?.count == 2)
        }
    }

    @Test("a full queue drops events, and reports it")
    func full() async throws {
        let fixture = Fixture(queueLength: 2)
        for number in 0..<5 { fixture.record("server-\(number)") }
        #expect(fixture.total("dropped") == 3)
        try await fixture.run { await expectEventually("the others") { fixture.total("written") == 2 } }
    }

    @Test("an event that a shutdown interrupts while it is written is still written")
    func inFlight() async throws {
        let begun = Signal()
        let finish = Signal()
        let written = Recorder<String>()
        let attempts = Shared(0)
        let metrics = MetricsRegistry()
        let recorder = Self.recorder(metrics: metrics) { event in
            // The first attempt hangs until it is cancelled, like a request.
            if attempts.change({
                $0 += 1; return $0
            }) == 1 {
                begun.raise()
                do { try await finish.wait() } catch { return .failed("cancelled") }
            }
            written.record(event.regarding.name)
            return .written
        }
        let group = ServiceGroup(services: [recorder], logger: .silent)
        let run = Task { try await group.run() }
        recorder.record(.normal, reason: "R", action: "A", note: "n", regarding: reference("caught"))
        try await begun.wait()
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(written.all == ["caught"])
        #expect(metrics.counters("moorage_events_total", help: "", labels: ["result"]).with(["written"]).total == 1)
    }

    @Test("events that cannot be written in time during a shutdown are counted as dropped")
    func unwritten() async throws {
        let fixture = Fixture()
        fixture.createOutcomes.change { $0 = Array(repeating: .failed("no connection"), count: 100) }
        try await fixture.run {
            for number in 0..<40 { fixture.record("server-\(number)") }
            await expectEventually("every lane waits") { fixture.clock.pending.count { $0 == .seconds(10) } == 4 }
        }
        #expect(fixture.total("failed") + fixture.total("dropped") == 40)
        #expect(fixture.total("written") == 0)
    }

    @Test("four events are written concurrently, and those of one series one after another")
    func lanes() async throws {
        let gates = Shared<[String: Signal]>([:])
        let order = Recorder<String>()
        let metrics = MetricsRegistry()
        let running = Shared((now: 0, most: 0))
        let recorder = Self.recorder(metrics: metrics) { event in
            running.change { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            let gate = gates.change { gates in
                let gate = gates["\(event.regarding.name)"] ?? Signal()
                gates["\(event.regarding.name)"] = gate
                return gate
            }
            try? await gate.wait()
            running.change { $0.now -= 1 }
            order.record("\(event.regarding.name) \(event.series?.count ?? 1)")
            return .written
        }
        let group = ServiceGroup(services: [recorder], logger: .silent)
        let run = Task { try await group.run() }
        for number in 0..<40 {
            for _ in 0..<2 {
                recorder.record(.normal, reason: "R", action: "A", note: "n", regarding: reference("s\(number)"))
            }
        }
        await expectEventually("four at once") { running.value.now == 4 }
        for number in 0..<40 {
            gates.change { gates in
                let gate = gates["s\(number)"] ?? Signal()
                gates["s\(number)"] = gate
                gate.raise()
            }
        }
        await expectEventually("all") { order.count == 80 }
        for number in 0..<40 {
            #expect(order.all.filter { $0.hasPrefix("s\(number) ") } == ["s\(number) 1", "s\(number) 2"])
        }
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(running.value.most == 4)
    }

    private static func recorder(
        metrics: MetricsRegistry,
        write: @escaping @Sendable (EventObject) async -> EventWriteOutcome
    ) -> EventRecorder {
        var limits = EventRecorder.Limits()
        limits.sweepPeriod = .seconds(100_001)
        return EventRecorder(
            controller: "moorage.dev/controller",
            instance: "pod-1",
            access: EventAccess(create: write, patchSeries: write),
            limits: limits,
            metrics: metrics,
            clock: ManualClock().runtimeClock(),
            logger: .silent
        )
    }

    @Test("an event has the fields that the API requires, and its note is cut at 1 kB between code points")
    func shape() async throws {
        let fixture = Fixture()
        try await fixture.run {
            fixture.record(note: String(repeating: "é", count: 600))
            fixture.recorder.record(
                .normal,
                reason: "R",
                action: "A",
                note: "n",
                regarding: EventObject.Reference(apiVersion: "v1", kind: "Node", namespace: nil, name: "node")
            )
            await expectEventually("both") { fixture.created.count == 2 }
        }
        let event = try #require(fixture.created.all.first { $0.regarding.name == "search" })
        #expect(event.note.utf8.count <= 1_024)
        #expect(event.note.hasSuffix("é…"))
        #expect(event.type == "Warning")
        #expect(event.metadata.namespace == "default")
        #expect(event.metadata.name?.hasPrefix("search.") == true)
        // Events about cluster-scoped objects are in this namespace.
        #expect(fixture.created.all.first { $0.regarding.name == "node" }?.metadata.namespace == "default")
        let json = try JSONValue(encoding: event)
        #expect(json["apiVersion"] == "events.k8s.io/v1")
        #expect(json["reportingInstance"] == "pod-1")
        #expect(json["series"] == nil)
    }
}
