public import KubernetesAPI

/// An `events.k8s.io/v1` Event.
public struct EventObject: Sendable, Hashable, Codable {
    /// The resource type of Events.
    public static let resourceType = ResourceType(
        group: "events.k8s.io",
        version: "v1",
        kind: "Event",
        plural: "events",
        isNamespaced: true
    )

    /// `core/v1` ObjectReference, with the fields that Events use.
    public struct Reference: Sendable, Hashable, Codable {
        /// The API version of the object.
        public var apiVersion: String
        /// The kind.
        public var kind: String
        /// The namespace, `nil` for cluster-scoped objects.
        public var namespace: String?
        /// The name.
        public var name: String
        /// The UID of the object.
        public var uid: String?
        /// The version of the object.
        public var resourceVersion: String?

        public init(
            apiVersion: String,
            kind: String,
            namespace: String?,
            name: String,
            uid: String? = nil,
            resourceVersion: String? = nil
        ) {
            self.apiVersion = apiVersion
            self.kind = kind
            self.namespace = namespace
            self.name = name
            self.uid = uid
            self.resourceVersion = resourceVersion
        }

        /// A reference to an object of a kind by its metadata.
        public init(_ type: ResourceType, _ metadata: ObjectMeta) {
            self.init(
                apiVersion: type.apiVersion,
                kind: type.kind,
                namespace: metadata.namespace,
                name: metadata.name ?? "",
                uid: metadata.uid,
                resourceVersion: metadata.resourceVersion
            )
        }
    }

    /// How often the same event occurred, and when it occurred last.
    public struct Series: Sendable, Hashable, Codable {
        /// The number of occurrences, at least two.
        public var count: Int
        /// The time of the last occurrence.
        public var lastObservedTime: MicroTimestamp

        public init(count: Int, lastObservedTime: MicroTimestamp) {
            self.count = count
            self.lastObservedTime = lastObservedTime
        }
    }

    /// `events.k8s.io/v1`.
    public var apiVersion = "events.k8s.io/v1"
    /// `Event`.
    public var kind = "Event"
    /// The Event's own metadata.
    public var metadata: ObjectMeta
    /// The time of the first occurrence.
    public var eventTime: MicroTimestamp
    /// The controller that reports the event.
    public var reportingController: String
    /// The process that reports the event.
    public var reportingInstance: String
    /// The action, in CamelCase.
    public var action: String
    /// The reason, in CamelCase.
    public var reason: String
    /// `Normal` or `Warning`.
    public var type: String
    /// What happened, in plain text, at most 1 kB.
    public var note: String
    /// The object that the Event is about.
    public var regarding: Reference
    /// Another object that is involved.
    public var related: Reference?
    /// Set from the second occurrence on.
    public var series: Series?
}
