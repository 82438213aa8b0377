public import KubernetesAPI

/// Labels and annotations of a server's Deployment. Pods get theirs from the pod template.
public struct DeploymentSettings: Sendable, Hashable, Codable {
    /// Labels of the Deployment, in addition to Moorage's own.
    public var labels: [String: String]?
    /// Annotations of the Deployment, in addition to Moorage's own.
    public var annotations: [String: String]?

    /// Creates a value from its fields.
    public init(labels: [String: String]? = nil, annotations: [String: String]? = nil) {
        self.labels = labels
        self.annotations = annotations
    }
}

extension DeploymentSettings: SchemaProviding {
    public static let schema = Schema.object(
        DeploymentSettings.self,
        "Labels and annotations of the Deployment. Pods get theirs from the pod template.",
        [
            "labels": .map("Labels of the Deployment, in addition to Moorage's own.", of: .string().length(0...63))
                .properties(0...64),
            "annotations": .map(
                "Annotations of the Deployment, in addition to Moorage's own.",
                of: .string().length(0...65536)
            )
            .properties(0...64),
        ]
    )
}
