public import KubernetesAPI

/// How to delete. `metav1.DeleteOptions`.
public struct DeleteOptions: Sendable, Hashable {
    /// What becomes of the objects that this one owns.
    public enum PropagationPolicy: String, Sendable, Hashable {
        /// They stay, without an owner.
        case orphan = "Orphan"
        /// They are deleted afterwards.
        case background = "Background"
        /// They are deleted first; the object stays until they are gone.
        case foreground = "Foreground"
    }

    /// Deletes only the object that has this identity and version, and fails with a conflict otherwise.
    public struct Preconditions: Sendable, Hashable {
        /// The identity.
        public var uid: String?
        /// The version.
        public var resourceVersion: String?

        public init(uid: String? = nil, resourceVersion: String? = nil) {
            self.uid = uid
            self.resourceVersion = resourceVersion
        }
    }

    /// What must hold of the object.
    public var preconditions: Preconditions?
    /// What becomes of what it owns; the kind's own default where this is not set.
    public var propagationPolicy: PropagationPolicy?
    /// How long graceful deletion may take, in seconds.
    public var gracePeriodSeconds: Int?
    /// Whether to check and answer only.
    public var dryRun: Bool

    public init(
        preconditions: Preconditions? = nil,
        propagationPolicy: PropagationPolicy? = nil,
        gracePeriodSeconds: Int? = nil,
        dryRun: Bool = false
    ) {
        self.preconditions = preconditions
        self.propagationPolicy = propagationPolicy
        self.gracePeriodSeconds = gracePeriodSeconds
        self.dryRun = dryRun
    }

    /// The body of the request, `nil` where there is nothing to say.
    var body: [UInt8]? {
        guard self != DeleteOptions() else { return nil }
        var value: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let preconditions {
            var conditions: JSONValue = [:]
            conditions["uid"] = preconditions.uid.map { .string($0) }
            conditions["resourceVersion"] = preconditions.resourceVersion.map { .string($0) }
            value["preconditions"] = conditions
        }
        value["propagationPolicy"] = propagationPolicy.map { .string($0.rawValue) }
        value["gracePeriodSeconds"] = gracePeriodSeconds.map { .integer(Int64($0)) }
        if dryRun { value["dryRun"] = ["All"] }
        return value.serialized()
    }
}

/// What became of an object that was to be deleted.
public enum DeleteResult: Sendable, Hashable {
    /// It is gone.
    case deleted(Status)
    /// It is marked as deleted, and stays until its finalizers, its grace period or what it owns are gone.
    case pending(PartialObjectMetadata)
}

/// A change to an object, in one of the forms that the API server takes.
public enum Patch: Sendable, Hashable {
    /// A list of operations, RFC 6902. With `test` operations it is a transaction.
    case json([JSONValue])
    /// A merge patch, RFC 7386: `null` removes, lists are replaced.
    case merge(JSONValue)
    /// A strategic merge patch, which knows the list keys of built-in kinds. Custom resources have none.
    case strategic(JSONValue)

    /// The media type of the body.
    public var contentType: String {
        switch self {
        case .json: "application/json-patch+json"
        case .merge: "application/merge-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        }
    }

    var body: [UInt8] {
        switch self {
        case .json(let operations): JSONValue.array(operations).serialized()
        case .merge(let value), .strategic(let value): value.serialized()
        }
    }
}
