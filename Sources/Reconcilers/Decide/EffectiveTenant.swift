public import CRDModels
public import KubernetesAPI
public import SupplyChain

/// The rules that hold for one namespace: the platform's, with the tenant's over them where a tenant claims it.
public struct EffectiveTenant: Sendable, Hashable {
    /// The tenant's name; the namespace's where no tenant claims it.
    public var name: String
    /// The namespace.
    public var namespace: String
    /// Whether a tenant claims the namespace.
    public var isClaimed: Bool
    /// The Pod Security levels, every field set.
    public var podSecurity: TenantPodSecurity
    /// The plan's name.
    public var plan: String
    /// Whether quotas hold.
    public var quotaMode: QuotaMode
    /// The limits of the plan with the tenant's overrides.
    public var limits: QuotaOverrides
    /// Who reaches whom.
    public var network: NetworkRules
    /// Which images run.
    public var images: ImageRules
    /// Secrets that every server of the tenant pulls images with.
    public var imagePullSecrets: [String]
    /// Whether servers may be less hardened than Moorage makes them.
    public var allowsWeakening: Bool
    /// ServiceAccounts that servers may run as besides their own.
    public var serviceAccounts: Set<String>
    /// What the tenant sets and has no effect, since the platform is stricter.
    public var withoutEffect: [String]

    /// How many servers may run, `nil` without bound.
    public var serverLimit: Int? { quotaMode == .unbounded ? nil : limits.serversPerTenant.map { max(0, $0) } }

    /// The rules for a namespace.
    ///
    /// - Throws: `Refusal`, where the tenant that holds it has rules that cannot be followed, or left it behind: nothing is
    ///   guessed then.
    public init(
        namespace: String,
        claims: NamespaceClaims,
        platform: PlatformConfiguration
    ) throws(Refusal) {
        if case .retained(let name) = claims[namespace] {
            throw Refusal(
                .namespaceRetained,
                "MCPTenant \"\(name)\" is deleted and left namespace \"\(namespace)\" as it was: what runs there goes on "
                    + "unchanged and nothing new is accepted; create the tenant again, have another MCPTenant adopt the "
                    + "namespace, or remove the label \(MoorageLabels.tenant) from it"
            )
        }
        try self.init(claims[namespace]?.tenant, namespace: namespace, platform: platform)
    }

    /// The rules of a tenant, or of a namespace that none claims.
    init(_ tenant: MCPTenant?, namespace: String, platform: PlatformConfiguration) throws(Refusal) {
        let ceiling = PlatformCeiling(tenant?.spec, platform: platform)
        let (spec, platform) = (ceiling.spec, ceiling.platform)
        withoutEffect = ceiling.withoutEffect
        self.namespace = namespace
        name = tenant?.metadata.name ?? namespace
        isClaimed = tenant != nil
        podSecurity = EffectiveTenant.podSecurity(spec?.podSecurity, over: platform.podSecurity)
        plan = spec?.quotas?.plan ?? platform.quotas?.defaultPlan ?? PlatformQuotas.builtInDefaultPlan
        guard var limits = platform.plans[plan] else {
            throw Refusal(
                .tenantInvalid,
                field: "spec.quotas.plan",
                "there is no plan \"\(plan)\": use one of \(platform.plans.keys.sorted().joined(separator: ", "))"
            )
        }
        let overrides = spec?.quotas?.overrides
        limits.serversPerTenant = overrides?.serversPerTenant ?? limits.serversPerTenant
        limits.toolsPerServer = overrides?.toolsPerServer ?? limits.toolsPerServer
        limits.toolCallsPerMinutePerServer =
            overrides?.toolCallsPerMinutePerServer ?? limits.toolCallsPerMinutePerServer
        limits.toolCallsPerMinutePerClient =
            overrides?.toolCallsPerMinutePerClient ?? limits.toolCallsPerMinutePerClient
        self.limits = limits
        quotaMode = spec?.quotas?.mode ?? platform.quotas?.mode ?? .enforced
        var network = try NetworkRules(platform: platform)
        try network.apply(
            spec?.network,
            airgapped: spec?.airgapped,
            isAdopted: spec?.namespace?.adopt ?? false
        )
        self.network = network
        images = ImageRules(
            platform: try ImagePolicy(platform.images, field: "images"),
            tenant: try spec?.images.map { images throws(Refusal) in try ImagePolicy(images, field: "spec.images") },
            mirrorsOnly: network.airgapped
        )
        imagePullSecrets = (spec?.imagePullSecrets ?? []).map(\.name)
        allowsWeakening = spec?.hardening?.allowWeakening ?? false
        serviceAccounts = Set(spec?.hardening?.serviceAccounts ?? [])
    }

    /// The tenant's namespace.
    public static func namespace(of tenant: MCPTenant) -> String {
        tenant.spec.namespace?.name ?? Moorage.defaultNamespace(ofTenant: tenant.metadata.name ?? "")
    }

    private static func podSecurity(
        _ own: TenantPodSecurity?,
        over platform: TenantPodSecurity?
    ) -> TenantPodSecurity {
        TenantPodSecurity(
            enabled: own?.enabled ?? platform?.enabled ?? true,
            enforce: own?.enforce ?? platform?.enforce ?? .restricted,
            enforceVersion: own?.enforceVersion ?? platform?.enforceVersion ?? "latest",
            audit: own?.audit ?? platform?.audit ?? .restricted,
            auditVersion: own?.auditVersion ?? platform?.auditVersion ?? "latest",
            warn: own?.warn ?? platform?.warn ?? .restricted,
            warnVersion: own?.warnVersion ?? platform?.warnVersion ?? "latest"
        )
    }

    /// Each dimension's limit and, as far as it is counted, its use.
    func usage(servers: Int) -> [QuotaUsage] {
        let isBounded = quotaMode == .enforced
        return QuotaDimension.allCases.map { dimension in
            let limit =
                switch dimension {
                case .serversPerTenant: limits.serversPerTenant
                case .toolsPerServer: limits.toolsPerServer
                case .toolCallsPerMinutePerServer: limits.toolCallsPerMinutePerServer
                case .toolCallsPerMinutePerClient: limits.toolCallsPerMinutePerClient
                }
            let used = dimension == .serversPerTenant ? Int64(servers) : nil
            let bound = isBounded ? limit.map(Int64.init) : nil
            return QuotaUsage(
                dimension: dimension.rawValue,
                limit: bound,
                used: used,
                remaining: bound.flatMap { bound in used.map { max(0, bound - $0) } }
            )
        }
    }
}
