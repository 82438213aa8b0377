import KubernetesAPI
import KubernetesClient
import Observability
import Testing

@testable import ControllerRuntime

/// A config map's metadata as JSON.
private func json(_ name: String, _ version: Int) -> String {
    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)","namespace":"default","uid":"uid-\#(name)","#
        + #""resourceVersion":"\#(version)"}}"#
}

private func list(_ objects: [String], version: Int, next: String? = nil) -> String {
    let token = next.map { #","continue":"\#($0)""# } ?? ""
    return #"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"\#(version)"\#(token)},"items":["#
        + objects.joined(separator: ",") + "]}"
}

private struct Fixture {
    let clock = ManualClock()
    let server = FakeServer()
    let metrics = MetricsRegistry()
    let informer: Informer<PartialObjectMetadata>

    init(usesStreamingList: Bool = false) {
        var configuration = ReflectorConfiguration()
        configuration.usesStreamingList = usesStreamingList
        configuration.watchTimeout = 400...400
        configuration.backoff = Backoff(jitter: 0)
        let client = KubernetesClient(
            transport: server,
            observer: ClientMetrics(registry: metrics)
        )
        let type = ResourceType(group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", isNamespaced: true)
        informer = Informer(
            name: "configmaps",
            namespaces: nil,
            indexes: [:],
            configuration: configuration,
            clock: clock.runtimeClock(),
            logger: .silent,
            source: { namespace in
                client.listWatch(of: type, in: namespace) { bytes in
                    try KubernetesJSON.decode(PartialObjectMetadata.self, from: bytes)
                }
            }
        )
    }

    func run(_ body: (FakeServer) async throws -> Void) async throws {
        let run = Task { [informer] in try await informer.run() }
        defer { run.cancel() }
        try await body(server)
        run.cancel()
        try await run.value
    }

    var names: [String] {
        informer.store.list().map { "\($0.metadata.name ?? "")\($0.metadata.resourceVersion ?? "")" }
    }
}

@Suite("Reflector: on the Kubernetes client", .timeLimit(.minutes(1)))
struct ReflectorOnClientTests {
    @Test("requests, pages and events have the API server's format")
    func wire() async throws {
        let fixture = Fixture()
        try await fixture.run { server in
            let first = try await server.exchanges.next()
            #expect(first.request.path == "/api/v1/configmaps")
            #expect(first.query("resourceVersion") == "0")
            #expect(first.query("limit") == "500")
            first.give(list([json("a", 1)], version: 9, next: "T1"))
            let second = try await server.exchanges.next()
            #expect(second.query("continue") == "T1")
            #expect(second.query("resourceVersion") == nil)
            second.give(list([json("b", 2)], version: 9))
            let watch = try await server.exchanges.next()
            #expect(watch.query("watch") == "true")
            #expect(watch.query("resourceVersion") == "9")
            #expect(watch.query("allowWatchBookmarks") == "true")
            #expect(watch.query("timeoutSeconds") == "400")
            #expect(watch.query("sendInitialEvents") == nil)
            let stream = watch.stream()
            stream.send("MODIFIED", json("a", 12))
            stream.send("DELETED", json("b", 13))
            // An event arrives in several chunks.
            stream.raw(#"{"type":"ADDED","object":"#)
            stream.raw(json("c", 14) + "}\n")
            await expectEventually("the events") { fixture.names == ["a12", "c14"] }
            stream.send("BOOKMARK", #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"40"}}"#)
            stream.end()
            #expect(try await server.exchanges.next().query("resourceVersion") == "40")
        }
    }

    @Test("a streaming list is requested in the API server's format")
    func streamingList() async throws {
        let fixture = Fixture(usesStreamingList: true)
        try await fixture.run { server in
            let watch = try await server.exchanges.next()
            #expect(watch.query("sendInitialEvents") == "true")
            #expect(watch.query("resourceVersionMatch") == "NotOlderThan")
            #expect(watch.query("resourceVersion") == nil)
            let stream = watch.stream()
            stream.send("ADDED", json("a", 1))
            stream.send(
                "BOOKMARK",
                #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"8","annotations":"#
                    + #"{"k8s.io/initial-events-end":"true"}}}"#
            )
            await expectEventually("synced") { fixture.informer.hasSynced }
            #expect(fixture.names == ["a1"])
        }
    }

    @Test("a server without streaming lists gets a request for a plain list", arguments: [400, 422])
    func streamingListRefused(code: Int) async throws {
        let fixture = Fixture(usesStreamingList: true)
        try await fixture.run { server in
            try await server.exchanges.next().refuse(code, code == 400 ? "BadRequest" : "Invalid")
            let plain = try await server.exchanges.next()
            #expect(plain.query("watch") == nil)
            plain.give(list([], version: 3))
            #expect(try await server.exchanges.next().query("sendInitialEvents") == nil)
        }
    }

    @Test("410 causes a list, both as the response and as an event", arguments: [false, true])
    func gone(inCourse: Bool) async throws {
        let fixture = Fixture()
        try await fixture.run { server in
            try await server.exchanges.next().give(list([json("a", 1)], version: 9))
            let watch = try await server.exchanges.next()
            if inCourse {
                watch.stream().send(
                    "ERROR",
                    #"{"kind":"Status","status":"Failure","reason":"Expired","code":410,"message":"too old"}"#
                )
            } else {
                watch.refuse(410, "Expired")
            }
            let again = try await server.exchanges.next()
            #expect(again.query("watch") == nil)
            #expect(again.query("resourceVersion") == "9")
            again.refuse(410, "Expired")
            #expect(try await server.exchanges.next().query("resourceVersion") == nil)
        }
    }

    @Test("a list at a version that the server has not reached is requested again for the stored state")
    func tooLarge() async throws {
        let fixture = Fixture()
        try await fixture.run { server in
            try await server.exchanges.next().give(list([], version: 9))
            try await server.exchanges.next().refuse(410, "Expired")
            try await server.exchanges.next().refuse(504, "Timeout", "Too large resource version: 9, current: 5")
            #expect(try await server.exchanges.next().query("resourceVersion") == nil)
        }
    }

    @Test("after 429 on a watch the client waits for the requested time, and does not list")
    func tooManyRequests() async throws {
        let fixture = Fixture()
        try await fixture.run { server in
            try await server.exchanges.next().give(list([], version: 9))
            try await server.exchanges.next().refuse(429, "TooManyRequests", retryAfter: 7)
            await fixture.clock.pass(.seconds(7))
            let again = try await server.exchanges.next()
            #expect(again.query("watch") == "true")
            #expect(again.query("resourceVersion") == "9")
        }
    }

    @Test("a connection that is refused, or breaks during a watch, causes no list")
    func connections() async throws {
        let fixture = Fixture()
        try await fixture.run { server in
            try await server.exchanges.next().give(list([], version: 9))
            try await server.exchanges.next().fail(.connectionRefused)
            await fixture.clock.pass(.milliseconds(800))
            let stream = try await server.exchanges.next().stream()
            stream.send("ADDED", json("a", 20))
            stream.raw(#"{"type":"ADDED","obj"#)
            await expectEventually("the event") { fixture.names == ["a20"] }
            stream.end()
            // An answer that ends inside an event was interrupted.
            let again = try await server.exchanges.next()
            #expect(again.query("watch") == "true")
            #expect(again.query("resourceVersion") == "20")
        }
    }

    @Test("an object that cannot be decoded is skipped and counted, and does not affect the others")
    func undecodable() async throws {
        let fixture = Fixture()
        let broken = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":7}}"#
        try await fixture.run { server in
            try await server.exchanges.next().give(list([json("a", 1), broken, json("b", 2)], version: 9))
            let stream = try await server.exchanges.next().stream()
            stream.send("ADDED", broken)
            stream.send("SOMETHING", json("y", 10))
            stream.send("ADDED", json("c", 11))
            await expectEventually("the others") { fixture.names == ["a1", "b2", "c11"] }
            #expect(fixture.informer.unreadable.keys.map(\.description) == ["x"])
            // Its deletion is processed, although it cannot be decoded.
            stream.send("DELETED", broken)
            await expectEventually("it is deleted") { fixture.informer.unreadable.isEmpty }
            #expect(fixture.metrics.exposition().contains("moorage_undecodable_objects_total{kind=\"ConfigMap\"} 3\n"))
            #expect(
                fixture.metrics.exposition().contains(
                    "rest_client_requests_total{code=\"200\",method=\"GET\",host=\"test\"} 2\n"
                )
            )
        }
    }

    @Test("a missing permission is reported as a sync failure")
    func forbidden() async throws {
        let fixture = Fixture()
        try await fixture.run { server in
            try await server.exchanges.next().refuse(403, "Forbidden", "configmaps is forbidden")
            await expectEventually("trouble") {
                fixture.informer.syncFailure?.contains("not allowed to list configmaps: grant the verbs") == true
            }
            #expect(fixture.informer.syncFailure?.contains("configmaps is forbidden") == true)
        }
    }
}

@Suite("Gated transport", .timeLimit(.minutes(1)))
struct GatedTransportTests {
    @Test("without leadership, reads are allowed and writes are not")
    func gate() async throws {
        let server = FakeServer()
        let gate = LeadershipGate(clock: ManualClock().runtimeClock())
        let client = KubernetesClient(transport: GatedTransport(server, gate: gate), retryPolicy: .never)
        let type = EventObject.resourceType
        await #expect(throws: LeadershipLostError.self) {
            try await client.delete(type, name: "a", namespace: "default")
        }
        let read = Task { try await client.raw("/version") }
        try await server.exchanges.next().give("{}")
        #expect(try await read.value == Array("{}".utf8))
        gate.open(until: nil)
        let write = Task { _ = try await client.create(type, ["metadata": ["name": "a", "namespace": "default"]]) }
        try await server.exchanges.next().give("{}", status: 201)
        try await write.value
        gate.close()
        await #expect(throws: LeadershipLostError.self) {
            _ = try await client.create(type, ["metadata": ["name": "a", "namespace": "default"]])
        }
        #expect(server.exchanges.count == 0)
    }
}
