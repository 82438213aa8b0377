import CRDModels
import KubernetesAPI
import Synchronization
import Testing

@testable import CommandSupport
@testable import Controller

/// A cluster whose servers become ready after several reads.
final class ProgressingClusterAPI: ClusterAPI {
    let looks = Mutex(0)
    let readyAfter: Int

    init(readyAfter: Int) {
        self.readyAfter = readyAfter
    }

    func get(_ path: String) async throws -> JSONValue? {
        guard path == MCPServer.resourceType.collectionPath() else { return nil }
        let isReady = looks.withLock { looks in
            looks += 1
            return looks > readyAfter
        }
        return [
            "items": [
                [
                    "metadata": ["name": "hello", "namespace": "default", "generation": 1, "uid": "u"],
                    "status": [
                        "conditions": [
                            [
                                "type": "Ready", "status": isReady ? "True" : "False", "reason": "RollingOut",
                                "message": "0 of 1 pods are ready", "observedGeneration": 1,
                            ]
                        ]
                    ],
                ]
            ]
        ]
    }

    func apply(_ object: JSONValue, to reference: ObjectReference) async throws(ClusterAPIError) {}
}

/// A clock on which sleeping advances the time immediately.
final class LeapingClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private let time = Mutex(ContinuousClock.now)

    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, deadline) }
    }
}

@Suite("A run of the sandbox")
struct SandboxRunTests {
    @Test("it waits until every server is ready")
    func ready() async throws {
        let api = ProgressingClusterAPI(readyAfter: 5)
        let run = SandboxRun(api: api, console: Console(write: { _, _ in }, hasColours: false), clock: LeapingClock())
        #expect(try await run.waitUntilReady(timeout: .seconds(60)) == [])
        #expect(api.looks.withLock { $0 } == 6)
    }

    @Test("it ends after the timeout, with the reasons")
    func deadline() async throws {
        let clock = LeapingClock()
        let start = clock.now
        let run = SandboxRun(
            api: ProgressingClusterAPI(readyAfter: .max),
            console: Console(write: { _, _ in }, hasColours: false),
            clock: clock
        )
        let reasons = try await run.waitUntilReady(timeout: .seconds(60))
        #expect(reasons == ["MCPServer default/hello: RollingOut: 0 of 1 pods are ready"])
        #expect(start.duration(to: clock.now) == .seconds(60))
    }

    @Test("the tree omits kinds that the server does not serve")
    func tree() async throws {
        let output = Mutex("")
        let console = Console(write: { _, text in output.withLock { $0 += text } }, hasColours: false)
        let run = SandboxRun(api: ProgressingClusterAPI(readyAfter: 0), console: console, clock: LeapingClock())
        try await run.printTree()
        #expect(output.withLock { $0 }.hasPrefix("Namespace default\n└── MCPServer hello  Ready\n"))
    }
}
