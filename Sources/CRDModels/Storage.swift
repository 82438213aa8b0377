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

    /// Makes one from its fields.
    public init(
        size: Quantity? = nil,
        existingClaim: String? = nil,
        storageClassName: String? = nil,
        accessModes: [String]? = nil,
        mountPath: String? = nil
    ) {
        self.size = size
        self.existingClaim = existingClaim
        self.storageClassName = storageClassName
        self.accessModes = accessModes
        self.mountPath = mountPath
    }
}
