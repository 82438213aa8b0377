/// `core/v1.HostPathVolumeSource`: a directory of the node.
public struct HostPathVolumeSource: Sendable, Hashable, Codable {
    /// The path on the node.
    public var path: String
    /// What must exist, such as Directory or File. An empty type is not checked.
    public var type: String?

    /// Creates a value from its fields.
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
            "type": .string("What must exist, such as Directory or File. An empty type is not checked.")
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

    /// Creates a value from its fields.
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
    /// The initiator's interface. Defaults to default (tcp).
    public var iscsiInterface: String?
    /// The initiator's name, which replaces that of the node.
    public var initiatorName: String?
    /// The file system, such as ext4.
    public var fsType: String?
    /// Whether the volume is mounted read-only.
    public var readOnly: Bool?
    /// Whether discovery uses CHAP authentication.
    public var chapAuthDiscovery: Bool?
    /// Whether the session uses CHAP authentication.
    public var chapAuthSession: Bool?
    /// The Secret with the CHAP credentials.
    public var secretRef: LocalObjectReference?

    /// Creates a value from its fields.
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
            "iscsiInterface": .string("The initiator's interface. Defaults to default (tcp).").length(0...253),
            "initiatorName": .string("The initiator's name, which replaces that of the node.").length(0...253),
            "fsType": .string("The file system, such as ext4.").length(0...63),
            "readOnly": .boolean("Whether the volume is mounted read-only."),
            "chapAuthDiscovery": .boolean("Whether discovery uses CHAP authentication."),
            "chapAuthSession": .boolean("Whether the session uses CHAP authentication."),
            "secretRef": LocalObjectReference.schema.described("The Secret with the CHAP credentials."),
        ]
    )
}
