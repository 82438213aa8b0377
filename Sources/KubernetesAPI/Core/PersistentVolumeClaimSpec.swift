/// `core/v1.PersistentVolumeClaimSpec`: the requested storage.
public struct PersistentVolumeClaimSpec: Sendable, Hashable, Codable {
    /// How the volume can be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.
    public var accessModes: [String]?
    /// The requested amount.
    public var resources: VolumeResourceRequirements?
    /// The StorageClass. Defaults to the cluster's default; empty means none.
    public var storageClassName: String?
    /// The volumes that can be bound.
    public var selector: LabelSelector?
    /// Whether the volume is a file system or a raw block device. Defaults to Filesystem.
    public var volumeMode: String?
    /// The name of a volume.
    public var volumeName: String?
    /// The VolumeAttributesClass, for drivers that have them.
    public var volumeAttributesClassName: String?
    /// A snapshot or claim with the initial content of the volume.
    public var dataSource: TypedLocalObjectReference?

    /// Creates a value from its fields.
    public init(
        accessModes: [String]? = nil,
        resources: VolumeResourceRequirements? = nil,
        storageClassName: String? = nil,
        selector: LabelSelector? = nil,
        volumeMode: String? = nil,
        volumeName: String? = nil,
        volumeAttributesClassName: String? = nil,
        dataSource: TypedLocalObjectReference? = nil
    ) {
        self.accessModes = accessModes
        self.resources = resources
        self.storageClassName = storageClassName
        self.selector = selector
        self.volumeMode = volumeMode
        self.volumeName = volumeName
        self.volumeAttributesClassName = volumeAttributesClassName
        self.dataSource = dataSource
    }
}

extension PersistentVolumeClaimSpec: SchemaProviding {
    public static let schema = Schema.object(
        PersistentVolumeClaimSpec.self,
        "The requested storage.",
        [
            "accessModes": .array(
                "How the volume can be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.",
                of: .string().values("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
            )
            .items(0...4)
            .atomic(),
            "resources": VolumeResourceRequirements.schema.described("The requested amount."),
            "storageClassName": .string("The StorageClass. Defaults to the cluster's default; empty means none.")
                .length(0...253),
            "selector": LabelSelector.schema.described("The volumes that can be bound."),
            "volumeMode": .string(
                "Whether the volume is a file system or a raw block device. Defaults to Filesystem."
            )
            .values("Filesystem", "Block"),
            "volumeName": .string("The name of a volume.").length(0...253),
            "volumeAttributesClassName": .string("The VolumeAttributesClass, for drivers that have them.")
                .length(0...253),
            "dataSource": TypedLocalObjectReference.schema.described(
                "A snapshot or claim with the initial content of the volume."
            ),
        ]
    )
}

/// `core/v1.VolumeResourceRequirements`: the requested amount of storage.
public struct VolumeResourceRequirements: Sendable, Hashable, Codable {
    /// The minimum amount, such as storage: 1Gi.
    public var requests: [String: Quantity]?
    /// The maximum amount.
    public var limits: [String: Quantity]?

    /// Creates a value from its fields.
    public init(requests: [String: Quantity]? = nil, limits: [String: Quantity]? = nil) {
        self.requests = requests
        self.limits = limits
    }
}

extension VolumeResourceRequirements: SchemaProviding {
    public static let schema = Schema.object(
        VolumeResourceRequirements.self,
        "The requested amount of storage.",
        [
            "requests": .map("The minimum amount, such as storage: 1Gi.", of: .quantity()).properties(0...8),
            "limits": .map("The maximum amount.", of: .quantity()).properties(0...8),
        ]
    )
}
