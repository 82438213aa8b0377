public import KubernetesAPI
internal import Policy

/// An object in its desired state.
public struct RenderedObject: Sendable, Hashable {
    /// Kind, namespace and name.
    public var reference: ObjectReference
    /// The object in full.
    public var value: JSONValue
    /// Whether the object is kept when its owner is deleted. It then has no owner reference, and is found by its name
    /// and labels.
    public var isRetained: Bool

    public init(reference: ObjectReference, value: JSONValue, isRetained: Bool = false) {
        self.reference = reference
        self.value = value
        self.isRetained = isRetained
    }

    /// The object as JSON with sorted keys, so that equal objects have equal bytes.
    public var bytes: [UInt8] { value.serialized() }

    /// Builds an object. If it is retained, the owner reference in the metadata is removed.
    init(
        _ type: ResourceType,
        _ metadata: ObjectMeta,
        _ members: [String: JSONValue],
        isRetained: Bool = false
    ) {
        var metadata = metadata
        if isRetained { metadata.ownerReferences = nil }
        var value = members
        value["apiVersion"] = .string(type.apiVersion)
        value["kind"] = .string(type.kind)
        value["metadata"] = RenderedObject.metadata(metadata)
        self.init(
            reference: ObjectReference(type: type, namespace: metadata.namespace, name: metadata.name ?? ""),
            value: .object(value),
            isRetained: isRetained
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
