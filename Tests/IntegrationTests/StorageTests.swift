import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

@Suite("Storage survives")
struct StorageTests {
    private func withNamespace(_ body: @Sendable (TestCluster, String) async throws -> Void) async throws {
        try await withSandbox { cluster, _ in
            let namespace = try await cluster.makeNamespace()
            try await withOperator(cluster) { _ in try await body(cluster, namespace) }
        }
    }

    private func uid(of claim: String, _ cluster: TestCluster, _ namespace: String) async throws -> String? {
        try await cluster.find(.persistentVolumeClaim, claim, in: namespace)?[path: ["metadata", "uid"]]?.stringValue
    }

    /// The reasons of the Events about a server, with their notes.
    private func events(about server: String, _ cluster: TestCluster, _ namespace: String) async throws -> [String] {
        let type = ResourceType(
            group: "events.k8s.io",
            version: "v1",
            kind: "Event",
            plural: "events",
            isNamespaced: true
        )
        return try await cluster.client.list(type, namespace: namespace).items
            .filter { $0[path: ["regarding", "name"]]?.stringValue == server }
            .map { "\($0["reason"]?.stringValue ?? "") \($0["note"]?.stringValue ?? "")" }
    }

    private func remove(_ server: String, _ cluster: TestCluster, _ namespace: String) async throws {
        try await cluster.client.delete(MCPServer.resourceType, name: server, namespace: namespace)
        try await eventually("the Deployment is deleted with its server") {
            try await cluster.find(.deployment, server, in: namespace) == nil
        }
    }

    @Test("a claim is kept when its server is deleted, and a server of the same name uses it again")
    func whenDeleted() async throws {
        try await withNamespace { cluster, namespace in
            let spec = MCPServerSpec(storage: Storage(size: "1Gi"))
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await cluster.wait(for: ConditionType.ready, .true, of: "s", in: namespace)
            let before = try #require(try await uid(of: "s-data", cluster, namespace))
            try await remove("s", cluster, namespace)
            try await eventually("an Event says that the claim is kept") {
                try await events(about: "s", cluster, namespace).contains {
                    $0.hasPrefix("StorageKept PersistentVolumeClaim \"s-data\" is kept")
                }
            }
            #expect(try await uid(of: "s-data", cluster, namespace) == before)
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await cluster.wait(for: ConditionType.ready, .true, of: "s", in: namespace)
            #expect(try await uid(of: "s-data", cluster, namespace) == before)
        }
    }

    @Test("a claim is kept when storage is removed, and used when it is added again")
    func whenRemoved() async throws {
        try await withNamespace { cluster, namespace in
            let spec = MCPServerSpec(storage: Storage(size: "1Gi"))
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await cluster.wait(for: ConditionType.ready, .true, of: "s", in: namespace)
            let before = try #require(try await uid(of: "s-data", cluster, namespace))
            try await cluster.apply(cluster.server("s", in: namespace))
            try await eventually("an Event says that the claim is kept") {
                try await events(about: "s", cluster, namespace).contains { $0.hasPrefix("StorageKept") }
            }
            try await cluster.wait(for: ConditionType.ready, .true, of: "s", in: namespace)
            #expect(try await uid(of: "s-data", cluster, namespace) == before)
            let volumes = try await cluster.find(.deployment, "s", in: namespace)?[
                path: ["spec", "template", "spec", "volumes"]
            ]
            #expect(volumes?.arrayValue?.contains { $0["name"] == "data" } == false)
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await cluster.wait(for: ConditionType.ready, .true, of: "s", in: namespace)
            #expect(try await uid(of: "s-data", cluster, namespace) == before)
        }
    }

    @Test("a claim is deleted if the retention policy says so, and an Event reports it")
    func delete() async throws {
        try await withNamespace { cluster, namespace in
            let policy = StorageRetentionPolicy(whenDeleted: .delete, whenRemoved: .delete)
            let spec = MCPServerSpec(storage: Storage(size: "1Gi", retentionPolicy: policy))
            for name in ["deleted", "removed"] {
                try await cluster.apply(cluster.server(name, in: namespace, spec: spec))
                try await cluster.wait(for: ConditionType.ready, .true, of: name, in: namespace)
            }
            try await remove("deleted", cluster, namespace)
            try await cluster.apply(cluster.server("removed", in: namespace))
            for name in ["deleted", "removed"] {
                try await eventually("the claim of \(name) is deleted") {
                    try await uid(of: "\(name)-data", cluster, namespace) == nil
                }
                try await eventually("an Event says so of \(name)") {
                    try await events(about: name, cluster, namespace).contains { $0.hasPrefix("StorageDeleted") }
                }
            }
        }
    }

    @Test("a change of the policy is written to the existing claim")
    func changedPolicy() async throws {
        try await withNamespace { cluster, namespace in
            @Sendable func owners() async throws -> Int {
                let claim = try await cluster.find(.persistentVolumeClaim, "s-data", in: namespace)
                return claim?[path: ["metadata", "ownerReferences"]]?.arrayValue?.count ?? 0
            }
            for policy in [DeletionPolicy.delete, .retain, .delete, .retain] {
                let storage = Storage(size: "1Gi", retentionPolicy: StorageRetentionPolicy(whenDeleted: policy))
                try await cluster.apply(cluster.server("s", in: namespace, spec: MCPServerSpec(storage: storage)))
                try await eventually("the claim has \(policy == .delete ? "an" : "no") owner") {
                    guard try await uid(of: "s-data", cluster, namespace) != nil else { return false }
                    return try await owners() == (policy == .delete ? 1 : 0)
                }
            }
        }
    }

    @Test("a claim of someone else with the same name is not changed")
    func foreign() async throws {
        try await withNamespace { cluster, namespace in
            _ = try await cluster.client.create(
                .persistentVolumeClaim,
                [
                    "metadata": ["name": "s-data", "namespace": .string(namespace)],
                    "spec": ["accessModes": ["ReadWriteMany"], "resources": ["requests": ["storage": "5Gi"]]],
                ]
            )
            let spec = MCPServerSpec(storage: Storage(size: "1Gi"))
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            try await cluster.wait(for: ConditionType.programmed, .false, reason: .nameTaken, of: "s", in: namespace)
            let claim = try await cluster.find(.persistentVolumeClaim, "s-data", in: namespace)
            #expect(claim?[path: ["spec", "accessModes"]] == ["ReadWriteMany"])
            #expect(claim?[path: ["metadata", "labels"]] == nil)
        }
    }

    @Test("the access modes of an existing claim decide how pods are replaced, even if it is created later")
    func existingClaim() async throws {
        try await withNamespace { cluster, namespace in
            let spec = MCPServerSpec(storage: Storage(existingClaim: "shared"))
            try await cluster.apply(cluster.server("s", in: namespace, spec: spec))
            @Sendable func strategy() async throws -> JSONValue? {
                try await cluster.find(.deployment, "s", in: namespace)?[path: ["spec", "strategy", "type"]]
            }
            try await eventually("the most careful strategy is used") { try await strategy() == "Recreate" }
            let warned = try await cluster.wait(for: ConditionType.accepted, .true, of: "s", in: namespace)
            #expect(
                warned.status?.conditions?[type: ConditionType.accepted]?.message.contains("\"shared\" does not exist")
                    == true
            )
            _ = try await cluster.client.create(
                .persistentVolumeClaim,
                [
                    "metadata": ["name": "shared", "namespace": .string(namespace)],
                    "spec": ["accessModes": ["ReadWriteMany"], "resources": ["requests": ["storage": "5Gi"]]],
                ]
            )
            try await eventually("the strategy follows the claim") { try await strategy() == "RollingUpdate" }
            try await remove("s", cluster, namespace)
            #expect(try await cluster.find(.persistentVolumeClaim, "shared", in: namespace) != nil)
        }
    }
}
