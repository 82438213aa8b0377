public import KubernetesAPI

/// An `events.k8s.io/v1` Event.
public struct EventObject: Sendable, Hashable, Codable {
    /// Where Events are.
    public static let resourceType = ResourceType(
        group: "events.k8s.io",
        version: "v1",
        kind: "Event",
        plural: "events",
        isNamespaced: true
    )

    /// `core/v1` ObjectReference, as far as Events use it.
    public struct Reference: Sendable, Hashable, Codable {
        /// The API version of the object.
        public var apiVersion: String
        /// The kind.
        public var kind: String
        /// The namespace, `nil` for cluster-scoped objects.
        public var namespace: String?
        /// The name.
        public var name: String
        /// Which object in time.
        public var uid: String?
        /// Which version of it.
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

    /// How often the same thing happened, and when last.
    public struct Series: Sendable, Hashable, Codable {
        /// How often; two at least.
        public var count: Int
        /// When last.
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
    /// When it happened first.
    public var eventTime: MicroTimestamp
    /// The controller that reports the event.
    public var reportingController: String
    /// The process that reports the event.
    public var reportingInstance: String
    /// What was done or tried, in CamelCase.
    public var action: String
    /// Why, in CamelCase.
    public var reason: String
    /// `Normal` or `Warning`.
    public var type: String
    /// What happened, for people; 1 kB at most.
    public var note: String
    /// What it is about.
    public var regarding: Reference
    /// Another object that takes part.
    public var related: Reference?
    /// Set from the second time on.
    public var series: Series?
}
