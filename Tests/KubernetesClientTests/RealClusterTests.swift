import Foundation
import HTTPTypes
import KubernetesAPI
import Testing

@testable import KubernetesClient

/// Runs against the API server that `MOORAGE_TEST_KUBECONFIG` names; otherwise these tests are skipped.
@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"] != nil),
    .serialized
)
struct RealClusterTests {
    static func withClient(_ body: (KubernetesClient, _ namespace: String) async throws -> Void) async throws {
        let path = ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"]
        let transport = try HTTPTransport(try KubernetesClientConfiguration.load(kubeconfig: path))
        let client = KubernetesClient(transport: transport)
        let name = "client-test-\(UInt32.random(in: 0...UInt32.max))"
        let namespaces = ResourceType(
            group: "",
            version: "v1",
            kind: "Namespace",
            plural: "namespaces",
            isNamespaced: false
        )
        do {
            _ = try await client.create(namespaces, ["metadata": ["name": .string(name)]])
            try await body(client, name)
            _ = try await client.delete(namespaces, name: name)
        } catch {
            _ = try? await client.delete(namespaces, name: name)
            try await transport.shutdown()
            throw error
        }
        try await transport.shutdown()
    }

    private static func hasStreamingLists(_ client: KubernetesClient, _ namespace: String) async throws -> Bool {
        let options = WatchOptions(sendInitialEvents: true, timeoutSeconds: 5)
        for try await event in try await client.watch(Sample.self, namespace: namespace, options: options) {
            guard case .error(let status) = event else { return true }
            return status.message?.contains("RequestWatchProgress is disabled") != true
        }
        return true
    }

    @Test func `create, get, apply, conflict, list, watch and delete`() async throws {
        try await Self.withClient { client, namespace in
            let made = try await client.create(
                Sample(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "1"]),
                options: WriteOptions(fieldManager: "other")
            )
            #expect(made.metadata.uid != nil)
            let again = await #expect(throws: APIError.self) {
                _ = try await client.create(
                    Sample(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "v"])
                )
            }
            #expect(again?.isAlreadyExists == true)

            let mine = Sample(metadata: ObjectMeta(name: "a", namespace: namespace), data: ["k": "2"])
            let conflict = await #expect(throws: APIError.self) {
                _ = try await client.apply(mine, options: ApplyOptions(fieldManager: "moorage"))
            }
            #expect(conflict?.isConflict == true)
            let applied = try await client.apply(mine, options: ApplyOptions(fieldManager: "moorage", force: true))
            #expect(!applied.wasCreated)
            #expect(applied.object.data == ["k": "2"])
            let fresh = Sample(metadata: ObjectMeta(name: "b", namespace: namespace), data: ["k": "3"])
            #expect(try await client.apply(fresh, options: ApplyOptions(fieldManager: "moorage")).wasCreated)

            var stale = applied.object
            stale.metadata.resourceVersion = "1"
            let old = await #expect(throws: APIError.self) { _ = try await client.replace(stale) }
            #expect(old?.isConflict == true)

            for index in 0..<12 {
                _ = try await client.create(
                    Sample(metadata: ObjectMeta(name: "p\(index)", namespace: namespace), data: ["k": "v"])
                )
            }
            let all = try await client.listAll(Sample.self, namespace: namespace, options: ListOptions(limit: 5))
            #expect(all.items.count >= 14)
            let metadata = try await client.listMetadata(Sample.resourceType, namespace: namespace)
            #expect(metadata.items.count == all.items.count)
            #expect(try await client.getMetadata(Sample.resourceType, name: "a", namespace: namespace).kind != nil)

            // An old etcd does not support streaming lists; then the watch starts where the list ended.
            let streams = try await Self.hasStreamingLists(client, namespace)
            func createLate() async throws {
                _ = try await client.create(
                    Sample(metadata: ObjectMeta(name: "late", namespace: namespace), data: ["k": "v"])
                )
            }
            if !streams { try await createLate() }
            let events = try await client.watch(
                Sample.self,
                namespace: namespace,
                options: streams
                    ? WatchOptions(sendInitialEvents: true, timeoutSeconds: 30)
                    : WatchOptions(resourceVersion: all.metadata.resourceVersion, timeoutSeconds: 30)
            )
            var initial = 0
            var cameLate = false
            watching: for try await event in events {
                switch event {
                case .added(let object) where object.metadata.name == "late":
                    cameLate = true
                    break watching
                case .added: initial += 1
                case .bookmark(_, initialEventsEnd: true):
                    #expect(initial == all.items.count)
                    try await createLate()
                case .bookmark: continue
                default: Issue.record("not expected: \(event)")
                }
            }
            #expect(cameLate)
            #expect(initial == (streams ? all.items.count : 0))

            let wrong = await #expect(throws: APIError.self) {
                try await client.delete(
                    Sample.self,
                    name: "a",
                    namespace: namespace,
                    options: DeleteOptions(preconditions: .init(uid: "00000000-0000-0000-0000-000000000000"))
                )
            }
            #expect(wrong?.isConflict == true)
            try await client.delete(Sample.self, name: "a", namespace: namespace)
            let gone = await #expect(throws: APIError.self) {
                _ = try await client.get(Sample.self, name: "a", namespace: namespace)
            }
            #expect(gone?.isNotFound == true)
            try await client.deleteCollection(Sample.resourceType, namespace: namespace)
        }
    }

    @Test func `a watch from a version that is long gone fails with 410`() async throws {
        try await Self.withClient { client, namespace in
            // The first version of a cluster is older than anything that a watch cache contains.
            var status: Status?
            do {
                let events = try await client.watch(
                    Sample.self,
                    namespace: namespace,
                    options: WatchOptions(resourceVersion: "1", timeoutSeconds: 2)
                )
                for try await event in events {
                    guard case .error(let received) = event else { continue }
                    status = received
                    break
                }
            } catch let error as APIError {
                status = error.status
            }
            let failure = APIError(status: try #require(status, "the watch ended without an error"))
            #expect(failure.isResourceVersionTooOld, "\(failure)")
        }
    }

    @Test func `a large answer comes compressed over HTTP 2, and is what it is without`() async throws {
        try await Self.withClient { client, namespace in
            let filler = String(repeating: "0123456789", count: 1_000)
            for index in 0..<40 {
                _ = try await client.create(
                    Sample(metadata: ObjectMeta(name: "z\(index)", namespace: namespace), data: ["k": filler])
                )
            }
            let request = APIRequest(path: "/api/v1/namespaces/\(namespace)/configmaps")
            let path = ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"]
            var configuration = try KubernetesClientConfiguration.load(kubeconfig: path)
            var bodies: [[UInt8]] = []
            for isOff in [false, true] {
                configuration.disableCompression = isOff
                let transport = try HTTPTransport(configuration)
                let answer = try await transport.execute(request)
                #expect((answer.headers[.contentEncoding] == "gzip") == !isOff)
                bodies.append(try await answer.body.collect(upTo: 1 << 24))
                try await transport.shutdown()
            }
            #expect(bodies[0] == bodies[1])
            #expect(bodies[0].count > 400_000)
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["MOORAGE_MEASURE"] != nil))
    func `how fast lists and gets are`() async throws {
        try await Self.withClient { client, namespace in
            let filler = String(repeating: "x", count: 2000)
            let clock = ContinuousClock()
            let writing = try await clock.measure {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in 0..<16 {
                        group.addTask {
                            for index in stride(from: worker, to: 5000, by: 16) {
                                _ = try await client.create(
                                    Sample(
                                        metadata: ObjectMeta(name: "m\(index)", namespace: namespace),
                                        data: ["k": filler]
                                    )
                                )
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            print("measured: 5000 creates \(writing)")
            for limit in [500, 0] {
                let listing = try await clock.measure {
                    let list = try await client.listAll(
                        Sample.self,
                        namespace: namespace,
                        options: ListOptions(limit: limit)
                    )
                    #expect(list.items.count >= 5000)
                }
                print("measured: list of 5000, pages of \(limit): \(listing)")
            }
            let raw = try await clock.measure {
                for _ in 0..<10 {
                    _ = try await client.raw("/api/v1/namespaces/\(namespace)/configmaps")
                }
            }
            print("measured: raw list of 5000, 10 times: \(raw)")
            let gets = try await clock.measure {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            for index in 0..<500 {
                                _ = try await client.raw("/api/v1/namespaces/\(namespace)/configmaps/m\(index)")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            print("measured: 8000 raw gets, 16 at a time: \(gets)")
        }
    }
}
