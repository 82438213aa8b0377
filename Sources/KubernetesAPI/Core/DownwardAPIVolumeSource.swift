/// `core/v1.DownwardAPIVolumeSource`: files with fields of the pod.
public struct DownwardAPIVolumeSource: Sendable, Hashable, Codable {
    /// The files.
    public var items: [DownwardAPIVolumeFile]?
    /// The permission bits of the files. Defaults to 0644.
    public var defaultMode: Int?

    /// Creates a value from its fields.
    public init(items: [DownwardAPIVolumeFile]? = nil, defaultMode: Int? = nil) {
        self.items = items
        self.defaultMode = defaultMode
    }
}

extension DownwardAPIVolumeSource: SchemaProviding {
    public static let schema = Schema.object(
        DownwardAPIVolumeSource.self,
        "Files with fields of the pod.",
        [
            "items": .array("The files.", of: DownwardAPIVolumeFile.schema).items(0...64).atomic(),
            "defaultMode": .integer("The permission bits of the files. Defaults to 0644.").range(0...511),
        ]
    )
}

/// `core/v1.DownwardAPIProjection`: files with fields of the pod.
public struct DownwardAPIProjection: Sendable, Hashable, Codable {
    /// The files.
    public var items: [DownwardAPIVolumeFile]?

    /// Creates a value from its fields.
    public init(items: [DownwardAPIVolumeFile]? = nil) {
        self.items = items
    }
}

extension DownwardAPIProjection: SchemaProviding {
    public static let schema = Schema.object(
        DownwardAPIProjection.self,
        "Files with fields of the pod.",
        [
            "items": .array("The files.", of: DownwardAPIVolumeFile.schema).items(0...64).atomic()
        ]
    )
}

/// `core/v1.DownwardAPIVolumeFile`: a file with a field of the pod.
public struct DownwardAPIVolumeFile: Sendable, Hashable, Codable {
    /// The file's path on the volume, relative and without `..`.
    public var path: String
    /// A field of the pod's metadata.
    public var fieldRef: ObjectFieldSelector?
    /// A limit or request of a container.
    public var resourceFieldRef: ResourceFieldSelector?
    /// The file's permission bits. Defaults to the volume's defaultMode.
    public var mode: Int?

    /// Creates a value from its fields.
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
        "A file with a field of the pod.",
        [
            "path": .string("The file's path on the volume, relative and without `..`.").length(1...4096).required(),
            "fieldRef": ObjectFieldSelector.schema.described("A field of the pod's metadata."),
            "resourceFieldRef": ResourceFieldSelector.schema.described("A limit or request of a container."),
            "mode": .integer("The file's permission bits. Defaults to the volume's defaultMode.").range(0...511),
        ],
        rules: [
            .exactlyOneOf("fieldRef", "resourceFieldRef", message: "set exactly one of fieldRef and resourceFieldRef")
        ]
    )
}
