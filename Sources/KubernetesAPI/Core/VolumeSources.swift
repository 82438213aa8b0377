/// `core/v1.ConfigMapVolumeSource`: files out of a ConfigMap.
public struct ConfigMapVolumeSource: Sendable, Hashable, Codable {
    /// The name of the ConfigMap, in the same namespace.
    public var name: String
    /// The keys to take; all of them when left out.
    public var items: [KeyToPath]?
    /// The permission bits of the files; 0644 when left out.
    public var defaultMode: Int?
    /// Whether the pod may start while the ConfigMap or a key is missing.
    public var optional: Bool?

    /// Makes one from its fields.
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
        "Files out of a ConfigMap.",
        [
            "name": .string("The name of the ConfigMap, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to take; all of them when left out.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "defaultMode": .integer("The permission bits of the files; 0644 when left out.").range(0...511),
            "optional": .boolean("Whether the pod may start while the ConfigMap or a key is missing."),
        ]
    )
}

/// `core/v1.SecretVolumeSource`: files out of a Secret.
public struct SecretVolumeSource: Sendable, Hashable, Codable {
    /// The name of the Secret, in the same namespace.
    public var secretName: String
    /// The keys to take; all of them when left out.
    public var items: [KeyToPath]?
    /// The permission bits of the files; 0644 when left out.
    public var defaultMode: Int?
    /// Whether the pod may start while the Secret or a key is missing.
    public var optional: Bool?

    /// Makes one from its fields.
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
        "Files out of a Secret.",
        [
            "secretName": .string("The name of the Secret, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to take; all of them when left out.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "defaultMode": .integer("The permission bits of the files; 0644 when left out.").range(0...511),
            "optional": .boolean("Whether the pod may start while the Secret or a key is missing."),
        ]
    )
}

/// `core/v1.EmptyDirVolumeSource`: an empty directory that lives as long as the pod.
public struct EmptyDirVolumeSource: Sendable, Hashable, Codable {
    /// Where the directory lies: on the node's disk when empty, in memory with Memory.
    public var medium: String?
    /// How much the directory may hold.
    public var sizeLimit: Quantity?

    /// Makes one from its fields.
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
            "medium": .string("Where the directory lies: on the node's disk when empty, in memory with Memory.")
                .values("", "Memory", "HugePages")
                .length(0...64),
            "sizeLimit": .quantity("How much the directory may hold."),
        ]
    )
}

/// `core/v1.PersistentVolumeClaimVolumeSource`: storage held by a claim.
public struct PersistentVolumeClaimVolumeSource: Sendable, Hashable, Codable {
    /// The name of the PersistentVolumeClaim, in the same namespace.
    public var claimName: String
    /// Whether the volume is mounted read-only.
    public var readOnly: Bool?

    /// Makes one from its fields.
    public init(claimName: String, readOnly: Bool? = nil) {
        self.claimName = claimName
        self.readOnly = readOnly
    }
}

extension PersistentVolumeClaimVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        PersistentVolumeClaimVolumeSource.self,
        "Storage that a PersistentVolumeClaim holds.",
        [
            "claimName": .string("The name of the PersistentVolumeClaim, in the same namespace.")
                .length(1...253)
                .required(),
            "readOnly": .boolean("Whether the volume is mounted read-only."),
        ]
    )
}

/// `core/v1.ProjectedVolumeSource`: several sources in one directory.
public struct ProjectedVolumeSource: Sendable, Hashable, Codable {
    /// The sources, each of which sets exactly one member.
    public var sources: [VolumeProjection]?
    /// The permission bits of the files; 0644 when left out.
    public var defaultMode: Int?

    /// Makes one from its fields.
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
            "defaultMode": .integer("The permission bits of the files; 0644 when left out.").range(0...511),
        ]
    )
}

/// `core/v1.VolumeProjection`: one source of a projected volume.
public struct VolumeProjection: Sendable, Hashable, Codable {
    /// Files out of a ConfigMap.
    public var configMap: ConfigMapProjection?
    /// Files out of a Secret.
    public var secret: SecretProjection?
    /// Files that hold fields of the pod.
    public var downwardAPI: DownwardAPIProjection?
    /// A token of the pod's ServiceAccount for an audience, renewed before it expires.
    public var serviceAccountToken: ServiceAccountTokenProjection?
    /// Certificates out of ClusterTrustBundles.
    public var clusterTrustBundle: ClusterTrustBundleProjection?

    /// Makes one from its fields.
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
            "configMap": ConfigMapProjection.schema.described("Files out of a ConfigMap."),
            "secret": SecretProjection.schema.described("Files out of a Secret."),
            "downwardAPI": DownwardAPIProjection.schema.described("Files that hold fields of the pod."),
            "serviceAccountToken": ServiceAccountTokenProjection.schema.described(
                "A token of the pod's ServiceAccount for an audience, renewed before it expires."
            ),
            "clusterTrustBundle": ClusterTrustBundleProjection.schema.described(
                "Certificates out of ClusterTrustBundles."
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

/// `core/v1.ConfigMapProjection`: files out of a ConfigMap.
public struct ConfigMapProjection: Sendable, Hashable, Codable {
    /// The name of the ConfigMap, in the same namespace.
    public var name: String
    /// The keys to take; all of them when left out.
    public var items: [KeyToPath]?
    /// Whether the pod may start while the ConfigMap or a key is missing.
    public var optional: Bool?

    /// Makes one from its fields.
    public init(name: String, items: [KeyToPath]? = nil, optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.optional = optional
    }
}

extension ConfigMapProjection: SchemaProviding {
    public static let schema = Schema.object(
        ConfigMapProjection.self,
        "Files out of a ConfigMap.",
        [
            "name": .string("The name of the ConfigMap, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to take; all of them when left out.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "optional": .boolean("Whether the pod may start while the ConfigMap or a key is missing."),
        ]
    )
}

/// `core/v1.SecretProjection`: files out of a Secret.
public struct SecretProjection: Sendable, Hashable, Codable {
    /// The name of the Secret, in the same namespace.
    public var name: String
    /// The keys to take; all of them when left out.
    public var items: [KeyToPath]?
    /// Whether the pod may start while the Secret or a key is missing.
    public var optional: Bool?

    /// Makes one from its fields.
    public init(name: String, items: [KeyToPath]? = nil, optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.optional = optional
    }
}

extension SecretProjection: SchemaProviding {
    public static let schema = Schema.object(
        SecretProjection.self,
        "Files out of a Secret.",
        [
            "name": .string("The name of the Secret, in the same namespace.").length(1...253).required(),
            "items": .array("The keys to take; all of them when left out.", of: KeyToPath.schema)
                .items(0...256)
                .atomic(),
            "optional": .boolean("Whether the pod may start while the Secret or a key is missing."),
        ]
    )
}

/// `core/v1.ServiceAccountTokenProjection`: a token of the pod's ServiceAccount.
public struct ServiceAccountTokenProjection: Sendable, Hashable, Codable {
    /// Whom the token is meant for; the API server when left out.
    public var audience: String?
    /// How long the token holds, in seconds; 3600 when left out, 600 at least.
    public var expirationSeconds: Int64?
    /// The file's path on the volume, relative and without `..`.
    public var path: String

    /// Makes one from its fields.
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
            "audience": .string("Whom the token is meant for; the API server when left out.").length(0...253),
            "expirationSeconds": .integer64("How long the token holds, in seconds; 3600 when left out, 600 at least.")
                .range(600...4294967296),
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
        ]
    )
}

/// `core/v1.ClusterTrustBundleProjection`: certificates out of ClusterTrustBundles.
public struct ClusterTrustBundleProjection: Sendable, Hashable, Codable {
    /// One ClusterTrustBundle by name. Cannot be given together with signerName.
    public var name: String?
    /// All ClusterTrustBundles of a signer. Cannot be given together with name.
    public var signerName: String?
    /// Which of the signer's bundles to take.
    public var labelSelector: LabelSelector?
    /// Whether the pod may start while no bundle is there.
    public var optional: Bool?
    /// The file's path on the volume, relative and without `..`.
    public var path: String

    /// Makes one from its fields.
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
        "Certificates out of ClusterTrustBundles.",
        [
            "name": .string("One ClusterTrustBundle by name. Cannot be given together with signerName.")
                .length(0...253),
            "signerName": .string("All ClusterTrustBundles of a signer. Cannot be given together with name.")
                .length(0...571),
            "labelSelector": LabelSelector.schema.described("Which of the signer's bundles to take."),
            "optional": .boolean("Whether the pod may start while no bundle is there."),
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
        ]
    )
}

/// `core/v1.DownwardAPIVolumeSource`: files that hold fields of the pod.
public struct DownwardAPIVolumeSource: Sendable, Hashable, Codable {
    /// The files.
    public var items: [DownwardAPIVolumeFile]?
    /// The permission bits of the files; 0644 when left out.
    public var defaultMode: Int?

    /// Makes one from its fields.
    public init(items: [DownwardAPIVolumeFile]? = nil, defaultMode: Int? = nil) {
        self.items = items
        self.defaultMode = defaultMode
    }
}

extension DownwardAPIVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        DownwardAPIVolumeSource.self,
        "Files that hold fields of the pod.",
        [
            "items": .array("The files.", of: DownwardAPIVolumeFile.schema).items(0...64).atomic(),
            "defaultMode": .integer("The permission bits of the files; 0644 when left out.").range(0...511),
        ]
    )
}

/// `core/v1.DownwardAPIProjection`: files that hold fields of the pod.
public struct DownwardAPIProjection: Sendable, Hashable, Codable {
    /// The files.
    public var items: [DownwardAPIVolumeFile]?

    /// Makes one from its fields.
    public init(items: [DownwardAPIVolumeFile]? = nil) {
        self.items = items
    }
}

extension DownwardAPIProjection: SchemaProviding {
    public static let schema = Schema.object(
        DownwardAPIProjection.self,
        "Files that hold fields of the pod.",
        [
            "items": .array("The files.", of: DownwardAPIVolumeFile.schema).items(0...64).atomic()
        ]
    )
}

/// `core/v1.DownwardAPIVolumeFile`: a file that holds a field of the pod.
public struct DownwardAPIVolumeFile: Sendable, Hashable, Codable {
    /// The file's path on the volume, relative and without `..`.
    public var path: String
    /// A field of the pod's metadata.
    public var fieldRef: ObjectFieldSelector?
    /// A limit or request of a container.
    public var resourceFieldRef: ResourceFieldSelector?
    /// The file's permission bits; the volume's defaultMode when left out.
    public var mode: Int?

    /// Makes one from its fields.
    public init(
        path: String,
        fieldRef: ObjectFieldSelector? = nil,
        resourceFieldRef: ResourceFieldSelector? = nil,
        mode: Int? = nil
    ) {
        self.path = path
        self.fieldRef = fieldRef
        self.resourceFieldRef = resourceFieldRef
        self.mode = mode
    }
}

extension DownwardAPIVolumeFile: SchemaProviding {
    public static let schema = Schema.object(
        DownwardAPIVolumeFile.self,
        "A file that holds a field of the pod.",
        [
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
            "fieldRef": ObjectFieldSelector.schema.described("A field of the pod's metadata."),
            "resourceFieldRef": ResourceFieldSelector.schema.described("A limit or request of a container."),
            "mode": .integer("The file's permission bits; the volume's defaultMode when left out.").range(0...511),
        ],
        rules: [
            .exactlyOneOf("fieldRef", "resourceFieldRef", message: "set exactly one of fieldRef and resourceFieldRef")
        ]
    )
}

/// `core/v1.EphemeralVolumeSource`: storage that is claimed for the pod and deleted with it.
public struct EphemeralVolumeSource: Sendable, Hashable, Codable {
    /// The claim that is made for each pod.
    public var volumeClaimTemplate: PersistentVolumeClaimTemplate

    /// Makes one from its fields.
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
                "The claim that is made for each pod."
            )
            .required()
        ]
    )
}

/// `core/v1.PersistentVolumeClaimTemplate`: a claim that is made for each pod.
public struct PersistentVolumeClaimTemplate: Sendable, Hashable, Codable {
    /// Labels and annotations of the claim.
    public var metadata: TemplateMetadata?
    /// What is claimed.
    public var spec: PersistentVolumeClaimSpec

    /// Makes one from its fields.
    public init(metadata: TemplateMetadata? = nil, spec: PersistentVolumeClaimSpec) {
        self.metadata = metadata
        self.spec = spec
    }
}

extension PersistentVolumeClaimTemplate: SchemaProviding {
    public static let schema = Schema.object(
        PersistentVolumeClaimTemplate.self,
        "The claim that is made for each pod.",
        [
            "metadata": TemplateMetadata.schema.described("Labels and annotations of the claim."),
            "spec": PersistentVolumeClaimSpec.schema.described("What is claimed.").required(),
        ]
    )
}

/// The part of `metav1.ObjectMeta` that a template may set.
public struct TemplateMetadata: Sendable, Hashable, Codable {
    /// Labels to set.
    public var labels: [String: String]?
    /// Annotations to set.
    public var annotations: [String: String]?

    /// Makes one from its fields.
    public init(labels: [String: String]? = nil, annotations: [String: String]? = nil) {
        self.labels = labels
        self.annotations = annotations
    }
}

extension TemplateMetadata: SchemaProviding {
    public static let schema = Schema.object(
        TemplateMetadata.self,
        "Labels and annotations that a template gives to its objects.",
        [
            "labels": .map("Labels to set.", of: .string().length(0...63)).properties(0...64),
            "annotations": .map("Annotations to set.", of: .string().length(0...65536)).properties(0...64),
        ]
    )
}

/// `core/v1.CSIVolumeSource`: an ephemeral volume that a CSI driver provides.
public struct CSIVolumeSource: Sendable, Hashable, Codable {
    /// The name of the CSI driver.
    public var driver: String
    /// Whether the volume is mounted read-only.
    public var readOnly: Bool?
    /// The file system, such as ext4; the driver's choice when left out.
    public var fsType: String?
    /// What the driver wants to know.
    public var volumeAttributes: [String: String]?
    /// A Secret that the driver needs to mount the volume.
    public var nodePublishSecretRef: LocalObjectReference?

    /// Makes one from its fields.
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
            "fsType": .string("The file system, such as ext4; the driver's choice when left out.").length(0...63),
            "volumeAttributes": .map("What the driver wants to know.", of: .string().length(0...4096))
                .properties(0...64),
            "nodePublishSecretRef": LocalObjectReference.schema.described(
                "A Secret that the driver needs to mount the volume."
            ),
        ]
    )
}

/// `core/v1.ImageVolumeSource`: the files of an OCI image.
public struct ImageVolumeSource: Sendable, Hashable, Codable {
    /// The image, as a container would name it.
    public var reference: String?
    /// When to pull the image.
    public var pullPolicy: String?

    /// Makes one from its fields.
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
            "reference": .string("The image, as a container would name it.").length(0...512),
            "pullPolicy": .string("When to pull the image.").values("Always", "IfNotPresent", "Never"),
        ]
    )
}

/// `core/v1.HostPathVolumeSource`: a directory of the node.
public struct HostPathVolumeSource: Sendable, Hashable, Codable {
    /// The path on the node.
    public var path: String
    /// What must be there, such as Directory or File; not looked at when empty.
    public var type: String?

    /// Makes one from its fields.
    public init(path: String, type: String? = nil) {
        self.path = path
        self.type = type
    }
}

extension HostPathVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        HostPathVolumeSource.self,
        "A directory or file of the node.",
        [
            "path": .string("The path on the node.").length(1...4096).required(),
            "type": .string("What must be there, such as Directory or File; not looked at when empty.")
                .values(
                    "",
                    "DirectoryOrCreate",
                    "Directory",
                    "FileOrCreate",
                    "File",
                    "Socket",
                    "CharDevice",
                    "BlockDevice"
                ),
        ]
    )
}

/// `core/v1.NFSVolumeSource`: an NFS export.
public struct NFSVolumeSource: Sendable, Hashable, Codable {
    /// The host name or address of the NFS server.
    public var server: String
    /// The path that the server exports.
    public var path: String
    /// Whether the volume is mounted read-only.
    public var readOnly: Bool?

    /// Makes one from its fields.
    public init(server: String, path: String, readOnly: Bool? = nil) {
        self.server = server
        self.path = path
        self.readOnly = readOnly
    }
}

extension NFSVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        NFSVolumeSource.self,
        "An NFS export.",
        [
            "server": .string("The host name or address of the NFS server.").length(1...253).required(),
            "path": .string("The path that the server exports.").length(1...4096).required(),
            "readOnly": .boolean("Whether the volume is mounted read-only."),
        ]
    )
}

/// `core/v1.ISCSIVolumeSource`: an iSCSI disk.
public struct ISCSIVolumeSource: Sendable, Hashable, Codable {
    /// The address of the target, with a port unless it is 3260.
    public var targetPortal: String
    /// The target's qualified name.
    public var iqn: String
    /// The number of the unit on the target.
    public var lun: Int
    /// Further addresses of the target.
    public var portals: [String]?
    /// The initiator's interface; default (tcp) when left out.
    public var iscsiInterface: String?
    /// A name for the initiator in place of the node's own.
    public var initiatorName: String?
    /// The file system, such as ext4.
    public var fsType: String?
    /// Whether the volume is mounted read-only.
    public var readOnly: Bool?
    /// Whether discovery authenticates by CHAP.
    public var chapAuthDiscovery: Bool?
    /// Whether the session authenticates by CHAP.
    public var chapAuthSession: Bool?
    /// The Secret with the CHAP credentials.
    public var secretRef: LocalObjectReference?

    /// Makes one from its fields.
    public init(
        targetPortal: String,
        iqn: String,
        lun: Int,
        portals: [String]? = nil,
        iscsiInterface: String? = nil,
        initiatorName: String? = nil,
        fsType: String? = nil,
        readOnly: Bool? = nil,
        chapAuthDiscovery: Bool? = nil,
        chapAuthSession: Bool? = nil,
        secretRef: LocalObjectReference? = nil
    ) {
        self.targetPortal = targetPortal
        self.iqn = iqn
        self.lun = lun
        self.portals = portals
        self.iscsiInterface = iscsiInterface
        self.initiatorName = initiatorName
        self.fsType = fsType
        self.readOnly = readOnly
        self.chapAuthDiscovery = chapAuthDiscovery
        self.chapAuthSession = chapAuthSession
        self.secretRef = secretRef
    }
}

extension ISCSIVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        ISCSIVolumeSource.self,
        "An iSCSI disk.",
        [
            "targetPortal": .string("The address of the target, with a port unless it is 3260.")
                .length(1...253)
                .required(),
            "iqn": .string("The target's qualified name.").length(1...253).required(),
            "lun": .integer("The number of the unit on the target.").range(0...2147483647).required(),
            "portals": .array("Further addresses of the target.", of: .string().length(1...253)).items(0...16).atomic(),
            "iscsiInterface": .string("The initiator's interface; default (tcp) when left out.").length(0...253),
            "initiatorName": .string("A name for the initiator in place of the node's own.").length(0...253),
            "fsType": .string("The file system, such as ext4.").length(0...63),
            "readOnly": .boolean("Whether the volume is mounted read-only."),
            "chapAuthDiscovery": .boolean("Whether discovery authenticates by CHAP."),
            "chapAuthSession": .boolean("Whether the session authenticates by CHAP."),
            "secretRef": LocalObjectReference.schema.described("The Secret with the CHAP credentials."),
        ]
    )
}
