public import KubernetesAPI

/// How much a tenant may use.
public struct TenantQuotas: Sendable, Hashable, Codable {
    /// Enforced refuses what exceeds the quota, Unbounded only counts. Defaults to the platform's mode.
    public var mode: QuotaMode?
    /// The plan whose limits apply, such as free, standard or enterprise. Defaults to the platform's default plan.
    public var plan: String?
    /// Limits that replace the plan's.
    public var overrides: QuotaOverrides?
    /// A ResourceQuota for the namespace.
    public var resourceQuota: ResourceQuotaSpec?
    /// A LimitRange for the namespace.
    public var limitRange: LimitRangeSpec?

    /// Creates a value from its fields.
    public init(
        mode: QuotaMode? = nil,
        plan: String? = nil,
        overrides: QuotaOverrides? = nil,
        resourceQuota: ResourceQuotaSpec? = nil,
        limitRange: LimitRangeSpec? = nil
    ) {
        self.mode = mode
        self.plan = plan
        self.overrides = overrides
        self.resourceQuota = resourceQuota
        self.limitRange = limitRange
    }
}

extension TenantQuotas: SchemaProviding {
    public static let schema = Schema.object(
        TenantQuotas.self,
        "How much the tenant may use.",
        [
            "mode": .string(
                """
                Enforced refuses what exceeds the quota, Unbounded only counts. Defaults to the platform's mode. \
                Unbounded has an effect only if the platform's mode is Unbounded or tenants are allowed to set it.
                """
            )
            .values(of: QuotaMode.self),
            "plan": .string(
                """
                The plan whose limits apply, such as free, standard or enterprise. Defaults to the platform's default \
                plan.
                """
            )
            .length(1...63)
            .pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
            "overrides": QuotaOverrides.schema.described("Limits that replace the plan's."),
            "resourceQuota": ResourceQuotaSpec.schema.described("A ResourceQuota for the namespace."),
            "limitRange": LimitRangeSpec.schema.described("A LimitRange for the namespace."),
        ]
    )
}

/// Limits that replace those of a tenant's plan.
public struct QuotaOverrides: Sendable, Hashable, Codable {
    /// How many servers the tenant can run.
    public var serversPerTenant: Int?
    /// How many tools one server can offer.
    public var toolsPerServer: Int?
    /// How many tool calls one server can receive per minute.
    public var toolCallsPerMinutePerServer: Int?
    /// How many tool calls one OAuth client can make per minute.
    public var toolCallsPerMinutePerClient: Int?

    /// Creates a value from its fields.
    public init(
        serversPerTenant: Int? = nil,
        toolsPerServer: Int? = nil,
        toolCallsPerMinutePerServer: Int? = nil,
        toolCallsPerMinutePerClient: Int? = nil
    ) {
        self.serversPerTenant = serversPerTenant
        self.toolsPerServer = toolsPerServer
        self.toolCallsPerMinutePerServer = toolCallsPerMinutePerServer
        self.toolCallsPerMinutePerClient = toolCallsPerMinutePerClient
    }
}

extension QuotaOverrides: SchemaProviding {
    public static let schema = Schema.object(
        QuotaOverrides.self,
        "Limits that replace the plan's.",
        [
            "serversPerTenant": .integer("How many servers the tenant can run.").range(0...1000000),
            "toolsPerServer": .integer("How many tools one server can offer.").range(0...1000000),
            "toolCallsPerMinutePerServer": .integer("How many tool calls one server can receive per minute.")
                .range(0...100000000),
            "toolCallsPerMinutePerClient": .integer("How many tool calls one OAuth client can make per minute.")
                .range(0...100000000),
        ]
    )
}
