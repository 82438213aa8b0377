import KubernetesAPI
import Testing

@testable import ControllerRuntime

/// A server that was restored from a backup: its versions, and those of its objects, are lower than those that it sent
/// before.
@Suite("Reflector: a server that was restored from a backup", .timeLimit(.minutes(1)))
struct ReflectorRewindTests {
    @Test("an older list replaces everything, regardless of versions", arguments: [false, true])
    func list(isStreaming: Bool) async throws {
        let fixture = InformerFixture(usesStreamingList: isStreaming)
        try await fixture.run { source in
            let watch: FakeSource.Watch
            if isStreaming {
                watch = try await source.nextWatch()
                watch.accept()
                for object in [object("a", 90), object("b", 95), object("c", 99)] { watch.send(.added(object)) }
                watch.bookmark(100, isEnd: true)
                await expectEventually("synced") { fixture.informer.hasSynced }
            } else {
                watch = try await fixture.sync([object("a", 90), object("b", 95), object("c", 99)], version: 100)
            }
            watch.send(.modified(object("a", 120)))
            await expectEventually("the event") { fixture.names == ["a120", "b95", "c99"] }
            watch.send(.error(Status(code: 410, reason: "Expired", message: "too old resource version")))
            // b was created after the backup; a is restored; c, whose version is unchanged, is reported too, because
            // its content may differ.
            let restored = [object("a", 60), object("c", 99)]
            if isStreaming {
                let refused = try await source.nextWatch()
                #expect(refused.request.resourceVersion == "120")
                refused.end(.versionTooLarge)
                await fixture.clock.pass(.milliseconds(800))
                let again = try await source.nextWatch()
                #expect(again.request.resourceVersion == "")
                again.accept()
                for object in restored { again.send(.added(object)) }
                again.bookmark(70, isEnd: true)
                await expectEventually("the objects of the backup") { fixture.names == ["a60", "c99"] }
                again.send(.modified(object("a", 71)))
            } else {
                try await source.nextList().fail(.versionTooLarge)
                let stored = try await source.nextList()
                #expect(stored.request.resourceVersion == "")
                stored.give(restored, version: 70)
                let again = try await source.nextWatch()
                #expect(again.request.resourceVersion == "70")
                #expect(fixture.names == ["a60", "c99"])
                again.accept()
                again.send(.modified(object("a", 71)))
            }
            await expectEventually("what came after") { fixture.names == ["a71", "c99"] }
            await expectEventually("the changes") {
                Set(fixture.changes.all.suffix(4).prefix(3)) == ["-b95", "~a60", "~c99"]
            }
        }
    }

    @Test("a watch that continues across the restore shows it with its first bookmark")
    func watch() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync([object("a", 90)], version: 100)
            watch.bookmark(61)
            let list = try await source.nextList()
            #expect(list.request.resourceVersion == "", "the known version is one that the server does not have")
            #expect(fixture.names == ["a90"])
            list.give([object("a", 61)], version: 62)
            #expect(try await source.nextWatch().request.resourceVersion == "62")
            #expect(fixture.names == ["a61"])
        }
    }

    @Test("a watch that sends nothing at all is checked by a small list, which the restored server rejects")
    func silence() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            _ = try await fixture.sync([object("a", 90)], version: 100)
            // The watch asks the server to end it after 400 s.
            await fixture.clock.passStepwise(.seconds(430)) { source.requests.count > 0 }
            let check = try await source.nextList()
            #expect(check.request == ListRequest(resourceVersion: "100", limit: 1))
            check.fail(.versionTooLarge)
            let list = try await source.nextList()
            #expect(list.request.resourceVersion == "")
            list.give([object("a", 61)], version: 62)
            #expect(try await source.nextWatch().request.resourceVersion == "62")
            #expect(fixture.names == ["a61"])
        }
    }

    @Test("after the restore, results of writes are compared with the new versions")
    func writers() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 100))
        let rewound = Replacement(objects: [object("a", 60)], resourceVersion: "70", isRewound: true)
        _ = store.replace(with: rewound, namespace: nil)
        store.assume(object("b", 71))
        #expect(store.count == 2)
    }

    @Test("a list that is merely older than a write does not undo it")
    func writtenMeanwhile() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        store.assume(object("b", 12))
        // The list was read at 11; the watch from that version will report b.
        let changes = store.replace(
            with: Replacement(objects: [object("a", 10)], resourceVersion: "11"),
            namespace: nil
        )
        #expect(changes.isEmpty)
        #expect(store.count == 2)
        let later = store.replace(with: Replacement(objects: [object("a", 10)], resourceVersion: "13"), namespace: nil)
        #expect(later.count == 1)
        #expect(store.count == 1)
    }
}
