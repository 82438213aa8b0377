import KubernetesAPI
import Observability
import Testing

@testable import ControllerRuntime

@Suite("Results of writes in a cache", .timeLimit(.minutes(1)))
struct StoreAssumeTests {
    @Test("an answer that arrives after the deletion was reported does not bring the object back")
    func answerAfterDeletion() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        _ = store.remove(deleted: object("a", 11))
        let change = store.assume(object("a", 10))
        #expect(change == nil, "reported as a change")
        #expect(store.count == 0)
    }

    @Test(
        "an answer that arrives after a newer list without the object does not bring it back",
        arguments: [nil, "default"]
    )
    func answerAfterList(scope: String?) {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        // "b" was created at 12 and deleted at 15; the watch had broken off, and the list at 20 lacks it.
        let list = Replacement(objects: [object("a", 10)], resourceVersion: "20")
        #expect(store.replace(with: list, namespace: scope).isEmpty)
        #expect(store.assume(object("b", 12)) == nil)
        #expect(store.count == 1)
        // What was written after the list is stored, and other scopes have their own lists.
        #expect(store.assume(object("c", 21)) != nil)
        #expect((store.assume(object("b", 12, namespace: "other")) != nil) == (scope != nil))
    }

    @Test("an answer to an update that arrives after a newer list without the object does not bring it back")
    func updateAfterList() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        #expect(store.replace(with: Replacement(objects: [], resourceVersion: "20"), namespace: nil).count == 1)
        #expect(store.assume(object("a", 12)) == nil)
        #expect(store.count == 0)
    }

    @Test("an answer that arrives before its watch event is visible at once")
    func answerBeforeWatch() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        #expect(store.assume(object("b", 11)) != nil)
        #expect(store.count == 2)
    }

    @Test("an answer that arrives before its watch event reaches the handlers once")
    func handlers() async throws {
        let fixture = InformerFixture()
        let readers = WorkQueue<NamespacedName>(name: "readers")
        fixture.informer.enqueue(to: readers) { old, new in
            (new ?? old)?.metadata.name == "secret" ? [NamespacedName(name: "reader")] : []
        }
        try await fixture.run { _ in
            let watch = try await fixture.sync([object("a", 1)])
            fixture.informer.assume(object("secret", 12))
            #expect(fixture.names == ["a1", "secret12"])
            #expect(await readers.next()?.key.name == "reader")
            readers.done(NamespacedName(name: "reader"))
            // The event of the same write changes nothing.
            watch.send(.added(object("secret", 12)))
            watch.send(.modified(object("a", 13)))
            await expectEventually("the next event") { fixture.changes.last == "~a13" }
            await expectEventually("the changes") { fixture.changes.all == ["+a1", "+secret12", "~a13"] }
            #expect(readers.count == 0)
            // The same answer again, or an older one, changes nothing either.
            fixture.informer.assume(object("secret", 12))
            fixture.informer.assume(object("secret", 11))
            #expect(fixture.changes.count == 3)
        }
    }

    @Test("a controller that writes until nothing differs comes to rest, although its writes enqueue its own key")
    func comesToRest() async throws {
        let cache = InformerFixture()
        let metrics = MetricsRegistry()
        let reconciles = Recorder<Bool>()
        let finished = Signal()
        let controller = Controller(
            name: "servers",
            caches: [cache.informer],
            metrics: metrics,
            clock: cache.clock.runtimeClock(),
            logger: .silent
        ) { [informer = cache.informer] key in
            if key.name == "last" {
                finished.raise()
                return .done
            }
            let differs = informer.store.get(key) == nil
            reconciles.record(differs)
            if differs { informer.assume(object(key.name, 11)) }
            return .done
        }
        cache.informer.enqueue(to: controller.queue)
        try await cache.run { _ in
            _ = try await cache.sync()
            let run = Task { try await controller.run() }
            controller.queue.add(NamespacedName(namespace: "default", name: "a"))
            await expectEventually("the second reconcile") { reconciles.count == 2 }
            // It has a lower priority, so that it is taken last.
            controller.queue.add(NamespacedName(name: "last"), priority: WorkPriority.low)
            try await finished.wait()
            await expectEventually("nothing is queued") { controller.queue.count == 0 }
            #expect(reconciles.all == [true, false])
            run.cancel()
            try? await run.value
        }
    }
}

@Suite("What is kept of an object", .timeLimit(.minutes(1)))
struct StoreAmendTests {
    @Test("it changes without a report, and only for the version that was meant")
    func amend() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        let key = NamespacedName(namespace: "default", name: "a")
        store.amend(key, resourceVersion: "9") { $0.metadata.labels = ["seen": "9"] }
        #expect(store.get(key)?.metadata.labels == nil)
        store.amend(key, resourceVersion: "10") { $0.metadata.labels = ["seen": "10"] }
        #expect(store.get(key)?.metadata.labels == ["seen": "10"])
        // The same version is not stored again; the next one is.
        #expect(store.upsert(object("a", 10)) == nil)
        #expect(store.get(key)?.metadata.labels == ["seen": "10"])
        #expect(store.upsert(object("a", 11)) != nil)
        #expect(store.get(key)?.metadata.labels == nil)
        store.amend(NamespacedName(namespace: "default", name: "b"), resourceVersion: "10") { _ in }
        #expect(store.count == 1)
    }
}
