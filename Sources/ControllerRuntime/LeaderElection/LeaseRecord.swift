public import KubernetesAPI

/// What a `coordination.k8s.io/v1` Lease says about who leads.
public struct LeaseRecord: Sendable, Equatable {
    /// The leader; empty if there is none.
    public var holderIdentity: String
    /// How long the lease is valid after its last observed change, in seconds.
    public var leaseDurationSeconds: Int
    /// When the holder got it, by the holder's clock.
    public var acquireTime: MicroTimestamp?
    /// When the holder renewed it, by the holder's clock.
    public var renewTime: MicroTimestamp?
    /// How often it changed hands.
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

    /// Whether both say the same, whatever their version.
    func hasSameContents(as other: LeaseRecord) -> Bool {
        var other = other
        other.resourceVersion = resourceVersion
        return self == other
    }
}

/// Reads and writes the one Lease that an election is about.
public struct LeaseAccess: Sendable {
    /// The Lease, `nil` if there is none.
    public var get: @Sendable () async throws -> LeaseRecord?
    /// Creates the Lease, and returns it as stored.
    public var create: @Sendable (LeaseRecord) async throws -> LeaseRecord
    /// Replaces the Lease if its version is still the record's, and returns it as stored.
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
