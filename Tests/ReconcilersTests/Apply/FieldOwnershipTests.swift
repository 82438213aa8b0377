import CRDModels
import KubernetesAPI
import Testing

@testable import Reconcilers

@Suite("Field ownership")
struct FieldOwnershipTests {
    private func entry(
        _ operation: String,
        _ fields: JSONValue,
        manager: String = Moorage.fieldManager,
        apiVersion: String = "apps/v1",
        subresource: String? = nil
    ) -> JSONValue {
        var entry: JSONValue = [
            "manager": .string(manager), "operation": .string(operation), "apiVersion": .string(apiVersion),
            "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields,
        ]
        entry["subresource"] = subresource.map { .string($0) }
        return entry
    }

    @Test("the fields of the creation become those of an apply, and no other entry changes")
    func moves() {
        let others: [JSONValue] = [
            entry("Update", ["f:spec": ["f:b": [:]]], manager: "kubectl"),
            entry("Update", ["f:status": ["f:c": [:]]], subresource: "status"),
            entry("Apply", ["f:spec": ["f:replicas": [:]]], manager: Moorage.handOverFieldManager),
        ]
        let ours: JSONValue = ["f:spec": ["f:a": [:]]]
        let moved = FieldOwnership.movedToApply(.array(others + [entry("Update", ours)]))
        #expect(moved == .array(others + [entry("Apply", ours)]))
        #expect(FieldOwnership.movedToApply(.array(others)) == nil)
        #expect(FieldOwnership.movedToApply(nil) == nil)
    }

    @Test("where something was applied already, the entry has the fields of both")
    func merges() {
        let list: JSONValue = [
            entry("Apply", ["f:spec": ["f:env": ["k:{\"name\":\"A\"}": [".": [:], "f:value": [:]]]]]),
            entry(
                "Update",
                ["f:spec": ["f:env": ["k:{\"name\":\"A\"}": ["f:name": [:]], "k:{\"name\":\"B\"}": [".": [:]]]]]
            ),
        ]
        let both: JSONValue = [
            "f:spec": [
                "f:env": [
                    "k:{\"name\":\"A\"}": [".": [:], "f:value": [:], "f:name": [:]], "k:{\"name\":\"B\"}": [".": [:]],
                ]
            ]
        ]
        #expect(FieldOwnership.movedToApply(list) == [entry("Apply", both)])
    }

    @Test("entries of two API versions stay two")
    func versions() {
        let applied = entry("Apply", ["f:spec": [:]], apiVersion: "autoscaling/v1")
        let created = entry("Update", ["f:spec": [:]], apiVersion: "autoscaling/v2")
        let expected: JSONValue = [applied, entry("Apply", ["f:spec": [:]], apiVersion: "autoscaling/v2")]
        #expect(FieldOwnership.movedToApply([applied, created]) == expected)
    }

    @Test("a record tells whose fields belong to the creation, also without the field sets")
    func records() throws {
        let type = ResourceType.deployment
        for (operation, expected) in [("Update", true), ("Apply", false)] {
            let object: JSONValue = [
                "metadata": [
                    "name": "a", "namespace": "ns", "uid": "u", "resourceVersion": "1",
                    "managedFields": [entry(operation, ["f:spec": ["f:replicas": [:]]])],
                ]
            ]
            #expect(try ChildRecord(type: type, value: object, keepsStatus: true).isOwnedByCreation == expected)
            let record = try ChildRecord(type: type, bytes: object.serialized()[...], keepsStatus: true)
            #expect(record.isOwnedByCreation == expected)
            #expect(!String(decoding: record.content, as: UTF8.self).contains("managedFields"))
        }
    }

    @Test("managed fields of any shape are read without harm")
    func hostile() {
        for value in ["x", 1, [:], [1, "x", [:]], ["manager"], [["manager": "moorage", "operation": "Update"]]]
            as [JSONValue]
        {
            _ = FieldOwnership.isByCreation(value)
            _ = FieldOwnership.movedToApply(value)
        }
    }
}
