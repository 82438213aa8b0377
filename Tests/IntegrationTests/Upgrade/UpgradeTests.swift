import CRDModels
import Foundation
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import TestSupport
import Testing

/// What an earlier version stored, and the operator of this version.
///
/// `stored.json` has the objects of four examples as the version of commit 6bc4859 (chart 0.1.0, before signatures and admission
/// policies) left them, with their status and all that it had created: a list from `kubectl get`, without `managedFields`.
@Suite("An upgrade from an earlier version", .serialized)
struct UpgradeTests {
    private static let types: [String: ResourceType] = [
        "Namespace": .namespace, "MCPServerClass": MCPServerClass.resourceType, "MCPTenant": MCPTenant.resourceType,
        "MCPServer": MCPServer.resourceType, "MCPServerRevision": MCPServerRevision.resourceType,
        "ServiceAccount": .serviceAccount, "Secret": .secret, "NetworkPolicy": .networkPolicy, "Service": .service,
        "Deployment": .deployment,
    ]

    /// The objects that it stored, owners first.
    private static func stored() throws -> [(type: ResourceType, object: JSONValue)] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "stored.json")
        let list = try JSONValue(parsing: Array(Data(contentsOf: file)))
        return try #require(list["items"]?.arrayValue).map { object in
            (try #require(types[object["kind"]?.stringValue ?? ""]), object)
        }
    }

    /// Puts the objects into a cluster, as the operator would have, and returns what is stored now.
    private static func restore(_ client: KubernetesClient) async throws -> [(type: ResourceType, object: JSONValue)] {
        var uids: [String: JSONValue] = [:]
        var restored: [(ResourceType, JSONValue)] = []
        for (type, stored) in try Self.stored() {
            var object = stored
            var metadata = try #require(object["metadata"])
            let before = try #require(metadata["uid"]?.stringValue)
            for field in ["uid", "creationTimestamp", "generation"] { metadata[field] = nil }
            if let owners = metadata["ownerReferences"]?.arrayValue {
                metadata["ownerReferences"] = .array(
                    try owners.map { owner in
                        var owner = owner
                        owner["uid"] = try #require(uids[owner["uid"]?.stringValue ?? ""])
                        return owner
                    }
                )
            }
            object["metadata"] = metadata
            let status = object["status"]
            var created = try await client.create(type, object, options: WriteOptions(fieldManager: "moorage"))
            uids[before] = try #require(created[path: ["metadata", "uid"]])
            if let status, type.group == Moorage.group {
                created["status"] = status
                created = try await client.replace(
                    type,
                    created,
                    subresource: "status",
                    options: WriteOptions(fieldManager: "moorage")
                )
                #expect(created["status"] == status, "the definitions of this version keep the status")
            }
            restored.append((type, created))
        }
        return restored
    }

    private static let platform = PlatformConfiguration(
        handshake: PlatformHandshake(mode: .enabled, periodSeconds: 86_400)
    )

    @Test("what it stored is valid and kept, every server is ready again, and no pod is replaced")
    func stored() async throws {
        try await withSandbox { cluster, _ in
            let before = try await Self.restore(cluster.client)
            let servers = before.filter { $0.type == MCPServer.resourceType }.map(\.object)
            #expect(servers.count == 4)
            try await withOperator(cluster, platform: Self.platform) { _ in
                for server in servers {
                    let name = try #require(server[path: ["metadata", "name"]]?.stringValue)
                    let namespace = try #require(server[path: ["metadata", "namespace"]]?.stringValue)
                    try await eventually("\(namespace)/\(name) is settled") {
                        let conditions = try await cluster.server(named: name, in: namespace)?.status?.conditions
                        return conditions?[type: ConditionType.ready]?.status == .true
                            && conditions?[type: ConditionType.reconciling]?.status == .false
                    }
                }
                for tenant in before where tenant.type == MCPTenant.resourceType {
                    let name = try #require(tenant.object[path: ["metadata", "name"]]?.stringValue)
                    try await eventually("tenant \(name) is ready") {
                        try await cluster.client.get(MCPTenant.self, name: name).status?.conditions?[
                            type: ConditionType.ready
                        ]?.status == .true
                    }
                }
                try await cluster.letOperatorPass()
            }
            for (type, old) in before {
                let name = try #require(old[path: ["metadata", "name"]]?.stringValue)
                let new = try #require(
                    try await cluster.find(type, name, in: old[path: ["metadata", "namespace"]]?.stringValue),
                    "\(type.kind) \(name) is gone"
                )
                #expect(new[path: ["metadata", "uid"]] == old[path: ["metadata", "uid"]], "\(type.kind) \(name)")
                if type == .deployment {
                    #expect(
                        new[path: ["spec", "template"]] == old[path: ["spec", "template"]],
                        "the pods of \(name) are replaced"
                    )
                }
                if type.group == Moorage.group, type != MCPServerRevision.resourceType {
                    #expect(new["spec"] == old["spec"], "\(type.kind) \(name) has another spec")
                }
            }
        }
    }
}
