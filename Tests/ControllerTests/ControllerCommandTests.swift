import CRDModels
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import Controller

@Suite("moorage controller")
struct ControllerCommandTests {
    @Test("a missing cluster configuration is an error that lists the ways to configure one")
    func unconfigured() async throws {
        let directory = try TemporaryDirectory()
        let result = try await Binary.run(
            "controller",
            environment: ["HOME": directory.path, "KUBECONFIG": "", "KUBERNETES_SERVICE_HOST": ""]
        )
        #expect(result.status == 1)
        #expect(result.error.contains("no cluster is configured"))
    }

    @Test("settings are checked before any request to a cluster")
    func settings() async throws {
        let level = try await Binary.run("controller", environment: ["MOORAGE_LOG_LEVEL": "loud"])
        #expect(level.status == 1)
        #expect(level.error.contains("loud"))
        let workers = try await Binary.run("controller", environment: ["MOORAGE_WORKERS": "many"])
        #expect(workers.error == "error: environment variable MOORAGE_WORKERS: \"many\" is not an integer\n")
        let durations = try await Binary.run(
            "controller",
            "--kubeconfig",
            "/nonexistent",
            "--leader-election-renew-deadline",
            "20s"
        )
        #expect(durations.status == 1)
        #expect(durations.error.contains("renew deadline"))
    }

    @Test("it runs servers, serves probes and metrics, holds a Lease, and releases it on SIGTERM")
    func runs() async throws {
        try await Self.withSandbox { client, kubeconfig in
            // A port that is probably free; otherwise the controller reports it.
            let port = TestPort.random()
            let binary = try #require(Binary.path)
            let result = try await Subprocess.run(
                .path(binary),
                arguments: [
                    "controller", "--kubeconfig", kubeconfig, "--leader-election-namespace", "default",
                    "--metrics-bind-address", "127.0.0.1:\(port)", "--health-probe-bind-address", "127.0.0.1:\(port)",
                    "--log-format", "json",
                ],
                input: .none,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            ) { execution in
                defer { try? execution.send(signal: .terminate) }
                let address = KubernetesClientConfiguration(server: "http://127.0.0.1:\(port)")
                try await withClient(of: address, retryPolicy: .never) { probes in
                    try await eventually("ready") { (try? await probes.raw("/readyz")) != nil }
                    #expect((try? await probes.raw("/healthz")) != nil)

                    let server: JSONValue = [
                        "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer",
                        "metadata": ["name": "hello", "namespace": "default"],
                        "spec": ["image": .string("ghcr.io/acme/hello@\(RenderTests.digest)")],
                    ]
                    _ = try await client.create(MCPServer.resourceType, server)
                    try await eventually("Ready") {
                        let server = try await client.get(MCPServer.resourceType, name: "hello", namespace: "default")
                        return ReadinessWait.isReady(server) && server["status"] != nil
                    }
                    let metrics = String(decoding: try await probes.raw("/metrics"), as: UTF8.self)
                    for name in [
                        "controller_runtime_reconcile_total", "workqueue_depth", "rest_client_requests_total",
                        "leader_election_master_status",
                    ] {
                        #expect(metrics.contains(name), "/metrics has no \(name)")
                    }
                    let lease = try await client.get(Self.lease, name: "moorage-controller", namespace: "default")
                    #expect(lease[path: ["spec", "holderIdentity"]]?.stringValue?.isEmpty == false)
                }
            }
            #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
            let lease = try await client.get(Self.lease, name: "moorage-controller", namespace: "default")
            #expect(lease[path: ["spec", "holderIdentity"]]?.stringValue ?? "" == "")
            for line in result.standardError.split(separator: "\n") {
                #expect((try? JSONValue(parsing: Array(line.utf8))) != nil, "not JSON: \(line)")
            }
        }
    }

    static let lease = ResourceType(
        group: "coordination.k8s.io",
        version: "v1",
        kind: "Lease",
        plural: "leases",
        isNamespaced: true
    )

    /// Runs a sandbox with Moorage's kinds, but without the operator.
    static func withSandbox(
        _ body: @Sendable (_ client: KubernetesClient, _ kubeconfig: String) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        var configuration = SandboxConfiguration()
        configuration.nativeRuleChecks = CustomResourceDefinitions.nativeRuleChecks
        let cluster = SandboxCluster(configuration: configuration, logger: quietLogger)
        for definition in CustomResourceDefinitions.all { try cluster.register(customResource: definition) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cluster.run() }
            let kubeconfig = try directory.write(try await cluster.kubeconfig(), to: "kubeconfig")
            let transport = try HTTPTransport(KubernetesClientConfiguration(server: try await cluster.url()))
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(KubernetesClient(transport: transport), kubeconfig))
            } catch {
                outcome = .failure(error)
            }
            try await transport.shutdown()
            group.cancelAll()
            try outcome.get()
        }
    }
}
