import KubernetesAPI
import Testing

@testable import ControllerRuntime

/// Objects that exist but cannot be read must never look deleted.
@Suite("Reflector: unreadable objects", .timeLimit(.minutes(1)))
struct ReflectorUnreadableTests {
    private static let key = NamespacedName(namespace: "default", name: "a")

    @Test(
        "an object that a list cannot decode keeps its last version, and is reported",
        arguments: [false, true]
    )
    func list(isStreaming: Bool) async throws {
        let fixture = InformerFixture(usesStreamingList: isStreaming)
        let told = Recorder<String>()
        fixture.informer.onUnreadable { told.record("\($0.key): \($0.reason)") }
        try await fixture.run { source in
            if isStreaming {
                for isReadable in [true, false] {
                    let watch = try await source.nextWatch()
                    watch.accept()
                    watch.send(.added(object("b", 2)))
                    if isReadable { watch.send(.added(object("a", 1))) } else { watch.sendUnreadable("a") }
                    watch.bookmark(isReadable ? 10 : 20, isEnd: true)
                    await expectEventually("the list") {
                        told.count == (isReadable ? 0 : 1) && fixture.informer.hasSynced
                    }
                    watch.send(.error(Status(code: 410, reason: "Expired", message: "too old")))
                }
            } else {
                let watch = try await fixture.sync([object("a", 1), object("b", 2)])
                watch.send(.error(Status(code: 410, reason: "Expired", message: "too old")))
                try await source.nextList().give([object("b", 2)], unreadable: ["a"], version: 20)
                _ = try await source.nextWatch()
            }
            #expect(fixture.names == ["a1", "b2"])
            #expect(!fixture.changes.all.contains { $0.hasPrefix("-") })
            #expect(told.all == ["default/a: spec is a number"])
            await expectEventually("the reason is kept") {
                fixture.informer.unreadable == [Self.key: "spec is a number"]
            }
        }
    }

    @Test("a change that cannot be decoded keeps the last version; later changes and the deletion are reported")
    func watch() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync([object("a", 1)])
            watch.sendUnreadable("a")
            await expectEventually("it is known") { fixture.informer.unreadable.keys.contains(Self.key) }
            #expect(fixture.names == ["a1"])
            watch.send(.modified(object("a", 12)))
            await expectEventually("it is read again") { fixture.names == ["a12"] }
            await expectEventually("no object is unreadable") { fixture.informer.unreadable.isEmpty }
            watch.sendUnreadable("a")
            watch.sendUnreadable("a", isDeletion: true)
            await expectEventually("it is deleted") { fixture.names.isEmpty }
            await expectEventually("no object is unreadable") { fixture.informer.unreadable.isEmpty }
            await expectEventually("the changes") { fixture.changes.all == ["+a1", "~a12", "-a12"] }
        }
    }

    @Test("an object that is missing from a later list is deleted, readable or not")
    func gone() async throws {
        let fixture = InformerFixture()
        try await fixture.run { source in
            let watch = try await fixture.sync([object("a", 1)])
            watch.sendUnreadable("a")
            watch.send(.error(Status(code: 410, reason: "Expired", message: "too old")))
            try await source.nextList().give([], version: 20)
            _ = try await source.nextWatch()
            #expect(fixture.names.isEmpty)
            await expectEventually("no object is unreadable") { fixture.informer.unreadable.isEmpty }
        }
    }
}
