public import KubernetesAPI

/// One object as it should be.
public struct RenderedObject: Sendable, Hashable {
    /// Kind, namespace and name.
    public var reference: ObjectReference
    /// The object in full.
    public var value: JSONValue

    public init(reference: ObjectReference, value: JSONValue) {
        self.reference = reference
        self.value = value
    }

    /// The object as JSON, keys sorted: equal objects are equal bytes.
    public var bytes: [UInt8] { value.serialized() }

    /// Puts an object together.
    init(
        _ type: ResourceType,
        _ metadata: ObjectMeta,
        _ members: [String: JSONValue]
    ) {
        var value = members
        value["apiVersion"] = .string(type.apiVersion)
        value["kind"] = .string(type.kind)
        value["metadata"] = RenderedObject.metadata(metadata)
        self.init(
            reference: ObjectReference(type: type, namespace: metadata.namespace, name: metadata.name ?? ""),
            value: .object(value)
        )
    }

    private static func metadata(_ metadata: ObjectMeta) -> JSONValue {
        var value: [String: JSONValue] = [:]
        value["name"] = metadata.name.map { .string($0) }
        value["namespace"] = metadata.namespace.map { .string($0) }
        if let labels = metadata.labels, !labels.isEmpty { value["labels"] = .labels(labels) }
        if let annotations = metadata.annotations, !annotations.isEmpty { value["annotations"] = .labels(annotations) }
        if let owners = metadata.ownerReferences, !owners.isEmpty {
            value["ownerReferences"] = .array(
                owners.map { owner in
                    var reference: [String: JSONValue] = [
                        "apiVersion": .string(owner.apiVersion), "kind": .string(owner.kind),
                        "name": .string(owner.name), "uid": .string(owner.uid),
                    ]
                    reference["controller"] = owner.controller.map { .bool($0) }
                    reference["blockOwnerDeletion"] = owner.blockOwnerDeletion.map { .bool($0) }
                    return .object(reference)
                }
            )
        }
        return .object(value)
    }
}
