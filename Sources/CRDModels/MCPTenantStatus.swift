public import KubernetesAPI

/// What has become of one tenant.
public struct MCPTenantStatus: Sendable, Hashable, Codable {
    /// The generation of the tenant that this status is about.
    public var observedGeneration: Int64?
    /// How the tenant is: Accepted, Programmed, Ready, and Reconciling and Stalled while they hold.
    public var conditions: [Condition]?
    /// The tenant's namespace.
    public var namespace: String?
    /// The plan whose limits apply.
    public var plan: String?
    /// How many servers run and wait.
    public var servers: TenantServers?
    /// Each limit, and how much of it is used.
    public var quotas: [QuotaUsage]?

    /// Makes one from its fields.
    public init(
        observedGeneration: Int64? = nil,
        conditions: [Condition]? = nil,
        namespace: String? = nil,
        plan: String? = nil,
        servers: TenantServers? = nil,
        quotas: [QuotaUsage]? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.namespace = namespace
        self.plan = plan
        self.servers = servers
        self.quotas = quotas
    }
}

/// How many of a tenant's servers run and wait.
public struct TenantServers: Sendable, Hashable, Codable {
    /// How many servers are admitted.
    public var admitted: Int
    /// How many servers wait for a place.
    public var waiting: Int
    /// How many servers may be admitted; absent where unbounded.
    public var limit: Int?

    /// Makes one from its fields.
    public init(admitted: Int, waiting: Int, limit: Int? = nil) {
        self.admitted = admitted
        self.waiting = waiting
        self.limit = limit
    }
}

/// One limit of a tenant, and how much of it is used.
public struct QuotaUsage: Sendable, Hashable, Codable {
    /// What is limited, such as serversPerTenant.
    public var dimension: String
    /// The limit; absent where unbounded.
    public var limit: Int64?
    /// How much is used, where that is known.
    public var used: Int64?
    /// How much is left; absent where unbounded or not known.
    public var remaining: Int64?

    /// Makes one from its fields.
    public init(dimension: String, limit: Int64? = nil, used: Int64? = nil, remaining: Int64? = nil) {
        self.dimension = dimension
        self.limit = limit
        self.used = used
        self.remaining = remaining
    }
}
