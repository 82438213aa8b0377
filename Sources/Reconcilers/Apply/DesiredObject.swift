internal import KubernetesAPI

/// The desired state of one object, ready to be compared and sent.
struct DesiredObject: Sendable, Equatable {
    /// Kind, namespace and name.
    var reference: ObjectReference
    /// The object as rendered, without the fingerprint.
    var value: JSONValue
    /// The fingerprint of the render: equal renders have equal fingerprints.
    var renderHash: String
    /// Whether the object is kept when its owner is deleted, and therefore has no owner reference.
    var isRetained = false

    /// What is sent to create the object: the render and its fingerprint.
    var body: JSONValue {
        var body = value
        body[path: ["metadata", "annotations", ChildRecord.renderHashAnnotation]] = .string(renderHash)
        return body
    }

    /// What is applied to the object with this UID, and to no other with its name.
    func body(uid: String) -> JSONValue {
        var body = body
        body[path: ["metadata", "uid"]] = .string(uid)
        return body
    }
}

/// What is known about a child: this version contains this render.
struct Verification: Sendable, Hashable {
    /// The version that was compared, or that our own write returned.
    var resourceVersion: String
    /// The fingerprint of the render that it was compared with.
    var renderHash: String
}
