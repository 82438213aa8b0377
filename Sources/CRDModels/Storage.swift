public import KubernetesAPI

/// Storage that outlives a server's pods: a new PersistentVolumeClaim, or an existing one.
public struct Storage: Sendable, Hashable, Codable {
    /// The requested storage, such as 1Gi. It can be increased if the StorageClass allows expansion, and never
    /// decreased.
    public var size: Quantity?
    /// An existing PersistentVolumeClaim in the same namespace, which is not changed.
    public var existingClaim: String?
    /// The StorageClass of the claim. Defaults to the cluster's default. It cannot be changed later.
    public var storageClassName: String?
    /// How the volume can be mounted. Replicas on different nodes need ReadWriteMany. It cannot be changed later.
    public var accessModes: [String]?
    /// Where the storage is mounted.
    public var mountPath: String?
    /// What happens to the claim when it is no longer used. By default, it is kept.
    public var retentionPolicy: StorageRetentionPolicy?

    /// Creates a value from its fields.
    public init(
        size: Quantity? = nil,
        existingClaim: String? = nil,
        storageClassName: String? = nil,
        accessModes: [String]? = nil,
        mountPath: String? = nil,
        retentionPolicy: StorageRetentionPolicy? = nil
    ) {
        self.size = size
        self.existingClaim = existingClaim
        self.storageClassName = storageClassName
        self.accessModes = accessModes
        self.mountPath = mountPath
        self.retentionPolicy = retentionPolicy
    }
}

extension Storage: SchemaProviding {
    public static let schema = Schema.object(
        Storage.self,
        "Storage that outlives the pods: a PersistentVolumeClaim NAME-data of the given size, or an existing one.",
        [
            "size": .quantity(
                """
                The requested storage, such as 1Gi. It can be increased if the StorageClass allows expansion, and \
                never decreased.
                """
            ),
            "existingClaim": .string("An existing PersistentVolumeClaim in the same namespace, which is not changed.")
                .length(1...253),
            "storageClassName": .string(
                "The StorageClass of the claim. Defaults to the cluster's default. It cannot be changed later."
            )
            .length(1...253),
            "accessModes": .array(
                """
                How the volume can be mounted. Replicas on different nodes need ReadWriteMany. It cannot be changed \
                later.
                """,
                of: .string().values("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
            )
            .items(1...4)
            .set()
            .default(["ReadWriteOnce"]),
            "mountPath": .string("Where the storage is mounted.")
                .length(1...4096)
                .pattern("^/[^:]*$")
                .default("/data"),
            "retentionPolicy": StorageRetentionPolicy.schema.described(
                """
                What happens to the claim NAME-data and its data when it is no longer used. An existingClaim is never \
                deleted.
                """
            ),
        ],
        rules: [
            .exactlyOneOf("size", "existingClaim", message: "set exactly one of size and existingClaim"),
            Rule(
                "!has(self.storageClassName) || has(self.size)",
                message: "storageClassName is only valid with size: an existing claim already has a StorageClass",
                fieldPath: ".storageClassName"
            ) { storage, _ in storage["storageClassName"] == nil || storage["size"] != nil },
            Rule(
                """
                !has(self.size) || !has(oldSelf.size) || \
                quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0
                """,
                message:
                    "storage cannot shrink: set at least its current size, or use a new claim with existingClaim",
                fieldPath: ".size"
            ) { storage, old in
                guard let size = storage["size"]?.quantityValue, let before = old?["size"]?.quantityValue else {
                    return true
                }
                return size >= before
            },
            Rule(
                """
                !has(self.size) || !has(oldSelf.size) || \
                (has(self.storageClassName) ? self.storageClassName : '') == \
                (has(oldSelf.storageClassName) ? oldSelf.storageClassName : '')
                """,
                message: """
                    the StorageClass of a claim cannot be changed: use a new claim with existingClaim, or remove \
                    storage, delete the claim, and add storage again
                    """,
                fieldPath: ".storageClassName"
            ) { storage, old in
                guard storage["size"] != nil, let old, old["size"] != nil else { return true }
                return storage["storageClassName"]?.stringValue ?? "" == old["storageClassName"]?.stringValue ?? ""
            },
            Rule(
                "!has(self.size) || !has(oldSelf.size) || self.accessModes == oldSelf.accessModes",
                message: """
                    the access modes of a claim cannot be changed: use a new claim with existingClaim, or remove \
                    storage, delete the claim, and add storage again
                    """,
                fieldPath: ".accessModes"
            ) { storage, old in
                guard storage["size"] != nil, let old, old["size"] != nil else { return true }
                // In CEL, a list of the type set has no order either.
                return Set(storage.elements("accessModes")) == Set(old.elements("accessModes"))
            },
        ]
    )
}

/// What happens to a PersistentVolumeClaim that Moorage created when it is no longer used.
public struct StorageRetentionPolicy: Sendable, Hashable, Codable {
    /// When the server is deleted or renamed.
    public var whenDeleted: DeletionPolicy?
    /// When storage is removed from the server's spec, or another claim is set.
    public var whenRemoved: DeletionPolicy?

    /// Creates a value from its fields.
    public init(whenDeleted: DeletionPolicy? = nil, whenRemoved: DeletionPolicy? = nil) {
        self.whenDeleted = whenDeleted
        self.whenRemoved = whenRemoved
    }
}

extension StorageRetentionPolicy: SchemaProviding {
    public static let schema = Schema.object(
        StorageRetentionPolicy.self,
        """
        What happens to a claim that is no longer used: Retain keeps it, and a new server with the same name uses it \
        again; Delete deletes it and its data.
        """,
        [
            "whenDeleted": .string("When the server is deleted or renamed.")
                .values(of: DeletionPolicy.self)
                .default("Retain"),
            "whenRemoved": .string("When storage is removed from the server's spec, or another claim is set.")
                .values(of: DeletionPolicy.self)
                .default("Retain"),
        ]
    )
}
