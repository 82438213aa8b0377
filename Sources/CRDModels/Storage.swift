public import KubernetesAPI

/// Storage that outlives a server's pods: a claim of its own, or one that exists.
public struct Storage: Sendable, Hashable, Codable {
    /// How much storage is claimed, such as 1Gi. It can grow where the StorageClass allows it, and never shrink.
    public var size: Quantity?
    /// A PersistentVolumeClaim in the same namespace that is used as it is.
    public var existingClaim: String?
    /// The StorageClass of the claim; the cluster's default when left out. It cannot be changed later.
    public var storageClassName: String?
    /// How the volume may be mounted. More than one replica on several nodes needs ReadWriteMany. It cannot be changed
    /// later.
    public var accessModes: [String]?
    /// Where the server sees the storage.
    public var mountPath: String?
    /// What becomes of the claim when it is no longer used; it is kept when left out.
    public var retentionPolicy: StorageRetentionPolicy?

    /// Makes one from its fields.
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
        "Storage that outlives the pods: a PersistentVolumeClaim NAME-data of the given size, or one that exists.",
        [
            "size": .quantity(
                """
                How much storage is claimed, such as 1Gi. It can grow where the StorageClass allows it, and never \
                shrink.
                """
            ),
            "existingClaim": .string("A PersistentVolumeClaim in the same namespace that is used as it is.")
                .length(1...253),
            "storageClassName": .string(
                "The StorageClass of the claim; the cluster's default when left out. It cannot be changed later."
            )
            .length(1...253),
            "accessModes": .array(
                """
                How the volume may be mounted. More than one replica on several nodes needs ReadWriteMany. It \
                cannot be changed later.
                """,
                of: .string().values("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
            )
            .items(1...4)
            .set()
            .default(["ReadWriteOnce"]),
            "mountPath": .string("Where the server sees the storage.")
                .length(1...4096)
                .pattern("^/[^:]*$")
                .default("/data"),
            "retentionPolicy": StorageRetentionPolicy.schema.described(
                """
                What becomes of the claim NAME-data, and of the data in it, when it is no longer used. A claim that exists is \
                never deleted.
                """
            ),
        ],
        rules: [
            .exactlyOneOf("size", "existingClaim", message: "set exactly one of size and existingClaim"),
            Rule(
                "!has(self.storageClassName) || has(self.size)",
                message: "storageClassName goes with size: an existing claim has its class already",
                fieldPath: ".storageClassName"
            ) { storage, _ in storage["storageClassName"] == nil || storage["size"] != nil },
            Rule(
                """
                !has(self.size) || !has(oldSelf.size) || \
                quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0
                """,
                message:
                    "storage cannot shrink: give at least its present size, or use a new claim through existingClaim",
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
                    the class of a claim cannot be changed: use a new claim through existingClaim, or remove storage, delete \
                    the claim, and add storage again
                    """,
                fieldPath: ".storageClassName"
            ) { storage, old in
                guard storage["size"] != nil, let old, old["size"] != nil else { return true }
                return storage["storageClassName"]?.stringValue ?? "" == old["storageClassName"]?.stringValue ?? ""
            },
            Rule(
                "!has(self.size) || !has(oldSelf.size) || self.accessModes == oldSelf.accessModes",
                message: """
                    the access modes of a claim cannot be changed: use a new claim through existingClaim, or remove storage, \
                    delete the claim, and add storage again
                    """,
                fieldPath: ".accessModes"
            ) { storage, old in
                guard storage["size"] != nil, let old, old["size"] != nil else { return true }
                // To CEL, too, a list of the type set has no order.
                return Set(storage.elements("accessModes")) == Set(old.elements("accessModes"))
            },
        ]
    )
}

/// What becomes of a PersistentVolumeClaim that Moorage made when it is no longer used.
public struct StorageRetentionPolicy: Sendable, Hashable, Codable {
    /// When the server is deleted, or renamed.
    public var whenDeleted: DeletionPolicy?
    /// When storage is removed from the server's spec, or another claim is named.
    public var whenRemoved: DeletionPolicy?

    /// Makes one from its fields.
    public init(whenDeleted: DeletionPolicy? = nil, whenRemoved: DeletionPolicy? = nil) {
        self.whenDeleted = whenDeleted
        self.whenRemoved = whenRemoved
    }
}

extension StorageRetentionPolicy: SchemaProviding {
    public static let schema = Schema.object(
        StorageRetentionPolicy.self,
        """
        What becomes of a claim that is no longer used: Retain keeps it, and a server of the same name uses it again; Delete \
        deletes it and the data in it.
        """,
        [
            "whenDeleted": .string("When the server is deleted, or renamed.")
                .values(of: DeletionPolicy.self)
                .default("Retain"),
            "whenRemoved": .string("When storage is removed from the server's spec, or another claim is named.")
                .values(of: DeletionPolicy.self)
                .default("Retain"),
        ]
    )
}
