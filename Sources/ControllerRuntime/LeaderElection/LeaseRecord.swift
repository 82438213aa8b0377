public import KubernetesAPI

/// The contents of a `coordination.k8s.io/v1` Lease.
public struct LeaseRecord: Sendable, Equatable {
    /// The leader; empty if there is none.
    public var holderIdentity: String
    /// How long the lease is valid after its last observed change, in seconds.
    public var leaseDurationSeconds: Int
    /// When the holder acquired it, by the holder's clock.
    public var acquireTime: MicroTimestamp?
    /// When the holder renewed it, by the holder's clock.
    public var renewTime: MicroTimestamp?
    /// How often the holder has changed.
    public var leaseTransitions: Int
    /// The version of the Lease that this was read from.
    public var resourceVersion: String?

    public init(
        holderIdentity: String,
        leaseDurationSeconds: Int,
        acquireTime: MicroTimestamp? = nil,
        renewTime: MicroTimestamp? = nil,
        leaseTransitions: Int = 0,
        resourceVersion: String? = nil
    ) {
        self.holderIdentity = holderIdentity
        self.leaseDurationSeconds = leaseDurationSeconds
        self.acquireTime = acquireTime
        self.renewTime = renewTime
        self.leaseTransitions = leaseTransitions
        self.resourceVersion = resourceVersion
    }

    /// Whether both have the same contents, regardless of their versions.
    func hasSameContents(as other: LeaseRecord) -> Bool {
        var other = other
        other.resourceVersion = resourceVersion
        return self == other
    }
}

/// Reads and writes the Lease of an election.
public struct LeaseAccess: Sendable {
    /// The Lease, `nil` if it does not exist.
    public var get: @Sendable () async throws -> LeaseRecord?
    /// Creates the Lease, and returns it as stored.
    public var create: @Sendable (LeaseRecord) async throws -> LeaseRecord
    /// Replaces the Lease if it still has the record's version, and returns it as stored.
    public var update: @Sendable (LeaseRecord) async throws -> LeaseRecord

    public init(
        get: @escaping @Sendable () async throws -> LeaseRecord?,
        create: @escaping @Sendable (LeaseRecord) async throws -> LeaseRecord,
        update: @escaping @Sendable (LeaseRecord) async throws -> LeaseRecord
    ) {
        self.get = get
        self.create = create
        self.update = update
    }
}
