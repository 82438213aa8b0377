/// `core/v1.ConfigMapVolumeSource`: files from a ConfigMap.
public struct ConfigMapVolumeSource: Sendable, Hashable, Codable {
    /// The name of the ConfigMap, in the same namespace.
    public var name: String
    /// The keys to include. Defaults to all.
    public var items: [KeyToPath]?
    /// The permission bits of the files. Defaults to 0644.
    public var defaultMode: Int?
    /// Whether the pod can start while the ConfigMap or a key is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(name: String, items: [KeyToPath]? = nil, defaultMode: Int? = nil, optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.defaultMode = defaultMode
        self.optional = optional
    }
}

extension ConfigMapVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        ConfigMapVolumeSource.self,
        "Files from a ConfigMap.",
        [
            "name": .string("The name of the ConfigMap, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to include. Defaults to all.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "defaultMode": .integer("The permission bits of the files. Defaults to 0644.").range(0...511),
            "optional": .boolean("Whether the pod can start while the ConfigMap or a key is missing."),
        ]
    )
}

/// `core/v1.SecretVolumeSource`: files from a Secret.
public struct SecretVolumeSource: Sendable, Hashable, Codable {
    /// The name of the Secret, in the same namespace.
    public var secretName: String
    /// The keys to include. Defaults to all.
    public var items: [KeyToPath]?
    /// The permission bits of the files. Defaults to 0644.
    public var defaultMode: Int?
    /// Whether the pod can start while the Secret or a key is missing.
    public var optional: Bool?

    /// Creates a value from its fields.
    public init(secretName: String, items: [KeyToPath]? = nil, defaultMode: Int? = nil, optional: Bool? = nil) {
        self.secretName = secretName
        self.items = items
        self.defaultMode = defaultMode
        self.optional = optional
    }
}

extension SecretVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        SecretVolumeSource.self,
        "Files from a Secret.",
        [
            "secretName": .string("The name of the Secret, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to include. Defaults to all.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "defaultMode": .integer("The permission bits of the files. Defaults to 0644.").range(0...511),
            "optional": .boolean("Whether the pod can start while the Secret or a key is missing."),
        ]
    )
}

/// `core/v1.EmptyDirVolumeSource`: an empty directory that lives as long as the pod.
public struct EmptyDirVolumeSource: Sendable, Hashable, Codable {
    /// The medium of the directory: empty for the node's disk, Memory for memory.
    public var medium: String?
    /// The size limit of the directory.
    public var sizeLimit: Quantity?

    /// Creates a value from its fields.
    public init(medium: String? = nil, sizeLimit: Quantity? = nil) {
        self.medium = medium
        self.sizeLimit = sizeLimit
    }
}

extension EmptyDirVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        EmptyDirVolumeSource.self,
        "An empty directory that lives as long as the pod.",
        [
            "medium": .string("The medium of the directory: empty for the node's disk, Memory for memory.")
                .values("", "Memory", "HugePages")
                .length(0...64),
            "sizeLimit": .quantity("The size limit of the directory."),
        ]
    )
}

/// `core/v1.PersistentVolumeClaimVolumeSource`: the storage of a PersistentVolumeClaim.
public struct PersistentVolumeClaimVolumeSource: Sendable, Hashable, Codable {
    /// The name of the PersistentVolumeClaim, in the same namespace.
    public var claimName: String
    /// Whether the volume is mounted read-only.
    public var readOnly: Bool?

    /// Creates a value from its fields.
    public init(claimName: String, readOnly: Bool? = nil) {
        self.claimName = claimName
        self.readOnly = readOnly
    }
}

extension PersistentVolumeClaimVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        PersistentVolumeClaimVolumeSource.self,
        "The storage of a PersistentVolumeClaim.",
        [
            "claimName": .string("The name of the PersistentVolumeClaim, in the same namespace.")
                .length(1...253)
                .required(),
            "readOnly": .boolean("Whether the volume is mounted read-only."),
        ]
    )
}

/// `core/v1.CSIVolumeSource`: an ephemeral volume that a CSI driver provides.
public struct CSIVolumeSource: Sendable, Hashable, Codable {
    /// The name of the CSI driver.
    public var driver: String
    /// Whether the volume is mounted read-only.
    public var readOnly: Bool?
    /// The file system, such as ext4. By default, the driver chooses it.
    public var fsType: String?
    /// Parameters of the driver.
    public var volumeAttributes: [String: String]?
    /// A Secret that the driver needs to mount the volume.
    public var nodePublishSecretRef: LocalObjectReference?

    /// Creates a value from its fields.
    public init(
        driver: String,
        readOnly: Bool? = nil,
        fsType: String? = nil,
        volumeAttributes: [String: String]? = nil,
        nodePublishSecretRef: LocalObjectReference? = nil
    ) {
        self.driver = driver
        self.readOnly = readOnly
        self.fsType = fsType
        self.volumeAttributes = volumeAttributes
        self.nodePublishSecretRef = nodePublishSecretRef
    }
}

extension CSIVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        CSIVolumeSource.self,
        "An ephemeral volume that a CSI driver provides.",
        [
            "driver": .string("The name of the CSI driver.").length(1...253).required(),
            "readOnly": .boolean("Whether the volume is mounted read-only."),
            "fsType": .string("The file system, such as ext4. By default, the driver chooses it.").length(0...63),
            "volumeAttributes": .map("Parameters of the driver.", of: .string().length(0...4096))
                .properties(0...64),
            "nodePublishSecretRef": LocalObjectReference.schema.described(
                "A Secret that the driver needs to mount the volume."
            ),
        ]
    )
}

/// `core/v1.ImageVolumeSource`: the files of an OCI image.
public struct ImageVolumeSource: Sendable, Hashable, Codable {
    /// The image, in the same format as for a container.
    public var reference: String?
    /// When to pull the image.
    public var pullPolicy: String?

    /// Creates a value from its fields.
    public init(reference: String? = nil, pullPolicy: String? = nil) {
        self.reference = reference
        self.pullPolicy = pullPolicy
    }
}

extension ImageVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        ImageVolumeSource.self,
        "The files of an OCI image or artifact, read-only.",
        [
            "reference": .string("The image, in the same format as for a container.").length(0...512),
            "pullPolicy": .string("When to pull the image.").values("Always", "IfNotPresent", "Never"),
        ]
    )
}
