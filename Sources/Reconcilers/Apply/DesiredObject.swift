internal import KubernetesAPI

/// One object as it should be, ready to be compared and sent.
struct DesiredObject: Sendable, Equatable {
    /// Kind, namespace and name.
    var reference: ObjectReference
    /// The object as rendered, without the fingerprint.
    var value: JSONValue
    /// The fingerprint of the render: equal renders have equal fingerprints.
    var renderHash: String
    /// Whether the object stays when what it was rendered for is deleted, and so has no owner.
    var isRetained = false

    /// What is sent: the render, its fingerprint, and the guard that lets the write happen only to the object meant.
    func body(for expectation: Expectation) -> JSONValue {
        var body = value
        body[path: ["metadata", "annotations", ChildRecord.renderHashAnnotation]] = .string(renderHash)
        switch expectation {
        case .absent:
            // No object ever has this version: where there is one the API server answers 409, where there is none it
            // creates. A plain apply would take a foreign object over.
            body[path: ["metadata", "resourceVersion"]] = "1"
        case .present(let uid):
            body[path: ["metadata", "uid"]] = .string(uid)
        }
        return body
    }

    /// What must be there for a write to happen.
    enum Expectation: Sendable, Equatable {
        case absent
        case present(uid: String)
    }
}

/// What was last seen to be right about a child: this version of it carries this render.
struct Verification: Sendable, Hashable {
    /// The version that was compared, or that our own write returned.
    var resourceVersion: String
    /// The fingerprint of the render that it was compared with.
    var renderHash: String
}
