/// `core/v1.EphemeralVolumeSource`: storage that is claimed for the pod and deleted with it.
public struct EphemeralVolumeSource: Sendable, Hashable, Codable {
    /// The claim that is created for each pod.
    public var volumeClaimTemplate: PersistentVolumeClaimTemplate

    /// Creates a value from its fields.
    public init(volumeClaimTemplate: PersistentVolumeClaimTemplate) {
        self.volumeClaimTemplate = volumeClaimTemplate
    }
}

extension EphemeralVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        EphemeralVolumeSource.self,
        "Storage that is claimed for the pod and deleted with it.",
        [
            "volumeClaimTemplate": PersistentVolumeClaimTemplate.schema.described(
                "The claim that is created for each pod."
            )
            .required()
        ]
    )
}

/// `core/v1.PersistentVolumeClaimTemplate`: a claim that is created for each pod.
public struct PersistentVolumeClaimTemplate: Sendable, Hashable, Codable {
    /// Labels and annotations of the claim.
    public var metadata: TemplateMetadata?
    /// The requested storage.
    public var spec: PersistentVolumeClaimSpec

    /// Creates a value from its fields.
    public init(metadata: TemplateMetadata? = nil, spec: PersistentVolumeClaimSpec) {
        self.metadata = metadata
        self.spec = spec
    }
}

extension PersistentVolumeClaimTemplate: SchemaProviding {
    public static let schema = Schema.object(
        PersistentVolumeClaimTemplate.self,
        "The claim that is created for each pod.",
        [
            "metadata": TemplateMetadata.schema.described("Labels and annotations of the claim."),
            "spec": PersistentVolumeClaimSpec.schema.described("The requested storage.").required(),
        ]
    )
}

/// The part of `metav1.ObjectMeta` that a template can set.
public struct TemplateMetadata: Sendable, Hashable, Codable {
    /// Labels to set.
    public var labels: [String: String]?
    /// Annotations to set.
    public var annotations: [String: String]?

    /// Creates a value from its fields.
    public init(labels: [String: String]? = nil, annotations: [String: String]? = nil) {
        self.labels = labels
        self.annotations = annotations
    }
}

extension TemplateMetadata: SchemaProviding {
    public static let schema = Schema.object(
        TemplateMetadata.self,
        "Labels and annotations of the objects that are created from a template.",
        [
            "labels": .map("Labels to set.", of: .string().length(0...63)).properties(0...64),
            "annotations": .map("Annotations to set.", of: .string().length(0...65536)).properties(0...64),
        ]
    )
}
