import KubernetesAPI
import Testing

@testable import ControllerRuntime

@Suite("Reflector: lists", .timeLimit(.minutes(1)))
struct ReflectorListTests {
    @Test("the first list reads the server's cache, in pages of 500, and the watch continues from its version")
    func firstList() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let list = try await source.nextList()
            #expect(list.request == ListRequest(resourceVersion: "0", limit: 500))
            #expect(!fixture.informer.hasSynced)
            list.give([object("a", 3), object("b", 7)], version: 9)
            let watch = try await source.nextWatch()
            #expect(watch.request == WatchRequest(resourceVersion: "9", timeoutSeconds: 400))
            await expectEventually("synced") { fixture.informer.hasSynced }
            #expect(fixture.names == ["a3", "b7"])
            await expectEventually("the changes") { fixture.changes.all.sorted() == ["+a3", "+b7"] }
        }
    }

    @Test("a paginated list replaces the objects when it is complete, and each page is requested with its token")
    func pages() async throws {
        let fixture = InformerFixture(pageSize: 2)
        try await fixture.run { source in
            try await source.nextList().give([object("a", 1), object("b", 2)], version: 5, next: "T1")
            let second = try await source.nextList()
            #expect(second.request == ListRequest(resourceVersion: "", limit: 2, continueToken: "T1"))
            #expect(fixture.names.isEmpty)
            second.give([object("c", 3)], version: 5)
            let watch = try await source.nextWatch()
            #expect(watch.request.resourceVersion == "5")
            #expect(fixture.names == ["a1", "b2", "c3"])
            watch.accept()
            // A server that paginates at version 0 has no watch cache, so pages are requested from then on.
            watch.send(.error(Status(code: 410, reason: "Expired", message: "too old resource version")))
            #expect(try await source.nextList().request == ListRequest(resourceVersion: "5", limit: 2))
        }
    }

    @Test("a page whose token has expired restarts the list, without pages and of the stored state")
    func expiredContinue() async throws {
        let fixture = InformerFixture(pageSize: 2)
        try await fixture.run { source in
            try await source.nextList().give([object("a", 1), object("gone", 2)], version: 5, next: "T1")
            try await source.nextList().fail(.expired)
            let whole = try await source.nextList()
            #expect(whole.request == ListRequest(resourceVersion: ""))
            whole.give([object("a", 1)], version: 8)
            #expect(try await source.nextWatch().request.resourceVersion == "8")
            #expect(fixture.names == ["a1"])
        }
    }

    @Test(
        "a list at a version that no longer exists, or is not reached yet, is requested at once for the stored state",
        arguments: [ListWatchFailure.expired, .versionTooLarge]
    )
    func unavailableVersion(failure: ListWatchFailure) async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync([object("a", 3)])
            watch.send(.modified(object("a", 12)))
            watch.end(.expired)
            let relist = try await source.nextList()
            // At a known version there are no pages, so that the server answers from its cache.
            #expect(relist.request == ListRequest(resourceVersion: "12"))
            relist.fail(failure)
            let stored = try await source.nextList()
            #expect(stored.request == ListRequest(resourceVersion: "", limit: 500))
            stored.give([object("a", 12)], version: 20)
            let next = try await source.nextWatch()
            #expect(next.request.resourceVersion == "20")
            // The next list uses the version again.
            next.accept()
            next.bookmark(21)
            next.end(.expired)
            #expect(try await source.nextList().request.resourceVersion == "21")
        }
    }

    @Test("objects deleted while no watch ran are reported at the next list, and readers see no gap")
    func missedDeletions() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync([object("a", 1), object("b", 2), object("c", 3), object("d", 4)])
            watch.end(.expired)
            let relist = try await source.nextList()
            #expect(fixture.names == ["a1", "b2", "c3", "d4"])
            relist.give([object("a", 1), object("b", 12), object("d", 15, uid: "another")], version: 20)
            _ = try await source.nextWatch()
            #expect(fixture.names == ["a1", "b12", "d15"])
            await expectEventually("the changes, in this order") {
                fixture.changes.all.dropFirst(4) == ["-c3", "~b12", "-d4", "+d15"]
            }
        }
    }

    @Test("a failed list is retried after 800 ms, then after doubled delays, at most 30 s")
    func backoff() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            for delay in [800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000] {
                try await source.nextList().fail(.internalError)
                await fixture.clock.pass(.milliseconds(delay))
            }
            _ = try await fixture.sync()
            #expect(fixture.informer.syncFailure == nil)
        }
    }

    @Test("a server that responds with 429 gets no list for the requested time")
    func tooManyLists() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            try await source.nextList().fail(.tooManyRequests(retryAfter: .seconds(17)))
            await fixture.clock.pass(.seconds(17))
            try await source.nextList().fail(.tooManyRequests(retryAfter: nil))
            await fixture.clock.pass(.milliseconds(1_600))
            _ = try await fixture.sync()
        }
    }

    @Test("a loop that waits because the server requested it is alive")
    func longWaitIsAlive() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            try await source.nextList().fail(.tooManyRequests(retryAfter: .seconds(900)))
            for _ in 0..<15 {
                await fixture.clock.pass(.seconds(60))
                await expectEventually("the beat") { fixture.informer.heartbeats.allSatisfy { $0.overdue == nil } }
            }
            _ = try await fixture.sync()
        }
    }

    @Test("a list that takes too long is cancelled and retried")
    func slowList() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            _ = try await source.nextList()
            await fixture.clock.pass(.seconds(90))
            await fixture.clock.pass(.milliseconds(800))
            _ = try await fixture.sync()
        }
    }

    @Test("a missing permission is reported until it is granted")
    func forbidden() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            try await source.nextList().fail(.forbidden)
            await expectEventually("trouble") { fixture.informer.syncFailure != nil }
            #expect(
                fixture.informer.syncFailure?.contains("not allowed to list things: grant the verbs list and watch")
                    == true
            )
            let ready = ManagerHealth.readiness(caches: [fixture.informer], controllers: [])
            #expect(ready.first?.problem()?.contains("not allowed to list things") == true)
            await fixture.clock.pass(.milliseconds(800))
            _ = try await fixture.sync()
            await expectEventually("no failure") { fixture.informer.syncFailure == nil }
            #expect(ready.first?.problem() == nil)
        }
    }

    @Test("a wait for the first list ends when it is complete")
    func waitForSync() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let waiter = Task { [informer = fixture.informer] in try await informer.waitForSync() }
            let cancelled = Task { [informer = fixture.informer] in try await informer.waitForSync() }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            _ = try await fixture.sync([object("a", 1)])
            try await waiter.value
        }
    }
}
