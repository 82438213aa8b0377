public import KubernetesAPI

/// How to delete. `metav1.DeleteOptions`.
public struct DeleteOptions: Sendable, Hashable {
    /// What happens to the objects that this one owns.
    public enum PropagationPolicy: String, Sendable, Hashable {
        /// They are kept, without an owner.
        case orphan = "Orphan"
        /// They are deleted afterwards.
        case background = "Background"
        /// They are deleted first; the object is kept until they are deleted.
        case foreground = "Foreground"
    }

    /// Deletes only the object with this uid and version, and fails with a conflict otherwise.
    public struct Preconditions: Sendable, Hashable {
        /// The uid.
        public var uid: String?
        /// The version.
        public var resourceVersion: String?

        public init(uid: String? = nil, resourceVersion: String? = nil) {
            self.uid = uid
            self.resourceVersion = resourceVersion
        }
    }

    /// Conditions that the object must meet.
    public var preconditions: Preconditions?
    /// What happens to the objects that it owns; `nil` for the kind's default.
    public var propagationPolicy: PropagationPolicy?
    /// The grace period, in seconds.
    public var gracePeriodSeconds: Int?
    /// Whether to validate only, and delete nothing.
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

    /// The body of the request, `nil` where all options have their defaults.
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

/// The result of a deletion.
public enum DeleteResult: Sendable, Hashable {
    /// The object no longer exists.
    case deleted(Status)
    /// The object is marked for deletion, and exists until its finalizers are removed, its grace period is over or its
    /// dependents are deleted.
    case pending(PartialObjectMetadata)
}
