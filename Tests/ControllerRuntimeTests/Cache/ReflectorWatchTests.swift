import KubernetesAPI
import Testing

@testable import ControllerRuntime

@Suite("Reflector: watches", .timeLimit(.minutes(1)))
struct ReflectorWatchTests {
    @Test("events change the store, and handlers are called after each change")
    func events() async throws {
        let fixture = InformerFixture()
        let seen = Recorder<Bool>()
        fixture.informer.onChange { [store = fixture.informer.store] old, new in
            let key = (new ?? old)?.namespacedName ?? NamespacedName(name: "")
            seen.record(store.get(key)?.metadata.resourceVersion == new?.metadata.resourceVersion)
        }
        try await fixture.run { source in
            let watch = try await fixture.sync([object("a", 1)])
            watch.send(.added(object("b", 11)))
            watch.send(.modified(object("a", 12)))
            watch.send(.deleted(object("b", 13)))
            // A version that is older than the stored one, or equal, changes nothing.
            watch.send(.modified(object("a", 12)))
            watch.send(.modified(object("a", 7)))
            watch.send(.added(object("c", 14)))
            await expectEventually("the last event") { fixture.changes.count == 5 }
            await expectEventually("the changes") { fixture.changes.all == ["+a1", "+b11", "~a12", "-b11", "+c14"] }
            #expect(fixture.names == ["a12", "c14"])
            #expect(seen.all == Array(repeating: true, count: 5))
        }
    }

    @Test(
        "a watch that ends continues from the last version, of an event or of a bookmark, without a list",
        arguments: [nil, ListWatchFailure.dropped]
    )
    func resumes(failure: ListWatchFailure?) async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let first = try await fixture.sync([object("a", 1)])
            first.send(.modified(object("a", 12)))
            first.end(failure)
            let second = try await source.nextWatch()
            #expect(second.request == WatchRequest(resourceVersion: "12", timeoutSeconds: 400))
            second.accept()
            second.bookmark(30)
            second.end(failure)
            let third = try await source.nextWatch()
            #expect(third.request.resourceVersion == "30")
            third.accept()
            third.send(.deleted(object("a", 31)))
            third.end(failure)
            #expect(try await source.nextWatch().request.resourceVersion == "31")
            #expect(fixture.names.isEmpty)
        }
    }

    @Test(
        "a version that is too old causes an immediate list the first time",
        arguments: [
            Status(code: 410, reason: "Expired", message: "too old resource version"),
            Status(code: 410, reason: "Gone", message: "gone"),
        ]
    )
    func expired(status: Status) async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync()
            watch.send(.error(status))
            try await source.nextList().give([], version: 50)
            let again = try await source.nextWatch()
            again.accept()
            again.send(.error(status))
            // The second time in a row is delayed.
            await fixture.clock.pass(.milliseconds(800))
            try await source.nextList().give([], version: 60)
            #expect(try await source.nextWatch().request.resourceVersion == "60")
            #expect(fixture.informer.syncFailure == nil)
        }
    }

    @Test(
        "a watch that fails is continued from its version, without a list",
        arguments: [
            (ListWatchFailure.unreachable, 800), (.tooManyRequests(retryAfter: nil), 800),
            (.tooManyRequests(retryAfter: .seconds(9)), 9_000), (.internalError, 800), (.forbidden, 800), (.other, 800),
        ]
    )
    func watchesAgain(failure: ListWatchFailure, milliseconds: Int) async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync()
            watch.bookmark(25)
            watch.end(failure)
            await fixture.clock.pass(.milliseconds(milliseconds))
            let again = try await source.nextWatch()
            #expect(again.request.resourceVersion == "25")
            #expect(fixture.informer.syncFailure != nil)
            again.accept()
            await expectEventually("no failure") { fixture.informer.syncFailure == nil }
        }
    }

    @Test("after half a minute of internal errors a check decides whether the version is the cause")
    func internalErrors() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            var watch = try await fixture.sync()
            for delay in [800, 1_600, 3_200, 6_400, 12_800, 25_600] {
                watch.end(.internalError)
                await fixture.clock.pass(.milliseconds(delay))
                watch = try await source.nextWatch()
            }
            watch.end(.internalError)
            await fixture.clock.pass(.seconds(30))
            let check = try await source.nextList()
            #expect(check.request == ListRequest(resourceVersion: "10", limit: 1))
            check.give([], version: 10)
            await fixture.clock.pass(.seconds(30))
            #expect(try await source.nextList().request == ListRequest(resourceVersion: "10"))
        }
    }

    @Test("a server that does not accept the version gets a list request")
    func unsupported() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            try await fixture.sync().end(.unsupported)
            await fixture.clock.pass(.milliseconds(800))
            #expect(try await source.nextList().request == ListRequest(resourceVersion: "10"))
        }
    }

    @Test("a watch that ends at once without an event continues after a delay, any other immediately")
    func veryShort() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            try await fixture.sync().end()
            await fixture.clock.pass(.milliseconds(800))
            let watch = try await source.nextWatch()
            #expect(watch.request.resourceVersion == "10")
            watch.accept()
            watch.bookmark(21)
            watch.end()
            #expect(try await source.nextWatch().request.resourceVersion == "21")
        }
    }

    @Test("a watch that is silent for 90 s after a bookmark is checked by a small list, and continues at its version")
    func silent() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync()
            await fixture.clock.passStepwise(.seconds(30))
            watch.bookmark(15)
            watch.send(.added(object("a", 16)))
            await expectEventually("the event") { fixture.names == ["a16"] }
            await fixture.clock.passStepwise(.seconds(89))
            #expect(source.requests.count == 0)
            await fixture.clock.passStepwise(.seconds(1))
            let check = try await source.nextList()
            #expect(check.request == ListRequest(resourceVersion: "16", limit: 1))
            #expect(fixture.informer.syncFailure != nil)
            // What the check returns is not used.
            check.give([object("b", 20)], version: 20)
            let again = try await source.nextWatch()
            #expect(again.request.resourceVersion == "16")
            #expect(fixture.names == ["a16"])
            #expect(fixture.informer.heartbeats.allSatisfy { $0.overdue == nil })
            again.accept()
            await expectEventually("in sync") { fixture.informer.syncFailure == nil }
        }
    }

    @Test("a watch that the server does not accept is requested again after 75 s, without a list")
    func unanswered() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            try await source.nextList().give([], version: 10)
            for _ in 0..<3 {
                #expect(try await source.nextWatch().request.resourceVersion == "10")
                let requested = fixture.clock.now
                await fixture.clock.passStepwise(.seconds(3_600)) { source.requests.count > 0 }
                #expect(requested.duration(to: fixture.clock.now) >= .seconds(75))
            }
            #expect(try await source.nextWatch().request.resourceVersion == "10")
        }
    }

    @Test("the delays are reset after two minutes without a failure")
    func backoffStartsOver() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            var watch = try await fixture.sync()
            watch.end(.unreachable)
            await fixture.clock.pass(.milliseconds(800))
            watch = try await source.nextWatch()
            watch.end(.unreachable)
            await fixture.clock.pass(.milliseconds(1_600))
            watch = try await source.nextWatch()
            watch.accept()
            watch.send(.added(object("a", 31)))
            await expectEventually("the event") { fixture.names == ["a31"] }
            await fixture.clock.passStepwise(.seconds(125))
            watch.end(.unreachable)
            await fixture.clock.pass(.milliseconds(800))
            #expect(try await source.nextWatch().request.resourceVersion == "31")
        }
    }

    @Test("an object stored by a writer is not undone by earlier events")
    func writersAreAhead() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync([object("a", 1, uid: "old")])
            // A writer deleted the object and created it again, and stores the response.
            fixture.informer.store.upsert(object("a", 20, uid: "new"))
            watch.send(.modified(object("a", 15, uid: "old")))
            watch.send(.deleted(object("a", 16, uid: "old")))
            watch.send(.added(object("a", 20, uid: "new")))
            watch.send(.added(object("b", 21)))
            await expectEventually("the last event") { fixture.changes.last == "+b21" }
            await expectEventually("the changes") { fixture.changes.all == ["+a1", "+b21"] }
            #expect(fixture.informer.store.get(namespace: "default", name: "a")?.metadata.uid == "new")
        }
    }
}

@Suite("Informer: several namespaces", .timeLimit(.minutes(1)))
struct InformerHeartbeatTests {
    @Test("a loop that hangs is reported, even if that of another namespace runs")
    func heartbeats() async throws {
        let clock = ManualClock()
        let hanging = FakeSource()
        let lively = FakeSource()
        let informer = Informer<PartialObjectMetadata>(
            name: "things",
            namespaces: ["hanging", "lively"],
            indexes: [:],
            configuration: ReflectorConfiguration(),
            clock: clock.runtimeClock(),
            logger: .silent,
            source: { $0 == "hanging" ? hanging.listWatch : lively.listWatch }
        )
        let check = try #require(ManagerHealth.liveness(caches: [informer], controllers: []).first)
        #expect(informer.heartbeats.count == 2)
        for heartbeat in informer.heartbeats { heartbeat.beat() }
        for _ in 0..<4 {
            clock.advance(by: .seconds(100))
            informer.heartbeats.last?.beat()
        }
        #expect(check.problem() == "the loop of the cache things has made no progress for 400.0 seconds")
        informer.heartbeats.first?.beat()
        #expect(check.problem() == nil)
    }
}
