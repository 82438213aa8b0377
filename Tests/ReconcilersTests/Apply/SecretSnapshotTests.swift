import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import Reconcilers

/// A cluster that only lists Secrets.
private final class SecretCluster: PartialCluster {
    private let lists = Mutex(0)
    let secrets: [JSONValue]
    let failure: APIError?

    init(_ secrets: [JSONValue], failure: APIError? = nil) {
        self.secrets = secrets
        self.failure = failure
    }

    var listCount: Int { lists.withLock { $0 } }

    func list<Object: Sendable>(
        _ type: ResourceType,
        namespace: String?,
        labelSelector: String,
        pageSize: Int,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> [Object] {
        lists.withLock { $0 += 1 }
        await Task.yield()
        if let failure { throw failure }
        return try secrets.map { secret in
            var item = secret
            item["apiVersion"] = nil
            item["kind"] = nil
            return try decode(item.serialized()[...])
        }
    }
}

@Suite("Snapshot of Secrets")
struct SecretSnapshotTests {
    private func secret(_ name: String, value: String, version: String = "7") -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": ["TOKEN": .string(value)],
            "metadata": [
                "name": .string(name), "namespace": "ns", "uid": "u", "resourceVersion": .string(version),
                "labels": ["a": "b"],
            ],
        ]
    }

    private func reference(_ name: String) -> ObjectReference {
        ObjectReference(type: .secret, namespace: "ns", name: name)
    }

    private func snapshot(of cluster: SecretCluster) -> SecretSnapshot {
        SecretSnapshot(
            cluster: cluster,
            namespaces: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("one list serves many readers, and what it found compares like the object itself")
    func listsOnce() async throws {
        let cluster = SecretCluster((0..<50).map { secret("s\($0)", value: "dmFsdWU=") })
        let snapshot = snapshot(of: cluster)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let found = try await snapshot.take(reference("s\(number)"), resourceVersion: "7")
                    let same = snapshot.redacted(secret("s\(number)", value: "dmFsdWU="))
                    let other = snapshot.redacted(secret("s\(number)", value: "b3RoZXI="))
                    guard let found else { return false }
                    return FieldCoverage.covers(live: found, desired: same)
                        && !FieldCoverage.covers(live: found, desired: other)
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(cluster.listCount == 1)
        // What was taken once is forgotten.
        #expect(try await snapshot.take(reference("s1"), resourceVersion: "7") == nil)
        #expect(cluster.listCount == 1)
    }

    @Test("no value is kept, nor anything that can be compared in another process")
    func redacts() async throws {
        let cluster = SecretCluster([secret("s", value: "dmFsdWU=")])
        let first = try #require(try await snapshot(of: cluster).take(reference("s"), resourceVersion: "7"))
        let second = try #require(try await snapshot(of: cluster).take(reference("s"), resourceVersion: "7"))
        #expect(!String(decoding: first.serialized(), as: UTF8.self).contains("dmFsdWU="))
        #expect(first["data"] != second["data"])
        #expect(first["metadata"] == second["metadata"])
    }

    @Test("another version than the one that is wanted is not used")
    func version() async throws {
        let snapshot = snapshot(of: SecretCluster([secret("s", value: "dmFsdWU=", version: "8")]))
        #expect(try await snapshot.take(reference("s"), resourceVersion: "7") == nil)
    }

    @Test("a list that is refused leaves the reads by name, and is not tried again")
    func refused() async throws {
        let cluster = SecretCluster(
            [],
            failure: APIError(status: Status(code: 403, reason: "Forbidden", message: "no"))
        )
        let snapshot = snapshot(of: cluster)
        for _ in 0..<2 { #expect(try await snapshot.take(reference("s"), resourceVersion: "7") == nil) }
        #expect(cluster.listCount == 1)
    }
}
