import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("The labels of what Moorage manages")
struct ManagedLabelsTests {
    private static let managed = [MoorageLabels.managedBy: MoorageLabels.managedByValue]

    private struct Reading: Equatable {
        var tenant: String?
        var origin: ChildRecord.Origin?
    }

    /// The labels as a cached child and as a namespace of a claim are read; both name the same tenant.
    private func read(_ labels: [String: String], isOwned: Bool = false) throws -> Reading {
        var value: JSONValue = ["metadata": ["name": "ns", "uid": "u", "resourceVersion": "1"]]
        value[path: ["metadata", "labels"]] = .object(labels.mapValues { .string($0) })
        if isOwned {
            value[path: ["metadata", "ownerReferences"]] = [
                ["apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "r", "controller": true]
            ]
        }
        let record = try ChildRecord(type: .namespace, value: value, keepsStatus: false)
        let facts = NamespaceFacts(try (value["metadata"] ?? [:]).decode(ObjectMeta.self))
        #expect(facts.tenantLabel == record.tenantLabel)
        return Reading(tenant: record.tenantLabel, origin: record.origin)
    }

    @Test("they count only with the label that says that Moorage manages the object")
    func managed() throws {
        let own = [MoorageLabels.tenant: "acme", MoorageLabels.server: "web"]
        #expect(try read(own) == Reading())
        #expect(try read(own.merging([MoorageLabels.managedBy: "Helm"]) { $1 }) == Reading())
        #expect(try read(own.merging(Self.managed) { $1 }) == Reading(tenant: "acme", origin: .server("web")))
    }

    @Test("an object is of its server, or else of its tenant, unless it has an owner")
    func origin() throws {
        var labels = Self.managed
        #expect(try read(labels) == Reading())
        labels[MoorageLabels.tenant] = "acme"
        #expect(try read(labels) == Reading(tenant: "acme", origin: .tenant))
        #expect(try read(labels, isOwned: true) == Reading(tenant: "acme"))
        labels[MoorageLabels.server] = "web"
        #expect(try read(labels) == Reading(tenant: "acme", origin: .server("web")))
    }

    @Test("of a ServiceAccount that is not Moorage's, only the name is kept")
    func foreign() throws {
        var account: JSONValue = [
            "metadata": ["name": "deployer", "namespace": "ns", "uid": "u", "resourceVersion": "1"],
            "imagePullSecrets": [["name": "registry"]],
        ]
        func record() throws -> ChildRecord {
            try ChildRecord(type: .serviceAccount, value: account, keepsStatus: false)
        }
        #expect(try record().content.isEmpty)
        account[path: ["metadata", "labels"]] = .object(Self.managed.mapValues { .string($0) })
        #expect(try JSONValue(parsing: record().content)["imagePullSecrets"] == [["name": "registry"]])
    }
}
