/// `metav1.ObjectMeta`: the metadata of every object. `managedFields` is omitted, because it is the largest part of
/// most objects and never read.
public struct ObjectMeta: Sendable, Hashable, Codable {
    /// The name, unique in its namespace and kind.
    public var name: String?
    /// The prefix of a name that the API server generates if `name` is not set.
    public var generateName: String?
    /// The namespace, `nil` for cluster-scoped objects.
    public var namespace: String?
    /// The unique identity of this object. An object that is deleted and created again has a different one.
    public var uid: String?
    /// The version of the stored object. It is opaque and only compared for equality.
    public var resourceVersion: String?
    /// A number that increases with every change of the desired state.
    public var generation: Int64?
    /// When the object was created.
    public var creationTimestamp: Timestamp?
    /// When deletion was requested; the object exists until its finalizers are removed.
    public var deletionTimestamp: Timestamp?
    /// The grace period of the deletion, in seconds.
    public var deletionGracePeriodSeconds: Int64?
    /// Labels, which selectors match.
    public var labels: [String: String]?
    /// Annotations, which selectors do not match.
    public var annotations: [String: String]?
    /// The owners. The object is deleted with them.
    public var ownerReferences: [OwnerReference]?
    /// The finalizers, which must be removed before the object is deleted.
    public var finalizers: [String]?

    public init(
        name: String? = nil,
        namespace: String? = nil,
        labels: [String: String]? = nil,
        annotations: [String: String]? = nil,
        ownerReferences: [OwnerReference]? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
        self.annotations = annotations
        self.ownerReferences = ownerReferences
    }

    /// The owner reference that is marked as the controller. There is at most one.
    public var controllerReference: OwnerReference? {
        ownerReferences?.first { $0.controller == true }
    }
}

/// `metav1.OwnerReference`: an owner with which this object is deleted.
public struct OwnerReference: Sendable, Hashable, Codable {
    /// The owner's API version.
    public var apiVersion: String
    /// The owner's kind.
    public var kind: String
    /// The owner's name.
    public var name: String
    /// The owner's identity.
    public var uid: String
    /// Whether the owner is the controller of this object. At most one owner is.
    public var controller: Bool?
    /// Whether foreground deletion of the owner waits for this object.
    public var blockOwnerDeletion: Bool?

    public init(
        apiVersion: String,
        kind: String,
        name: String,
        uid: String,
        controller: Bool? = nil,
        blockOwnerDeletion: Bool? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
        self.blockOwnerDeletion = blockOwnerDeletion
    }

    /// The owner's API group, empty for the core group.
    public var group: String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return String(apiVersion[..<slash])
    }
}

/// `metav1.ListMeta`: the metadata of a list.
public struct ListMeta: Sendable, Hashable, Codable {
    /// The version of the collection, from which a watch can start.
    public var resourceVersion: String?
    /// Where the next page starts; empty or absent on the last page.
    public var `continue`: String?
    /// How many objects follow this page, if the server knows.
    public var remainingItemCount: Int64?

    public init(resourceVersion: String? = nil, continue: String? = nil, remainingItemCount: Int64? = nil) {
        self.resourceVersion = resourceVersion
        self.`continue` = `continue`
        self.remainingItemCount = remainingItemCount
    }
}

/// `metav1.PartialObjectMetadata`: an object of any kind, reduced to its metadata.
public struct PartialObjectMetadata: Sendable, Hashable, Codable {
    /// The API version; `meta.k8s.io/v1` in responses to requests for metadata only.
    public var apiVersion: String?
    /// The kind; `PartialObjectMetadata` in such responses.
    public var kind: String?
    /// The metadata.
    public var metadata: ObjectMeta

    public init(metadata: ObjectMeta) {
        self.apiVersion = "meta.k8s.io/v1"
        self.kind = "PartialObjectMetadata"
        self.metadata = metadata
    }
}
