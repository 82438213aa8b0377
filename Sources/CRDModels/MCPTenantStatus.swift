public import KubernetesAPI

/// The observed state of a tenant.
public struct MCPTenantStatus: Sendable, Hashable, Codable {
    /// The generation of the tenant that this status describes.
    public var observedGeneration: Int64?
    /// The conditions of the tenant: Accepted, Programmed, Ready, and Reconciling and Stalled while they apply.
    public var conditions: [Condition]?
    /// The tenant's namespace.
    public var namespace: String?
    /// The UID of the namespace that the tenant was accepted for. A namespace that is deleted and created again by
    /// someone else has a different UID, and must be adopted.
    public var namespaceUID: String?
    /// The plan whose limits apply.
    public var plan: String?
    /// How many servers run and wait.
    public var servers: TenantServers?
    /// Each limit, and how much of it is used.
    public var quotas: [QuotaUsage]?
    /// The tool calls of the last minute that the gateways have counted. Not set if that is not known.
    public var toolCalls: TenantToolCalls?

    /// Creates a value from its fields.
    public init(
        observedGeneration: Int64? = nil,
        conditions: [Condition]? = nil,
        namespace: String? = nil,
        namespaceUID: String? = nil,
        plan: String? = nil,
        servers: TenantServers? = nil,
        quotas: [QuotaUsage]? = nil,
        toolCalls: TenantToolCalls? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.namespace = namespace
        self.namespaceUID = namespaceUID
        self.plan = plan
        self.servers = servers
        self.quotas = quotas
        self.toolCalls = toolCalls
    }
}

extension MCPTenantStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPTenantStatus.self,
        "The observed state of the tenant.",
        [
            "observedGeneration": .integer64("The generation of the tenant that this status describes."),
            "conditions": .array(
                """
                The conditions of the tenant: Accepted, Programmed, Ready, and Reconciling and Stalled while they \
                apply.
                """,
                of: Condition.schema
            )
            .items(0...32)
            .listMap("type"),
            "namespace": .string("The tenant's namespace.").length(0...63),
            "namespaceUID": .string(
                """
                The UID of the namespace that the tenant was accepted for. A namespace that is deleted and created \
                again by someone else has a different UID, and must be adopted.
                """
            )
            .length(0...63),
            "plan": .string("The plan whose limits apply.").length(0...63),
            "servers": TenantServers.schema.described("How many servers run and wait."),
            "quotas": .array("Each limit, and how much of it is used.", of: QuotaUsage.schema)
                .items(0...32)
                .listMap("dimension"),
            "toolCalls": TenantToolCalls.schema.described(
                "The tool calls of the last minute that the gateways have counted. Not set if that is not known."
            ),
        ]
    )
    // Without a status, kstatus considers an object current that no controller has observed yet. A generation that
    // never exists makes it wait (Flux does the same).
    .default(["observedGeneration": -1])
}

/// How many of a tenant's servers run and wait.
public struct TenantServers: Sendable, Hashable, Codable {
    /// How many servers are admitted.
    public var admitted: Int
    /// How many servers wait for quota.
    public var waiting: Int
    /// How many servers can be admitted. Not set if there is no limit.
    public var limit: Int?

    /// Creates a value from its fields.
    public init(admitted: Int, waiting: Int, limit: Int? = nil) {
        self.admitted = admitted
        self.waiting = waiting
        self.limit = limit
    }
}

extension TenantServers: SchemaProviding {
    public static let schema = Schema.object(
        TenantServers.self,
        "How many servers run and wait.",
        [
            "admitted": .integer("How many servers are admitted.").range(0...1000000).required(),
            "waiting": .integer("How many servers wait for quota.").range(0...1000000).required(),
            "limit": .integer("How many servers can be admitted. Not set if there is no limit.").range(0...1000000),
        ]
    )
}

/// One limit of a tenant, and how much of it is used.
public struct QuotaUsage: Sendable, Hashable, Codable {
    /// What is limited, such as serversPerTenant.
    public var dimension: String
    /// The limit. Not set if there is none.
    public var limit: Int64?
    /// How much is used, if that is known.
    public var used: Int64?
    /// How much is left. Not set if there is no limit or it is not known.
    public var remaining: Int64?

    /// Creates a value from its fields.
    public init(dimension: String, limit: Int64? = nil, used: Int64? = nil, remaining: Int64? = nil) {
        self.dimension = dimension
        self.limit = limit
        self.used = used
        self.remaining = remaining
    }
}

extension QuotaUsage: SchemaProviding {
    public static let schema = Schema.object(
        QuotaUsage.self,
        "One limit, and how much of it is used.",
        [
            "dimension": .string("What is limited, such as serversPerTenant.").length(1...63).required(),
            "limit": .integer64("The limit. Not set if there is none."),
            "used": .integer64("How much is used, if that is known."),
            "remaining": .integer64("How much is left. Not set if there is no limit or it is not known."),
        ]
    )
}

/// The tool calls of a tenant in the last minute.
public struct TenantToolCalls: Sendable, Hashable, Codable {
    /// How many calls were sent to the tenant's servers.
    public var calls: Int64
    /// How many calls were over a limit. They were refused if the quota is enforced.
    public var overLimit: Int64

    /// Creates a value from its fields.
    public init(calls: Int64, overLimit: Int64) {
        self.calls = calls
        self.overLimit = overLimit
    }
}

extension TenantToolCalls: SchemaProviding {
    public static let schema = Schema.object(
        TenantToolCalls.self,
        "The tool calls of the last minute.",
        [
            "calls": .integer64("How many calls were sent to the tenant's servers.").required(),
            "overLimit": .integer64(
                "How many calls were over a limit. They were refused if the quota is enforced."
            )
            .required(),
        ]
    )
}
