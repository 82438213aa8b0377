/// `metav1.ObjectMeta`: what every object carries. `managedFields` is left out on purpose: it is the largest part of most
/// objects and nothing here reads it.
public struct ObjectMeta: Sendable, Hashable, Codable {
    /// The name, unique in its namespace and kind.
    public var name: String?
    /// A prefix from which the server makes a name, where `name` is not given.
    public var generateName: String?
    /// The namespace, `nil` for cluster-scoped objects.
    public var namespace: String?
    /// The unique identity of this object: an object that is deleted and created again has another.
    public var uid: String?
    /// The version of this object as stored; opaque, compared for equality alone.
    public var resourceVersion: String?
    /// Counts changes of the desired state.
    public var generation: Int64?
    /// When the object was created.
    public var creationTimestamp: Timestamp?
    /// When deletion was requested; the object exists until its finalizers are removed.
    public var deletionTimestamp: Timestamp?
    /// How long graceful deletion may take, in seconds.
    public var deletionGracePeriodSeconds: Int64?
    /// Labels, by which objects are selected.
    public var labels: [String: String]?
    /// Annotations, which select nothing.
    public var annotations: [String: String]?
    /// The objects that this one is deleted with.
    public var ownerReferences: [OwnerReference]?
    /// Who must act before the object may go.
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

    /// The owner reference that is marked as the controller, of which there is one at most.
    public var controllerReference: OwnerReference? {
        ownerReferences?.first { $0.controller == true }
    }
}

/// `metav1.OwnerReference`: an object with which this one is deleted.
public struct OwnerReference: Sendable, Hashable, Codable {
    /// The owner's API version.
    public var apiVersion: String
    /// The owner's kind.
    public var kind: String
    /// The owner's name.
    public var name: String
    /// The owner's identity.
    public var uid: String
    /// Whether the owner manages this object; one owner at most does.
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

/// `metav1.ListMeta`: what a list carries.
public struct ListMeta: Sendable, Hashable, Codable {
    /// The version of the collection, from which a watch can start.
    public var resourceVersion: String?
    /// Where the next page starts; empty or absent on the last.
    public var `continue`: String?
    /// How many objects follow this page, where the server knows.
    public var remainingItemCount: Int64?

    public init(resourceVersion: String? = nil, continue: String? = nil, remainingItemCount: Int64? = nil) {
        self.resourceVersion = resourceVersion
        self.`continue` = `continue`
        self.remainingItemCount = remainingItemCount
    }
}

/// `metav1.PartialObjectMetadata`: an object of any kind, of which only the metadata was read.
public struct PartialObjectMetadata: Sendable, Hashable, Codable {
    /// The API version; `meta.k8s.io/v1` in answers to requests for metadata only.
    public var apiVersion: String?
    /// The kind; `PartialObjectMetadata` in such answers.
    public var kind: String?
    /// The metadata.
    public var metadata: ObjectMeta

    public init(metadata: ObjectMeta) {
        self.apiVersion = "meta.k8s.io/v1"
        self.kind = "PartialObjectMetadata"
        self.metadata = metadata
    }
}
