/// `core/v1.ProjectedVolumeSource`: several sources in one directory.
public struct ProjectedVolumeSource: Sendable, Hashable, Codable {
    /// The sources, each of which sets exactly one member.
    public var sources: [VolumeProjection]?
    /// The permission bits of the files. Defaults to 0644.
    public var defaultMode: Int?

    /// Creates a value from its fields.
    public init(sources: [VolumeProjection]? = nil, defaultMode: Int? = nil) {
        self.sources = sources
        self.defaultMode = defaultMode
    }
}

extension ProjectedVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        ProjectedVolumeSource.self,
        "Several sources in one directory.",
        [
            "sources": .array("The sources, each of which sets exactly one member.", of: VolumeProjection.schema)
                .items(0...64)
                .atomic(),
            "defaultMode": .integer("The permission bits of the files. Defaults to 0644.").range(0...511),
        ]
    )
}

/// `core/v1.VolumeProjection`: one source of a projected volume.
public struct VolumeProjection: Sendable, Hashable, Codable {
    /// Files from a ConfigMap.
    public var configMap: ConfigMapProjection?
    /// Files from a Secret.
    public var secret: SecretProjection?
    /// Files with fields of the pod.
    public var downwardAPI: DownwardAPIProjection?
    /// A token of the pod's ServiceAccount for an audience, renewed before it expires.
    public var serviceAccountToken: ServiceAccountTokenProjection?
    /// Certificates from ClusterTrustBundles.
    public var clusterTrustBundle: ClusterTrustBundleProjection?

    /// Creates a value from its fields.
    public init(
        configMap: ConfigMapProjection? = nil,
        secret: SecretProjection? = nil,
        downwardAPI: DownwardAPIProjection? = nil,
        serviceAccountToken: ServiceAccountTokenProjection? = nil,
        clusterTrustBundle: ClusterTrustBundleProjection? = nil
    ) {
        self.configMap = configMap
        self.secret = secret
        self.downwardAPI = downwardAPI
        self.serviceAccountToken = serviceAccountToken
        self.clusterTrustBundle = clusterTrustBundle
    }
}

extension VolumeProjection: SchemaProviding {
    public static let schema = Schema.object(
        VolumeProjection.self,
        """
        One source of a projected volume: exactly one of configMap, secret, downwardAPI, serviceAccountToken and \
        clusterTrustBundle.
        """,
        [
            "configMap": ConfigMapProjection.schema.described("Files from a ConfigMap."),
            "secret": SecretProjection.schema.described("Files from a Secret."),
            "downwardAPI": DownwardAPIProjection.schema.described("Files with fields of the pod."),
            "serviceAccountToken": ServiceAccountTokenProjection.schema.described(
                "A token of the pod's ServiceAccount for an audience, renewed before it expires."
            ),
            "clusterTrustBundle": ClusterTrustBundleProjection.schema.described(
                "Certificates from ClusterTrustBundles."
            ),
        ],
        rules: [
            .exactlyOneOf(
                "configMap",
                "secret",
                "downwardAPI",
                "serviceAccountToken",
                "clusterTrustBundle",
                message: """
                    set exactly one of configMap, secret, downwardAPI, serviceAccountToken and clusterTrustBundle for each \
                    source
                    """
            )
        ]
    )
}

/// `core/v1.ConfigMapProjection`: files from a ConfigMap.
public struct ConfigMapProjection: Sendable, Hashable, Codable {
    /// The name of the ConfigMap, in the same namespace.
    public var name: String
    /// The keys to include. Defaults to all.
    public var items: [KeyToPath]?
    /// Whether the pod can start while the ConfigMap or a key is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(name: String, items: [KeyToPath]? = nil, optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.optional = optional
    }
}

extension ConfigMapProjection: SchemaProviding {
    public static let schema = Schema.object(
        ConfigMapProjection.self,
        "Files from a ConfigMap.",
        [
            "name": .string("The name of the ConfigMap, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to include. Defaults to all.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "optional": .boolean("Whether the pod can start while the ConfigMap or a key is missing."),
        ]
    )
}

/// `core/v1.SecretProjection`: files from a Secret.
public struct SecretProjection: Sendable, Hashable, Codable {
    /// The name of the Secret, in the same namespace.
    public var name: String
    /// The keys to include. Defaults to all.
    public var items: [KeyToPath]?
    /// Whether the pod can start while the Secret or a key is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(name: String, items: [KeyToPath]? = nil, optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.optional = optional
    }
}

extension SecretProjection: SchemaProviding {
    public static let schema = Schema.object(
        SecretProjection.self,
        "Files from a Secret.",
        [
            "name": .string("The name of the Secret, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to include. Defaults to all.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "optional": .boolean("Whether the pod can start while the Secret or a key is missing."),
        ]
    )
}

/// `core/v1.ServiceAccountTokenProjection`: a token of the pod's ServiceAccount.
public struct ServiceAccountTokenProjection: Sendable, Hashable, Codable {
    /// The audience of the token. Defaults to the API server.
    public var audience: String?
    /// The lifetime of the token in seconds; 3600 by default, at least 600.
    public var expirationSeconds: Int64?
    /// The file's path on the volume, relative and without `..`.
    public var path: String

    /// Creates a value from its fields.
    public init(audience: String? = nil, expirationSeconds: Int64? = nil, path: String) {
        self.audience = audience
        self.expirationSeconds = expirationSeconds
        self.path = path
    }
}

extension ServiceAccountTokenProjection: SchemaProviding {
    public static let schema = Schema.object(
        ServiceAccountTokenProjection.self,
        "A token of the pod's ServiceAccount.",
        [
            "audience": .string("The audience of the token. Defaults to the API server.").length(0...253),
            "expirationSeconds": .integer64("The lifetime of the token in seconds; 3600 by default, at least 600.")
                .range(600...4294967296),
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
        ]
    )
}

/// `core/v1.ClusterTrustBundleProjection`: certificates from ClusterTrustBundles.
public struct ClusterTrustBundleProjection: Sendable, Hashable, Codable {
    /// The name of a ClusterTrustBundle. Mutually exclusive with signerName.
    public var name: String?
    /// All ClusterTrustBundles of a signer. Mutually exclusive with name.
    public var signerName: String?
    /// Selects bundles of the signer.
    public var labelSelector: LabelSelector?
    /// Whether the pod can start while no bundle exists.
    public var optional: Bool?
    /// The file's path on the volume, relative and without `..`.
    public var path: String

    /// Creates a value from its fields.
    public init(
        name: String? = nil,
        signerName: String? = nil,
        labelSelector: LabelSelector? = nil,
        optional: Bool? = nil,
        path: String
    ) {
        self.name = name
        self.signerName = signerName
        self.labelSelector = labelSelector
        self.optional = optional
        self.path = path
    }
}

extension ClusterTrustBundleProjection: SchemaProviding {
    public static let schema = Schema.object(
        ClusterTrustBundleProjection.self,
        "Certificates from ClusterTrustBundles.",
        [
            "name": .string("The name of a ClusterTrustBundle. Mutually exclusive with signerName.")
                .length(0...253),
            "signerName": .string("All ClusterTrustBundles of a signer. Mutually exclusive with name.")
                .length(0...571),
            "labelSelector": LabelSelector.schema.described("Selects bundles of the signer."),
            "optional": .boolean("Whether the pod can start while no bundle exists."),
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
        ]
    )
}
