import KubernetesAPI
import Testing

@testable import Reconcilers

@Suite("Cached children")
struct ChildRecordTests {
    /// An object with everything that a record reads, and with text that looks like members.
    private static func object(_ type: ResourceType) -> JSONValue {
        [
            "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
            "metadata": [
                "name": "web", "namespace": "ns", "uid": "u-1", "resourceVersion": "7", "generation": 3,
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "labels": [
                    "app.kubernetes.io/managed-by": "moorage", "moorage.dev/tenant": "acme",
                    "moorage.dev/server": "web",
                ],
                "annotations": [
                    "moorage.dev/render-hash": "h1", "moorage.dev/when-removed": "Delete",
                    "note": "\"status\": {\\ [ü \u{1F600}\n",
                ],
                "ownerReferences": [
                    [
                        "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer", "name": "web", "uid": "o-1",
                        "controller": true,
                    ]
                ],
                "managedFields": [
                    ["manager": "moorage", "operation": "Update", "fieldsV1": ["f:spec": ["f:replicas": [:]]]]
                ],
            ],
            "spec": ["replicas": 2, "template": ["status": ["a": 1], "text": "}{"], "ports": [1, 2.5, true, nil]],
            "status": ["replicas": 1, "conditions": [["type": "Available"]]],
        ]
    }

    private static let types: [ResourceType] = [
        .deployment, .service, .networkPolicy, .secret, .serviceAccount, .persistentVolumeClaim, .namespace,
    ]

    /// Decisions read two conditions, and nearly all others say that everything is fine.
    @Test("of a Deployment's conditions, only those with a failure are kept")
    func failures() throws {
        func conditions(_ conditions: JSONValue) throws -> [DeploymentCondition]? {
            var object = Self.object(.deployment)
            object["status"] = ["observedGeneration": 3, "conditions": conditions, "availableReplicas": 1]
            let bytes = object.serialized()
            let record = try ChildRecord(type: .deployment, bytes: bytes[...], keepsStatus: true)
            let status = try #require(record.status(as: DeploymentStatus.self))
            #expect(status.observedGeneration == 3 && status.availableReplicas == 1)
            #expect(try ChildRecord(type: .deployment, value: object, keepsStatus: true).status == record.status)
            return status.conditions
        }
        let available: JSONValue = ["type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"]
        let progressing: JSONValue = ["type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"]
        let stuck: JSONValue = ["type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"]
        let failure: JSONValue = ["type": "ReplicaFailure", "status": "True", "message": "exceeded quota"]
        #expect(try conditions([available, progressing]) == nil)
        #expect(
            try conditions([available, stuck])?.map(\.reason) == [
                "MinimumReplicasAvailable", "ProgressDeadlineExceeded",
            ]
        )
        #expect(try conditions([progressing, failure])?.last?.message == "exceeded quota")
        #expect(try conditions([]) == nil)
    }

    @Test("bytes and the parsed object give the same record", arguments: types)
    func agree(_ type: ResourceType) throws {
        for keepsStatus in [true, false] {
            let object = Self.object(type)
            let bytes = object.serialized()
            let parsed = try ChildRecord(type: type, value: object, keepsStatus: keepsStatus)
            let read = try ChildRecord(type: type, bytes: bytes[...], keepsStatus: keepsStatus)
            #expect(read == parsed)
            #expect(read.renderHash == "h1")
            #expect(read.annotations == ["moorage.dev/when-removed": "Delete"])
            #expect(read.replicas == 2)
            #expect(read.isOwnedByCreation)
            #expect(read.content.isEmpty == (type == .secret))
            if type == .secret { continue }
            let content = try JSONValue(parsing: read.content)
            #expect(content["spec"] == object["spec"])
            #expect(content["status"] == nil)
            #expect(content["metadata"]?["resourceVersion"] == nil)
            #expect(content["metadata"]?["managedFields"] == nil)
        }
    }

    @Test("an item of a list, and an object with white space, are complete objects in the cache")
    func listItem() throws {
        let text = """
            { "metadata" : { "uid" : "u" , "name" : "web", "resourceVersion" : "1" } ,
              "spec" : { "a" : [ 1 , 2 ] , "replicas" : 5 } , "data" : { } }
            """
        let record = try ChildRecord(type: .deployment, bytes: Array(text.utf8)[...], keepsStatus: true)
        #expect(
            try JSONValue(parsing: record.content) == [
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
                "spec": ["a": [1, 2], "replicas": 5], "data": [:],
            ]
        )
        #expect(record.replicas == 5)
        #expect(record.status.isEmpty)
    }

    @Test("an object that is not complete is refused", arguments: [1, 20, 60, 400])
    func incomplete(_ missing: Int) {
        let bytes = Self.object(.deployment).serialized().dropLast(missing)
        #expect(throws: (any Error).self) {
            try ChildRecord(type: .deployment, bytes: Array(bytes)[...], keepsStatus: true)
        }
    }

    @Test("the content is dropped once it was compared, except where decisions read it", arguments: types)
    func confirm(_ type: ResourceType) throws {
        var record = try ChildRecord(type: type, value: Self.object(type), keepsStatus: true)
        #expect(record.verifiedHash == nil)
        record.confirm("h1")
        #expect(record.verifiedHash == "h1")
        #expect(record.content.isEmpty == (type != .namespace && type != .persistentVolumeClaim))
    }

    @Test("an answer to a write is kept without content")
    func answer() throws {
        let bytes = Self.object(.deployment).serialized()
        let record = try ChildRecord(type: .deployment, bytes: bytes[...], keepsStatus: true, keepsContent: false)
        #expect(record.content.isEmpty)
        #expect(!record.status.isEmpty)
        #expect(record.replicas == 2)
    }
}
