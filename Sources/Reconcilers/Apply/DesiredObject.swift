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

    /// What is sent: the render, its fingerprint, and the precondition that limits the write to the intended object.
    func body(for expectation: Expectation) -> JSONValue {
        var body = value
        body[path: ["metadata", "annotations", ChildRecord.renderHashAnnotation]] = .string(renderHash)
        switch expectation {
        case .absent:
            // No object ever has this version: if the object exists, the API server responds with 409, otherwise it
            // creates the object. A plain apply would change an existing object of someone else.
            body[path: ["metadata", "resourceVersion"]] = "1"
        case .present(let uid):
            body[path: ["metadata", "uid"]] = .string(uid)
        }
        return body
    }

    /// The precondition of a write.
    enum Expectation: Sendable, Equatable {
        case absent
        case present(uid: String)
    }
}

/// The last verified state of a child: this version contains this render.
struct Verification: Sendable, Hashable {
    /// The version that was compared, or that our own write returned.
    var resourceVersion: String
    /// The fingerprint of the render that it was compared with.
    var renderHash: String
}
