import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

/// Children are created by POST; from the first change on they are applied.
@Suite("Ownership of fields")
struct FieldOwnershipIntegrationTests {
    @Test("what is no longer rendered is removed from what was created, and what others added stays")
    func prunesWhatWasCreated() async throws {
        try await withCluster { cluster in
            try await withOperator(cluster) { _ in
                let namespace = try await cluster.makeNamespace()
                var spec = MCPServerSpec()
                spec.env = [EnvVar(name: "KEPT", value: "1"), EnvVar(name: "DROPPED", value: "1")]
                spec.config = ServerConfiguration(env: ["STORED": "1", "REMOVED": "1"])
                try await cluster.apply(cluster.server("server", in: namespace, spec: spec))
                try await cluster.wait(for: ConditionType.programmed, .true, of: "server", in: namespace)
                try await expectOwner("Update", of: .deployment, "server", namespace, cluster)
                try await expectOwner("Update", of: .secret, "server-env", namespace, cluster)
                _ = try await cluster.client.patch(
                    .deployment,
                    name: "server",
                    namespace: namespace,
                    .merge(["metadata": ["annotations": ["example.com/note": "mine"]]])
                )

                spec.env = [EnvVar(name: "KEPT", value: "1")]
                spec.config = ServerConfiguration(env: ["STORED": "1"])
                try await cluster.apply(cluster.server("server", in: namespace, spec: spec))
                try await eventually("the variables are removed") {
                    let deployment = try await cluster.find(.deployment, "server", in: namespace)
                    let container = deployment?[path: ["spec", "template", "spec", "containers"]]?.arrayValue?.first
                    let names = container?["env"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
                    let secret = try await cluster.find(.secret, "server-env", in: namespace)
                    return names.contains("KEPT") && !names.contains("DROPPED")
                        && secret?["data"]?.objectValue?.keys.map { $0 } == ["STORED"]
                }
                try await expectOwner("Apply", of: .deployment, "server", namespace, cluster)
                try await expectOwner("Apply", of: .secret, "server-env", namespace, cluster)
                let deployment = try await cluster.find(.deployment, "server", in: namespace)
                #expect(deployment?[path: ["metadata", "annotations", "example.com/note"]] == "mine")
                try await cluster.removeNamespace(namespace)
            }
        }
    }

    private func expectOwner(
        _ operation: String,
        of type: ResourceType,
        _ name: String,
        _ namespace: String,
        _ cluster: TestCluster
    ) async throws {
        let object = try await cluster.find(type, name, in: namespace)
        let own = (object?[path: ["metadata", "managedFields"]]?.arrayValue ?? [])
            .filter { $0["manager"]?.stringValue == Moorage.fieldManager }
        #expect(own.map { $0["operation"]?.stringValue } == [operation], "\(type.kind) \(name)")
    }
}
