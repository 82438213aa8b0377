import HTTPTypes
import KubernetesAPI
import Synchronization
import Testing

@testable import SandboxCluster

/// Controllers whose pods are refused wait longer each time, and write nothing while nothing changes.
@Suite("Refused pods")
struct RefusedPodTests {
    /// A clock that records the durations of sleeps. A limited number of sleeps end immediately; the others never end.
    private final class RecordingClock: Clock, Sendable {
        struct Instant: InstantProtocol {
            var offset: Duration = .zero
            func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
            func duration(to other: Instant) -> Duration { other.offset - offset }
            static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
        }

        private struct State {
            var durations: [Duration] = []
            var remaining: Int
        }

        private let state: Mutex<State>
        let now = Instant()
        let minimumResolution = Duration.zero

        init(letting count: Int) { state = Mutex(State(remaining: count)) }

        var durations: [Duration] { state.withLock { $0.durations } }

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            // Bookmarks and the deadlines of Deployments are not part of the test.
            guard deadline.offset < .seconds(600) else { return try await Task.sleep(for: .seconds(1 << 30)) }
            let ends = state.withLock { state -> Bool in
                state.durations.append(deadline.offset)
                state.remaining -= 1
                return state.remaining >= 0
            }
            if !ends { try await Task.sleep(for: .seconds(1 << 30)) }
        }
    }

    private func configuration(_ clock: RecordingClock) -> SandboxConfiguration {
        var configuration = SandboxConfiguration()
        configuration.clock = clock
        configuration.bookmarkInterval = .seconds(3_600)
        return configuration
    }

    /// A namespace that refuses the pods, which are not hardened.
    private func makeNamespace(_ harness: SandboxHarness) async throws {
        let labels: JSONValue = ["pod-security.kubernetes.io/enforce": "restricted"]
        try await harness.call(.post, "/api/v1/namespaces", ["metadata": ["name": "strict", "labels": labels]])
        try await harness.eventually("the namespace has its account") {
            try await harness.call(.get, "/api/v1/namespaces/strict/serviceaccounts/default").code == 200
        }
    }

    private func workload(_ name: String) -> JSONValue {
        [
            "metadata": ["name": .string(name)],
            "spec": [
                "replicas": 3, "selector": ["matchLabels": ["app": .string(name)]],
                "template": [
                    "metadata": ["labels": ["app": .string(name)]],
                    "spec": ["containers": [["name": "c", "image": "i"]]],
                ],
            ],
        ]
    }

    private static let kinds = ["deployments", "statefulsets", "daemonsets"]

    @Test("delays are doubled, and nothing is written while nothing changes", arguments: kinds)
    func backoff(kind: String) async throws {
        let clock = RecordingClock(letting: 16)
        try await withSandbox(configuration(clock)) { harness in
            try await makeNamespace(harness)
            let path = "/apis/apps/v1/namespaces/strict/\(kind)"
            var workload = workload("web")
            if kind == "daemonsets" { workload[path: ["spec", "replicas"]] = nil }
            #expect(try await harness.call(.post, path, workload).code == 201)
            try await harness.eventually("the second attempt failed") { clock.durations.count >= 2 }
            try await harness.eventually("sixteen more attempts failed") { clock.durations.count == 17 }
            let shortest = (0..<13).map { Duration.milliseconds(5 * (1 << $0)) }
            #expect(clock.durations == shortest + [.seconds(30), .seconds(30), .seconds(30), .seconds(30)])
            // One write for the workload, one or two for the status of its controllers, and one for the ReplicaSet or
            // ControllerRevision.
            let stored = ["replicasets", "controllerrevisions", kind]
            let versions = stored.flatMap { plural in
                harness.sandbox.objects(
                    ResourceType(group: "apps", version: "v1", kind: "", plural: plural, isNamespaced: true),
                    namespace: "strict"
                )
            }.compactMap { $0[path: ["metadata", "resourceVersion"]]?.stringValue.flatMap(Int64.init) }
            let first = try #require(versions.min())
            #expect(
                harness.sandbox.revision - first < 10,
                "17 attempts made \(harness.sandbox.revision - first) writes"
            )
        }
    }

    @Test("a change of the workload is tried at once; other changes wait")
    func changes() async throws {
        let clock = RecordingClock(letting: 0)
        try await withSandbox(configuration(clock)) { harness in
            try await makeNamespace(harness)
            let path = "/apis/apps/v1/namespaces/strict/replicasets"
            #expect(try await harness.call(.post, path, workload("web")).code == 201)
            try await harness.eventually("the first attempt failed") { clock.durations == [.milliseconds(5)] }
            let patch = "application/merge-patch+json"
            try await harness.call(
                .patch,
                "/api/v1/namespaces/strict",
                ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": nil]]],
                contentType: patch
            )
            let note: JSONValue = ["metadata": ["annotations": ["note": "x"]]]
            #expect(try await harness.call(.patch, "\(path)/web", note, contentType: patch).code == 200)
            // The simulated controllers work in order: once the pods of the other one run, they have seen the note.
            #expect(try await harness.call(.post, path, workload("other")).code == 201)
            func readyReplicas(_ name: String) async throws -> JSONValue? {
                try await harness.call(.get, "\(path)/\(name)").value[path: ["status", "readyReplicas"]]
            }
            try await harness.eventually("the other one's pods run") { try await readyReplicas("other") == 3 }
            #expect(try await readyReplicas("web") == nil)
            let scale: JSONValue = ["spec": ["replicas": 2]]
            #expect(try await harness.call(.patch, "\(path)/web", scale, contentType: patch).code == 200)
            try await harness.eventually("the pods run") {
                let status = try await harness.call(.get, "\(path)/web").value["status"]
                return status?["readyReplicas"] == 2 && status?["conditions"] == nil
            }
        }
    }
}
