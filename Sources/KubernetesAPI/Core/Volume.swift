/// `core/v1.Volume`: a volume of a pod. Sources that Pod Security `restricted` does not allow are included so that
/// errors can name them.
public struct Volume: Sendable, Hashable, Codable {
    /// The name by which volumeMounts refer to the volume: a DNS label.
    public var name: String
    /// Files from a ConfigMap.
    public var configMap: ConfigMapVolumeSource?
    /// Files from a Secret.
    public var secret: SecretVolumeSource?
    /// An empty directory that lives as long as the pod.
    public var emptyDir: EmptyDirVolumeSource?
    /// The storage of a PersistentVolumeClaim in the same namespace.
    public var persistentVolumeClaim: PersistentVolumeClaimVolumeSource?
    /// Several sources in one directory.
    public var projected: ProjectedVolumeSource?
    /// Files with fields of the pod.
    public var downwardAPI: DownwardAPIVolumeSource?
    /// Storage that is claimed for the pod and deleted with it.
    public var ephemeral: EphemeralVolumeSource?
    /// An ephemeral volume that a CSI driver provides.
    public var csi: CSIVolumeSource?
    /// The files of an OCI image or artifact, read-only.
    public var image: ImageVolumeSource?
    /// A directory of the node. The Pod Security level restricted does not allow it.
    public var hostPath: HostPathVolumeSource?
    /// An NFS export. The Pod Security level restricted does not allow it: use a PersistentVolumeClaim.
    public var nfs: NFSVolumeSource?
    /// An iSCSI disk. The Pod Security level restricted does not allow it: use a PersistentVolumeClaim.
    public var iscsi: ISCSIVolumeSource?

    /// Creates a value from its fields.
    public init(
        name: String,
        configMap: ConfigMapVolumeSource? = nil,
        secret: SecretVolumeSource? = nil,
        emptyDir: EmptyDirVolumeSource? = nil,
        persistentVolumeClaim: PersistentVolumeClaimVolumeSource? = nil,
        projected: ProjectedVolumeSource? = nil,
        downwardAPI: DownwardAPIVolumeSource? = nil,
        ephemeral: EphemeralVolumeSource? = nil,
        csi: CSIVolumeSource? = nil,
        image: ImageVolumeSource? = nil,
        hostPath: HostPathVolumeSource? = nil,
        nfs: NFSVolumeSource? = nil,
        iscsi: ISCSIVolumeSource? = nil
    ) {
        self.name = name
        self.configMap = configMap
        self.secret = secret
        self.emptyDir = emptyDir
        self.persistentVolumeClaim = persistentVolumeClaim
        self.projected = projected
        self.downwardAPI = downwardAPI
        self.ephemeral = ephemeral
        self.csi = csi
        self.image = image
        self.hostPath = hostPath
        self.nfs = nfs
        self.iscsi = iscsi
    }
}

extension Volume: SchemaProviding {
    public static let schema = Schema.object(
        Volume.self,
        "A volume of the pod. Exactly one source is set.",
        [
            "name": .string("The name by which volumeMounts refer to the volume: a DNS label.").dnsLabel().required(),
            "configMap": ConfigMapVolumeSource.schema.described("Files from a ConfigMap."),
            "secret": SecretVolumeSource.schema.described("Files from a Secret."),
            "emptyDir": EmptyDirVolumeSource.schema.described("An empty directory that lives as long as the pod."),
            "persistentVolumeClaim": PersistentVolumeClaimVolumeSource.schema.described(
                "The storage of a PersistentVolumeClaim in the same namespace."
            ),
            "projected": ProjectedVolumeSource.schema.described("Several sources in one directory."),
            "downwardAPI": DownwardAPIVolumeSource.schema.described("Files with fields of the pod."),
            "ephemeral": EphemeralVolumeSource.schema.described(
                "Storage that is claimed for the pod and deleted with it."
            ),
            "csi": CSIVolumeSource.schema.described("An ephemeral volume that a CSI driver provides."),
            "image": ImageVolumeSource.schema.described("The files of an OCI image or artifact, read-only."),
            "hostPath": HostPathVolumeSource.schema.described(
                "A directory of the node. The Pod Security level restricted does not allow it."
            ),
            "nfs": NFSVolumeSource.schema.described(
                "An NFS export. The Pod Security level restricted does not allow it: use a PersistentVolumeClaim."
            ),
            "iscsi": ISCSIVolumeSource.schema.described(
                "An iSCSI disk. The Pod Security level restricted does not allow it: use a PersistentVolumeClaim."
            ),
        ],
        rules: [
            .exactlyOneOf(
                "configMap",
                "secret",
                "emptyDir",
                "persistentVolumeClaim",
                "projected",
                "downwardAPI",
                "ephemeral",
                "csi",
                "image",
                "hostPath",
                "nfs",
                "iscsi",
                message:
                    "set exactly one source for each volume, such as configMap, secret, emptyDir or persistentVolumeClaim"
            )
        ]
    )
}

/// `core/v1.VolumeMount`: a volume that is mounted in a container.
public struct VolumeMount: Sendable, Hashable, Codable {
    /// The name of the volume.
    public var name: String
    /// The path in the container, without a colon.
    public var mountPath: String
    /// The path on the volume that is mounted instead of its root.
    public var subPath: String?
    /// Like subPath, with $(NAME) replaced by environment variables. Mutually exclusive with subPath.
    public var subPathExpr: String?
    /// Whether the container cannot write to the volume.
    public var readOnly: Bool?
    /// Whether mounts below this one are also read-only.
    public var recursiveReadOnly: String?
    /// How mounts are propagated between the node and the container. Defaults to None.
    public var mountPropagation: String?

    /// Creates a value from its fields.
    public init(
        name: String,
        mountPath: String,
        subPath: String? = nil,
        subPathExpr: String? = nil,
        readOnly: Bool? = nil,
        recursiveReadOnly: String? = nil,
        mountPropagation: String? = nil
    ) {
        self.name = name
        self.mountPath = mountPath
        self.subPath = subPath
        self.subPathExpr = subPathExpr
        self.readOnly = readOnly
        self.recursiveReadOnly = recursiveReadOnly
        self.mountPropagation = mountPropagation
    }
}

extension VolumeMount: SchemaProviding {
    public static let schema = Schema.object(
        VolumeMount.self,
        "A volume that is mounted in the container.",
        [
            "name": .string("The name of the volume.").length(1...63).required(),
            "mountPath": .string("The path in the container, without a colon.")
                .length(1...4096)
                .pattern("^[^:]+$")
                .required(),
            "subPath": .string("The path on the volume that is mounted instead of its root.").length(0...4096),
            "subPathExpr": .string(
                "Like subPath, with $(NAME) replaced by environment variables. Mutually exclusive with subPath."
            )
            .length(0...4096),
            "readOnly": .boolean("Whether the container cannot write to the volume."),
            "recursiveReadOnly": .string("Whether mounts below this one are also read-only.")
                .values("Disabled", "IfPossible", "Enabled"),
            "mountPropagation": .string(
                "How mounts are propagated between the node and the container. Defaults to None."
            )
            .values("None", "HostToContainer", "Bidirectional"),
        ],
        rules: [
            .atMostOneOf("subPath", "subPathExpr", message: "subPath and subPathExpr are mutually exclusive")
        ]
    )
}
