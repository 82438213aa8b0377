internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI

/// What is kept of a revision, of which only metadata is watched: contracts of thousands of servers are not kept in memory.
struct RevisionRecord: CachedObject, Equatable {
    var namespace: String
    var name: String
    var uid: String
    var resourceVersion: String
    var creationTimestamp: Timestamp?
    /// Its generation: 1 unless someone has decided about it.
    var generation: Int64
    /// The server that owns it; `nil` if none does.
    var owner: ChildRecord.Owner?
    /// The digest of all that distinguishes it from other revisions of the server.
    var key: String
    /// The digest of what the server offered.
    var contractDigest: String
    /// How many ConfigMaps contain the contract; 0 if the revision does itself.
    var parts: Int
    /// Whether its status was written, which is the last step of storing it.
    var hasStatus: Bool
    /// Whether it is being deleted.
    var isDeleting: Bool

    /// The annotation with the digest of all that distinguishes revisions of a server.
    static let keyAnnotation = "moorage.dev/revision-key"
    /// The annotation with the digest of what the server offered.
    static let contractAnnotation = "moorage.dev/contract-digest"
    /// The annotation with the number of ConfigMaps that contain the contract.
    static let partsAnnotation = "moorage.dev/contract-parts"

    /// The index of revisions by the server that owns them, as `namespace/name`.
    static let serverIndex = "server"

    var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        metadata.creationTimestamp = creationTimestamp
        return metadata
    }

    /// The server that owns it.
    var server: NamespacedName? {
        guard let owner, owner.groupKind == MCPServer.resourceType.groupKind else { return nil }
        return NamespacedName(namespace: namespace, name: owner.name)
    }

    var reference: ObjectReference {
        ObjectReference(type: MCPServerRevision.resourceType, namespace: namespace, name: name)
    }

    /// - Throws: `DecodingError` if the object has no name, uid or resourceVersion.
    init(_ object: JSONValue) throws {
        let metadata = object["metadata"] ?? [:]
        guard let name = metadata["name"]?.stringValue, let uid = metadata["uid"]?.stringValue,
            let resourceVersion = metadata["resourceVersion"]?.stringValue
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "an MCPServerRevision without name, uid or resourceVersion")
            )
        }
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        namespace = metadata["namespace"]?.stringValue ?? ""
        generation = metadata["generation"]?.integerValue ?? 1
        creationTimestamp = metadata["creationTimestamp"]?.stringValue.flatMap { Timestamp($0) }
        owner = metadata["ownerReferences"]?.arrayValue?.first { $0["controller"] == true }.flatMap(
            ChildRecord.Owner.init
        )
        let annotation = { (key: String) in metadata[path: ["annotations", key]]?.stringValue ?? "" }
        key = annotation(Self.keyAnnotation)
        contractDigest = annotation(Self.contractAnnotation)
        parts = Int(annotation(Self.partsAnnotation)) ?? 0
        hasStatus =
            metadata["managedFields"]?.arrayValue?.contains {
                $0["subresource"] == "status" && $0["manager"]?.stringValue == Moorage.fieldManager
            } ?? false
        isDeleting = metadata["deletionTimestamp"] != nil
    }
}
