import CRDModels
import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import Observability
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

@Suite("Leaders")
struct LeaderTests {
    /// How the first leader ends.
    enum End: String, Sendable, CaseIterable, CustomTestStringConvertible {
        /// It stops immediately, as after SIGKILL: it holds the Lease until it expires.
        case killed
        /// It continues and reaches the API server, but can no longer renew its Lease.
        case cutOff = "cut off from its Lease"

        var testDescription: String { rawValue }
    }

    /// Runs one replica, wired like the program, until it is cancelled or loses leadership.
    private static func replica(_ name: String, of cluster: TestCluster, sandbox: SandboxCluster) async throws {
        var options = HTTPTransport.Options()
        options.userAgent = "moorage-\(name)"
        let configuration = KubernetesClientConfiguration(server: try await sandbox.url())
        let transport = try HTTPTransport(configuration, options: options)
        let own = try HTTPTransport(configuration, options: options)
        let metrics = MetricsRegistry()
        do {
            let elector = LeaderElector(
                configuration: try LeaderElectionConfiguration(
                    identity: name,
                    name: "moorage",
                    namespace: "default",
                    leaseDuration: .seconds(15),
                    renewDeadline: .seconds(10),
                    retryPeriod: .seconds(1)
                ),
                lease: LeaseAccess(client: KubernetesClient(transport: own), namespace: "default", name: "moorage"),
                metrics: metrics,
                logger: quietLogger
            )
            let moorage = try await MoorageOperator(
                client: KubernetesClient(transport: transport),
                options: OperatorOptions(identity: name),
                gate: elector.gate,
                metrics: metrics,
                logger: quietLogger
            )
            let manager = Manager(
                background: [moorage.recorder],
                caches: moorage.caches,
                elector: elector,
                controllers: moorage.controllers,
                handlesSignals: false,
                logger: quietLogger
            )
            try await manager.run()
        } catch {
            try? await transport.shutdown()
            try? await own.shutdown()
            throw error
        }
        try await transport.shutdown()
        try await own.shutdown()
    }

    @Test("of two replicas one writes, and the other only after the first has ended", arguments: End.allCases)
    func takeOver(end: End) async throws {
        try await withSandbox { cluster, sandbox in
            let namespace = try await cluster.makeNamespace()
            let spare = try await cluster.makeNamespace("spare")
            let first = "first"
            let second = "second"
            func create(_ numbers: Range<Int>) async throws {
                for number in numbers {
                    let spec = MCPServerSpec(config: ServerConfiguration(env: ["NUMBER": "\(number)"]))
                    try await cluster.apply(cluster.server("server-\(number)", in: namespace, spec: spec))
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                // What a replica throws after it lost leadership is not checked here; its writes are checked below.
                tasks.addTask {
                    try await killing({ try await Self.replica(first, of: cluster, sandbox: sandbox) }) {
                        try await eventually("the first is the leader and has written enough") {
                            sandbox.writes(by: "moorage-first").count > 20
                        }
                        if end == .cutOff {
                            sandbox.inject(
                                Fault(Fault.internalError, resource: "leases", userAgentPrefix: "moorage-first")
                            )
                            // The first continues until its leadership has expired, and may have nothing left to write
                            // by then.
                            var looks = 0
                            try await eventually("the second leads") {
                                if looks % 100 == 0 {
                                    try await cluster.apply(cluster.server("late-\(looks / 100)", in: spare))
                                }
                                looks += 1
                                return !sandbox.writes(by: "moorage-second").isEmpty
                            }
                        }
                    }
                }
                try await create(0..<3)
                try await eventually("the first writes") { !sandbox.writes(by: "moorage-first").isEmpty }
                try await killing({ try await Self.replica(second, of: cluster, sandbox: sandbox) }) {
                    try await create(3..<7)
                    // For a while there is no leader, and servers are created in the meantime.
                    try await tasks.next()
                    try await create(7..<9)
                    for number in 0..<9 {
                        try await cluster.wait(for: ConditionType.ready, .true, of: "server-\(number)", in: namespace)
                    }
                }
            }
            let writers = sandbox.writes(by: "moorage-").map(\.userAgent)
            let last = try #require(writers.lastIndex(of: "moorage-first"))
            let next = try #require(writers.firstIndex(of: "moorage-second"))
            #expect(last < next, "the second wrote before the first had ended")
            let made = sandbox.writes(by: "moorage-").filter { $0.code == 201 }.map(\.object)
            #expect(Set(made).count == made.count, "made twice: \(made)")
        }
    }
}
