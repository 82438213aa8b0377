public import CRDModels
internal import KubernetesAPI
public import SupplyChain

/// The rules of one namespace: the platform's, overridden by the tenant's if a tenant claims it.
public struct EffectiveTenant: Sendable, Hashable {
    /// The tenant's name, or the namespace's name if no tenant claims it.
    public var name: String
    /// The namespace.
    public var namespace: String
    /// Whether a tenant claims the namespace.
    public var isClaimed: Bool
    /// The Pod Security levels, with every field set.
    public var podSecurity: TenantPodSecurity
    /// The plan's name.
    public var plan: String
    /// Whether quotas are enforced.
    public var quotaMode: QuotaMode
    /// The limits of the plan with the tenant's overrides.
    public var limits: QuotaOverrides
    /// The network rules.
    public var network: NetworkRules
    /// The image rules.
    public var images: ImageRules
    /// The signatures and attestations that images must have.
    public var signatures: SignatureRules
    /// The public keys, in PEM, of those who sign the bundles that servers load.
    public var pluginKeys: [String]
    /// How new versions of servers are reviewed.
    public var review: TenantReview
    /// Secrets that every server of the tenant pulls images with.
    public var imagePullSecrets: [String]
    /// Whether servers can weaken the hardened defaults.
    public var allowsWeakening: Bool
    /// ServiceAccounts that servers can use in addition to their own.
    public var serviceAccounts: Set<String>
    /// The tenant's settings that have no effect because the platform is stricter.
    public var withoutEffect: [String]

    /// How many servers can run, or `nil` if there is no limit.
    public var serverLimit: Int? { quotaMode == .unbounded ? nil : limits.serversPerTenant.map { max(0, $0) } }

    /// How many tools one server can offer, or `nil` if there is no limit.
    public var toolLimit: Int? { quotaMode == .unbounded ? nil : limits.toolsPerServer.map { max(0, $0) } }

    /// The rules for a namespace.
    ///
    /// - Throws: `Refusal`, if the settings of its tenant are not valid, or the tenant was deleted and retained it.
    public init(
        namespace: String,
        claims: NamespaceClaims,
        platform: PlatformConfiguration
    ) throws(Refusal) {
        if case .retained(let name) = claims[namespace] {
            throw Refusal(
                .namespaceRetained,
                """
                MCPTenant "\(name)" was deleted and retained namespace "\(namespace)": running servers are not \
                changed and nothing new is accepted; create the tenant again, have another MCPTenant adopt the \
                namespace, or remove the label \(MoorageLabels.tenant) from it
                """
            )
        }
        try self.init(claims[namespace]?.tenant, namespace: namespace, platform: platform)
    }

    /// The rules of a tenant, or of a namespace without one.
    package init(_ tenant: MCPTenant?, namespace: String, platform: PlatformConfiguration) throws(Refusal) {
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
                "plan \"\(plan)\" does not exist: use one of \(platform.plans.keys.sorted().joined(separator: ", "))"
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
            mirrorsOnly: network.airgapped,
            ownImage: platform.stdio?.image
        )
        signatures = SignatureRules(platform: platform.images?.signatures, tenant: spec?.images?.signatures)
        pluginKeys = try EffectiveTenant.pluginKeys(spec?.plugins)
        review = (spec?.review ?? TenantReview()).over(platform.review)
        imagePullSecrets = (spec?.imagePullSecrets ?? []).map(\.name)
        allowsWeakening = spec?.hardening?.allowWeakening ?? false
        serviceAccounts = Set(spec?.hardening?.serviceAccounts ?? [])
    }

    private static func pluginKeys(_ plugins: TenantPlugins?) throws(Refusal) -> [String] {
        let keys = plugins?.publicKeys ?? []
        for (index, key) in keys.enumerated() {
            do throws(VerificationError) {
                _ = try VerificationKey(pem: key)
            } catch {
                throw Refusal(.tenantInvalid, field: "spec.plugins.publicKeys[\(index)]", error.message)
            }
        }
        return keys
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

    /// The limit of each dimension and, if it is counted, its use.
    ///
    /// - Parameter toolCalls: what the gateways have counted; `nil` if that is not known.
    package func usage(servers: Int, toolCalls: ToolCallUsage? = nil) -> [QuotaUsage] {
        let isBounded = quotaMode == .enforced
        return QuotaDimension.allCases.map { dimension in
            let limit =
                switch dimension {
                case .serversPerTenant: limits.serversPerTenant
                case .toolsPerServer: limits.toolsPerServer
                case .toolCallsPerMinutePerServer: limits.toolCallsPerMinutePerServer
                case .toolCallsPerMinutePerClient: limits.toolCallsPerMinutePerClient
                }
            let used: Int64? =
                switch dimension {
                case .serversPerTenant: Int64(servers)
                case .toolCallsPerMinutePerServer: toolCalls?.busiestServer
                case .toolCallsPerMinutePerClient: toolCalls?.busiestClient
                case .toolsPerServer: nil
                }
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
