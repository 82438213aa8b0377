import KubernetesAPI
import Testing

@testable import ControllerRuntime

@Suite("Reflector: streaming lists", .timeLimit(.minutes(1)))
struct ReflectorStreamingListTests {
    @Test("a streaming list replaces the objects at its final bookmark, and continues as a watch")
    func streams() async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            let watch = try await source.nextWatch()
            #expect(
                watch.request == WatchRequest(resourceVersion: "", sendInitialEvents: true, timeoutSeconds: 400)
            )
            watch.accept()
            watch.send(.added(object("a", 1)))
            watch.send(.added(object("b", 2)))
            watch.send(.modified(object("a", 5)))
            watch.send(.deleted(object("b", 6)))
            watch.bookmark(7)
            watch.bookmark(8, isEnd: true)
            await expectEventually("synced") { fixture.informer.hasSynced }
            #expect(fixture.names == ["a5"])
            // If anything had been delivered earlier, there would be more changes.
            await expectEventually("one change") { fixture.changes.all == ["+a5"] }
            watch.send(.added(object("c", 9)))
            await expectEventually("the next event") { fixture.names == ["a5", "c9"] }
            watch.end()
            #expect(try await source.nextWatch().request == WatchRequest(resourceVersion: "9", timeoutSeconds: 400))
        }
    }

    @Test("objects missing from a streaming list were deleted; until it is complete, readers see the old state")
    func missedDeletions() async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            let first = try await source.nextWatch()
            first.accept()
            for name in ["a", "b"] { first.send(.added(object(name, 1))) }
            first.bookmark(5, isEnd: true)
            first.send(.error(Status(code: 410, reason: "Expired", message: "too old")))
            let second = try await source.nextWatch()
            #expect(second.request.resourceVersion == "5")
            #expect(second.request.sendInitialEvents)
            second.accept()
            second.send(.added(object("b", 7)))
            second.bookmark(9, isEnd: true)
            await expectEventually("the swap") { fixture.names == ["b7"] }
            // The deletion comes first, although the stream sent "b" before it could show that "a" is missing.
            await expectEventually("the changes, in this order") { fixture.changes.all.suffix(2) == ["-a1", "~b7"] }
        }
    }

    @Test("a server that rejects streaming lists gets plain lists from then on")
    func refused() async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            try await source.nextWatch().end(.unsupported)
            let list = try await source.nextList()
            #expect(list.request == ListRequest(resourceVersion: "0", limit: 500))
            list.give([object("a", 1)], version: 4)
            let watch = try await source.nextWatch()
            #expect(!watch.request.sendInitialEvents)
            watch.accept()
            watch.end(.expired)
            #expect(try await source.nextList().request.resourceVersion == "4")
        }
    }

    @Test("a server whose storage does not support streaming lists gets a plain list at once, and from then on")
    func unsupportedByStorage() async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            let stream = try await source.nextWatch()
            stream.accept()
            // The response of Kubernetes 1.36 with an etcd that cannot report its progress.
            let message =
                "a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled"
            stream.send(.error(Status(code: 500, reason: "InternalError", message: message)))
            // The clock does not advance: there is no delay.
            try await source.nextList().give([object("a", 1)], version: 4)
            let watch = try await source.nextWatch()
            #expect(!watch.request.sendInitialEvents)
            watch.accept()
            watch.end(.expired)
            #expect(try await source.nextList().request.resourceVersion == "4")
        }
    }

    @Test(
        "an interrupted stream is replaced by a list, and its objects are discarded",
        arguments: [nil, ListWatchFailure.dropped, .internalError, .forbidden, .other]
    )
    func breaksOff(failure: ListWatchFailure?) async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            let stream = try await source.nextWatch()
            stream.accept()
            stream.send(.added(object("half", 1)))
            stream.end(failure)
            await fixture.clock.pass(.milliseconds(800))
            try await source.nextList().give([object("a", 1)], version: 4)
            let watch = try await source.nextWatch()
            watch.accept()
            #expect(fixture.names == ["a1"])
            // The next list can be a stream again.
            watch.end(.expired)
            #expect(try await source.nextWatch().request.sendInitialEvents)
        }
    }

    @Test(
        "an unreachable or overloaded server gets another request for a stream",
        arguments: [(ListWatchFailure.unreachable, 800), (.tooManyRequests(retryAfter: .seconds(5)), 5_000)]
    )
    func asksAgain(failure: ListWatchFailure, milliseconds: Int) async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            try await source.nextWatch().end(failure)
            await fixture.clock.pass(.milliseconds(milliseconds))
            #expect(try await source.nextWatch().request.sendInitialEvents)
        }
    }

    @Test(
        "a stream from a version that no longer exists starts again with the stored state",
        arguments: [ListWatchFailure.expired, .versionTooLarge]
    )
    func unavailableVersion(failure: ListWatchFailure) async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            let first = try await source.nextWatch()
            first.accept()
            first.bookmark(5, isEnd: true)
            first.end(.expired)
            let second = try await source.nextWatch()
            #expect(second.request.resourceVersion == "5")
            second.end(failure)
            await fixture.clock.pass(.milliseconds(800))
            let third = try await source.nextWatch()
            #expect(third.request.resourceVersion == "")
            #expect(third.request.sendInitialEvents)
        }
    }

    @Test("a stream that is silent for half a minute is replaced by a list, but only once")
    func silent() async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            let stream = try await source.nextWatch()
            stream.accept()
            await expectEventually("the acceptance is processed") { source.acceptedWatches == 1 }
            await fixture.clock.pass(.seconds(30))
            await fixture.clock.pass(.milliseconds(800))
            try await source.nextList().give([], version: 3)
            let watch = try await source.nextWatch()
            watch.accept()
            watch.end(.expired)
            #expect(try await source.nextWatch().request.sendInitialEvents)
        }
    }

    @Test("a server that does not answer gets another request for a stream, however long that takes")
    func unanswered() async throws {
        let fixture = InformerFixture(usesStreamingList: true)
        try await fixture.run { source in
            for _ in 0..<5 {
                #expect(try await source.nextWatch().request.sendInitialEvents)
                await fixture.clock.passStepwise(.seconds(3_600)) { source.requests.count > 0 }
            }
            let watch = try await source.nextWatch()
            #expect(watch.request.sendInitialEvents)
            watch.accept()
            watch.bookmark(3, isEnd: true)
            await expectEventually("synced") { fixture.informer.hasSynced }
        }
    }
}
