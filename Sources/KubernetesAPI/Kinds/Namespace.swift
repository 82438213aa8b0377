/// `core/v1.Namespace`.
public struct Namespace: KubernetesResource, Hashable {
    public static let resourceType = ResourceType.namespace
    /// The API version.
    public var apiVersion: String? = "v1"
    /// The kind.
    public var kind: String? = "Namespace"
    /// The metadata.
    public var metadata: ObjectMeta
    /// What the API server and its controllers report.
    public var status: Status?

    /// The state of a namespace.
    public struct Status: Sendable, Hashable, Codable {
        /// `Active` or `Terminating`.
        public var phase: String?

        public init(phase: String? = nil) {
            self.phase = phase
        }
    }

    public init(metadata: ObjectMeta, status: Status? = nil) {
        self.metadata = metadata
        self.status = status
    }
}
