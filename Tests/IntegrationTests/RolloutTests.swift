import CRDModels
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import Synchronization
import TestSupport
import Testing

/// The effect of a rollout on clients. It needs real pods: `MOORAGE_TEST_IMAGE` is a server that listens on `MCP_PORT`,
/// and answers /healthz.
@Suite("Rollouts on a real cluster", .enabled(if: TestCluster.kubeconfig != nil && TestCluster.hasRealImage))
struct RolloutTests {
    @Test("no request fails while the port of a server changes", .timeLimit(.minutes(5)))
    func changedPort() async throws {
        // The requests come from the API server, which is not in a namespace that a NetworkPolicy could allow.
        var platform = PlatformConfiguration()
        platform.network = PlatformNetwork(enabled: false)
        try await withCluster { [platform] cluster in
            let namespace = try await cluster.makeNamespace()
            @Sendable func server(port: Int) -> MCPServer {
                let spec = MCPServerSpec(
                    port: port,
                    env: [EnvVar(name: "MCP_PORT", value: String(port))],
                    replicas: 2,
                    probes: Probes(path: "/healthz", readiness: ProbeSettings(periodSeconds: 1))
                )
                return cluster.server("s", in: namespace, spec: spec)
            }
            try await withOperator(cluster, platform: platform) { _ in
                try await cluster.apply(server(port: 8080))
                try await cluster.wait(for: ConditionType.ready, .true, reason: .serving, of: "s", in: namespace)
                let isOver = Flag()
                try await withThrowingTaskGroup(of: Load.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            var load = Load()
                            while !isOver.isSet {
                                try await load.request(
                                    "/api/v1/namespaces/\(namespace)/services/s:http/proxy/healthz",
                                    over: cluster.client.transport
                                )
                            }
                            return load
                        }
                    }
                    defer { isOver.set() }
                    try await cluster.apply(server(port: 9090))
                    try await eventually("the old pods are deleted, and the new ones serve") {
                        let pods = try await cluster.client.list(.pod, namespace: namespace).items
                        return pods.count == 2 && pods.allSatisfy { Self.port(of: $0) == 9090 && Self.isReady($0) }
                    }
                    isOver.set()
                    var sum = Load()
                    for try await load in group { sum.add(load) }
                    #expect(sum.failures == [])
                    #expect(sum.answers > 100)
                }
            }
            try await cluster.removeNamespace(namespace)
        }
    }

    private static func port(of pod: JSONValue) -> Int64? {
        pod[path: ["spec", "containers"]]?.arrayValue?.first?["ports"]?.arrayValue?.first?["containerPort"]?
            .integerValue
    }

    private static func isReady(_ pod: JSONValue) -> Bool {
        pod[path: ["status", "conditions"]]?.arrayValue?.contains { $0["type"] == "Ready" && $0["status"] == "True" }
            == true
    }
}

/// A flag that is set when something has ended.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }

    func set() { value.withLock { $0 = true } }
}

/// Successful and failed requests. Nothing is retried.
private struct Load: Sendable {
    private(set) var answers = 0
    private(set) var failures: [String] = []

    mutating func request(_ path: String, over transport: any APITransport) async throws {
        let response = try await transport.execute(APIRequest(path: path, timeout: .seconds(10)))
        for try await _ in response.body {}
        if response.status.code == 200 {
            answers += 1
        } else {
            failures.append("\(response.status)")
        }
    }

    mutating func add(_ other: Load) {
        answers += other.answers
        failures += other.failures
    }
}
