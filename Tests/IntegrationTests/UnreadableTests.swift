import CRDModels
import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

/// A server that definitions of another version accepted, and that this version cannot read.
@Suite("Unreadable servers")
struct UnreadableTests {
    private static let definitions = ResourceType(
        group: "apiextensions.k8s.io",
        version: "v1",
        kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions",
        isNamespaced: false
    )

    /// Lets servers have any spec.
    private static func loosen(_ cluster: TestCluster) async throws {
        let name = "\(MCPServer.resourceType.plural).\(MCPServer.resourceType.group)"
        let definition = try await cluster.client.get(definitions, name: name)
        var versions = definition[path: ["spec", "versions"]]?.arrayValue ?? []
        for index in versions.indices {
            versions[index][path: ["schema", "openAPIV3Schema"]] = [
                "type": "object", "x-kubernetes-preserve-unknown-fields": true,
            ]
        }
        _ = try await cluster.client.patch(definitions, name: name, .merge(["spec": ["versions": .array(versions)]]))
    }

    @Test("its workload is kept, an Event reports the problem, and it continues when it can be read")
    func staysAndIsTold() async throws {
        try await withSandbox { cluster, sandbox in
            try await Self.loosen(cluster)
            let namespace = try await cluster.makeNamespace()
            @Sendable func set(_ spec: JSONValue) async throws {
                _ = try await cluster.client.patch(
                    MCPServer.resourceType,
                    name: "weather",
                    namespace: namespace,
                    .merge(["spec": spec])
                )
            }
            @Sendable func replicas() async throws -> JSONValue? {
                try await cluster.find(.deployment, "weather", in: namespace)?[path: ["spec", "replicas"]]
            }
            @Sendable func reports() async throws -> [JSONValue] {
                try await cluster.client.list(EventObject.resourceType, namespace: namespace).items.filter {
                    $0["reason"] == "Unreadable"
                }
            }
            try await withOperator(cluster) { _ in
                try await cluster.apply(cluster.server("weather", in: namespace))
                let server = try await cluster.wait(for: ConditionType.ready, .true, of: "weather", in: namespace)
                try await set(["replicas": "many"])
                let event = try await eventually("an Event") { try await reports().first }
                #expect(event[path: ["regarding", "uid"]]?.stringValue == server.metadata.uid)
                #expect(event["note"]?.stringValue?.contains("replicas") == true, "\(event)")
                // A relist contains the server, but cannot decode it.
                sandbox.expireWatches()
                try await cluster.letOperatorPass()
                #expect(try await replicas() == 1)
                let others = try await eventually("the relist is reported") { () -> JSONValue? in
                    try await reports().first { $0["series"] != nil }
                }
                #expect(others["type"] == "Warning")
                try await set(["replicas": 2])
                try await eventually("two replicas") { try await replicas() == 2 }
            }
            // An operator that starts and has never read it does not delete anything either.
            try await set(["replicas": "many"])
            sandbox.clearRequests()
            try await withOperator(cluster) { _ in
                try await cluster.letOperatorPass()
                #expect(try await replicas() == 2)
                #expect(sandbox.writes().allSatisfy { $0.verb != "delete" })
                try await set(["replicas": 3])
                try await eventually("three replicas") { try await replicas() == 3 }
            }
        }
    }
}
