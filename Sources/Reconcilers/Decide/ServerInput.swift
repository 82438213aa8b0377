public import CRDModels
public import KubernetesAPI

/// The input of a decision about a server.
public struct ServerInput: Sendable {
    /// The server.
    public var server: MCPServer
    /// All classes.
    public var classes: [MCPServerClass]
    /// Whose rules hold in which namespace.
    public var claims: NamespaceClaims
    /// What the tenant's quota says of this server.
    public var admission: QuotaLedger.Admission
    /// What the server reads, as `contentNeeds` lists it. One that is missing here counts as absent.
    public var contents: [ContentReference: ReferencedContent]
    /// What is known of the PersistentVolumeClaims that the server names. One that is missing here is not known, as in files.
    public var volumeClaims: [String: ClaimState]
    /// Where the Kubernetes API is, by its EndpointSlices.
    public var kubernetesAPI: [KubernetesAPIEndpoint]
    /// Whether the tenant has written the namespace's labels and policies; in files it counts as done.
    public var isTenantProgrammed: Bool
    /// What the running server was rendered with, `nil` where none runs.
    public var rollout: RolloutState?
    /// The class that `rollout` names by its digest, `nil` where none is stored.
    var lastClass: ResolvedClass?
    /// What servers of other tenants ask for of the hosts that the server asks for.
    public var hostClaims: [HostClaim]
    /// Of the ServiceAccounts that `ServerReferences.serviceAccounts` lists, those that are known not to be there.
    public var missingServiceAccounts: Set<String>
    /// The platform's settings.
    public var platform: PlatformConfiguration
    /// The namespace that the controller runs in.
    public var controllerNamespace: String

    public init(
        server: MCPServer,
        classes: [MCPServerClass] = [],
        claims: NamespaceClaims = NamespaceClaims(),
        admission: QuotaLedger.Admission = .admitted,
        contents: [ContentReference: ReferencedContent] = [:],
        volumeClaims: [String: ClaimState] = [:],
        kubernetesAPI: [KubernetesAPIEndpoint] = [],
        isTenantProgrammed: Bool = true,
        rollout: RolloutState? = nil,
        hostClaims: [HostClaim] = [],
        missingServiceAccounts: Set<String> = [],
        platform: PlatformConfiguration = PlatformConfiguration(),
        controllerNamespace: String = OperatorOptions.defaultControllerNamespace
    ) {
        self.server = server
        self.classes = classes
        self.claims = claims
        self.admission = admission
        self.contents = contents
        self.volumeClaims = volumeClaims
        self.kubernetesAPI = kubernetesAPI
        self.isTenantProgrammed = isTenantProgrammed
        self.rollout = rollout
        self.hostClaims = hostClaims
        self.missingServiceAccounts = missingServiceAccounts
        self.platform = platform
        self.controllerNamespace = controllerNamespace
    }
}

/// The input of a decision about a tenant.
public struct TenantInput: Sendable {
    /// The tenant.
    public var tenant: MCPTenant
    /// Whose rules hold in which namespace.
    public var claims: NamespaceClaims
    /// The tenant's namespace as it is in the cluster, `nil` where there is none (or nothing is known, as in files).
    public var existingNamespace: Namespace?
    /// The tenant's servers, for the quota.
    public var servers: [QuotaServer]
    /// The platform's settings.
    public var platform: PlatformConfiguration
    /// The namespace that the controller runs in.
    public var controllerNamespace: String

    /// - Parameter claims: whose rules hold in which namespace; `nil` where this tenant is the only one.
    public init(
        tenant: MCPTenant,
        claims: NamespaceClaims? = nil,
        existingNamespace: Namespace? = nil,
        servers: [QuotaServer] = [],
        platform: PlatformConfiguration = PlatformConfiguration(),
        controllerNamespace: String = OperatorOptions.defaultControllerNamespace
    ) {
        self.tenant = tenant
        self.claims =
            claims
            ?? NamespaceClaims(
                tenants: [tenant],
                namespaces: existingNamespace.map { [NamespaceFacts($0.metadata)] } ?? [],
                protected: ProtectedNamespaces(platform: platform, controllerNamespace: controllerNamespace)
            )
        self.existingNamespace = existingNamespace
        self.servers = servers
        self.platform = platform
        self.controllerNamespace = controllerNamespace
    }
}

/// A plan, or why there is none. After a refusal, running servers are not changed.
public enum Decision<Plan: Sendable>: Sendable {
    case run(Plan)
    case refused(Refusal)

    /// The plan, or `nil` where it was refused.
    public var plan: Plan? {
        if case .run(let plan) = self { plan } else { nil }
    }

    /// The refusal, or `nil` where there is a plan.
    public var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}

extension Decision: Equatable where Plan: Equatable {}

/// How a server should run: the input of `render`.
public struct ServerPlan: Sendable, Hashable {
    /// The server.
    public var server: MCPServer
    /// The tenant's rules.
    public var tenant: EffectiveTenant
    /// The class that is in use, `nil` for the built-in defaults.
    public var className: String?
    /// Whether the class has changed since this server was rendered.
    public var isBehindClass: Bool
    /// The image as asked for and as pulled, in full.
    public var image: PlannedImage
    /// The server's settings, with the class's filled in.
    public var settings: EffectiveSettings
    /// The results of the templates.
    public var templates: [FilledTemplate]
    /// The pod template in full, checked against all rules.
    public var podTemplate: JSONValue
    /// The Deployment's `spec.strategy`.
    public var strategy: JSONValue
    /// The NetworkPolicy's spec, `nil` where policies are turned off.
    public var networkPolicy: NetworkPolicySpec?
    /// What the next decision needs to know.
    public var rollout: RolloutState
    /// The state of the class to store before anything is written, `nil` where nothing has to be.
    var classToStore: ResolvedClass?
    /// Warnings, for events and `moorage validate`.
    public var warnings: [String]
    /// Where the server is reached inside the cluster, with the MCP path.
    public var address: String
    /// Where clients connect, outside of the cluster where the server is exposed; `nil` where that is not one host.
    public var url: String?
    /// The IngressClass of the server's Ingress.
    public var ingressClass: String?
}

/// The image of a plan.
public struct PlannedImage: Sendable, Hashable {
    /// As it was asked for, in full.
    public var requested: String
    /// As it is pulled: through a mirror where one applies, with the digest of the request.
    public var resolved: String
    /// Whether it is pinned by a digest.
    public var isPinned: Bool
}

/// The desired state of a tenant's namespace: the input of `render`.
public struct TenantPlan: Sendable, Hashable {
    /// The tenant.
    public var tenant: MCPTenant
    /// Its rules.
    public var effective: EffectiveTenant
    /// Which servers are admitted and which wait.
    public var ledger: QuotaLedger
    /// Each dimension's limit and use, for status and metrics.
    public var usage: [QuotaUsage]
    /// Who may do what in the namespace, one ClusterRole each.
    public var members: [MemberBinding]
    /// Warnings.
    public var warnings: [String]
}
