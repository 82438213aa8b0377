public import CRDModels
public import KubernetesAPI
public import Policy

/// The input of a decision about a server.
public struct ServerInput: Sendable {
    /// The server.
    public var server: MCPServer
    /// All classes.
    public var classes: [MCPServerClass]
    /// Whose rules apply in which namespace.
    public var claims: NamespaceClaims
    /// The verdict of the tenant's quota for this server.
    public var admission: QuotaLedger.Admission
    /// What the server reads, as listed by `contentNeeds`. An object that is missing here does not exist.
    public var contents: [ContentReference: ReferencedContent]
    /// The versions of what a remote server names, as far as they are known.
    public var contentVersions: [ContentReference: String] = [:]
    /// Whether a remote server can be on this machine: only where nobody else is served.
    public var reachesLoopback = false
    /// The PersistentVolumeClaims that the server names. A claim that is missing here is unknown, as for files.
    public var volumeClaims: [String: ClaimState]
    /// The addresses of the Kubernetes API, from its EndpointSlices.
    public var kubernetesAPI: [KubernetesAPIEndpoint]
    /// Whether the tenant has written the namespace's labels and policies. For files it is considered done.
    public var isTenantProgrammed: Bool
    /// What the running server was rendered with, `nil` if it does not run.
    public var rollout: RolloutState?
    /// The class that the digest in `rollout` refers to, `nil` if it is not stored.
    @Boxed var lastClass: ResolvedClass? = nil
    /// The claims of other tenants' servers on the hosts that the server requests.
    public var hostClaims: [HostClaim]
    /// The ServiceAccounts listed by `ServerReferences.serviceAccounts` that do not exist.
    public var missingServiceAccounts: Set<String>
    /// What is known about the entry point of the image, for `EntryPointRequest`.
    public var entryPoint: EntryPointState
    /// What is known about the signatures of the images, for `SignatureRequest`. Nothing, unless somebody says otherwise.
    public var signatures = SignatureStates()
    /// The platform's settings.
    public var platform: PlatformConfiguration
    /// The controller's namespace.
    public var controllerNamespace: String
    /// Which pods of the server are decided about.
    public var role = WorkloadRole.serving
    /// Whether the pods that serve offer something else than was approved.
    public var isDrifted = false
    /// Whether a person has rejected what serves.
    public var isRejected = false

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
        entryPoint: EntryPointState = .notRead,
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
        self.entryPoint = entryPoint
        self.platform = platform
        self.controllerNamespace = controllerNamespace
    }
}

extension ServerInput {
    /// The pods of the controller.
    var controllerPeer: NetworkPolicyPeer {
        NetworkPolicyPeer(
            podSelector: platform.handshake?.controllerPods ?? PlatformHandshake.builtInControllerPods,
            namespaceSelector: LabelSelector(matchLabels: [MoorageLabels.namespaceName: controllerNamespace])
        )
    }
}

/// The input of a decision about a tenant.
public struct TenantInput: Sendable {
    /// The tenant.
    public var tenant: MCPTenant
    /// Whose rules apply in which namespace.
    public var claims: NamespaceClaims
    /// The tenant's namespace in the cluster, `nil` if it does not exist or is unknown, as for files.
    public var existingNamespace: Namespace?
    /// The tenant's servers, for the quota.
    public var servers: [QuotaServer]
    /// The platform's settings.
    public var platform: PlatformConfiguration
    /// The controller's namespace.
    public var controllerNamespace: String
    /// The tool calls of the last minute; `nil` if they are not known.
    public var toolCalls: ToolCallUsage?
    /// Whether the network enforces NetworkPolicies.
    public var network = NetworkState.unchecked

    /// - Parameter claims: whose rules apply in which namespace; `nil` if this tenant is the only one.
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

    /// The plan, or `nil` after a refusal.
    public var plan: Plan? {
        if case .run(let plan) = self { plan } else { nil }
    }

    /// The refusal, or `nil` if there is a plan.
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
    /// The requested image and the image to pull, as full references; of a remote server, its URL.
    public var image: PlannedImage
    /// The entry point of the image, if the server runs it.
    public var entryPoint: ServerEntryPoint?
    /// What is known about the signatures of the images.
    public var signatures = SignatureResult()
    /// The server's settings, merged with those of its class.
    public var settings: EffectiveSettings
    /// Whether the server's protocol is checked.
    public var handshake: HandshakeSetting
    /// How its new versions are reviewed.
    public var review: EffectiveReview
    /// Which pods are planned.
    public var role = WorkloadRole.serving
    /// Whether the server is out of service until what it offers is approved.
    public var isQuarantined = false
    /// How the server is called, if it is a remote one. Everything about pods is empty then.
    @Boxed public var remote: RemotePlan? = nil
    /// The results of the templates.
    public var templates: [FilledTemplate]
    /// The complete pod template, checked against all rules.
    public var podTemplate: JSONValue
    /// The Deployment's `spec.strategy`.
    public var strategy: JSONValue
    /// The NetworkPolicy's spec, `nil` if policies are turned off.
    @Boxed public var networkPolicy: NetworkPolicySpec? = nil
    /// What the next decision needs to know.
    public var rollout: RolloutState
    /// The state of the class to store before anything else is written, `nil` if there is nothing to store.
    @Boxed var classToStore: ResolvedClass? = nil
    /// Warnings, for events and `moorage validate`.
    public var warnings: [String]
    /// The address inside the cluster, with the MCP path.
    public var address: String
    /// The address for clients, outside the cluster if the server is exposed; `nil` if it is exposed without a specific
    /// host.
    public var url: String?
    /// The IngressClass of the server's Ingress.
    public var ingressClass: String?
}

/// The image of a plan.
public struct PlannedImage: Sendable, Hashable {
    /// The full reference that was requested.
    public var requested: String
    /// The reference that is pulled: through a mirror if one matches, with the requested digest, or that of the entry point.
    public var resolved: String
    /// Whether it was requested with a digest.
    public var isPinned: Bool
    /// Whether it is Moorage's own image.
    public var isOwn = false
}

/// The desired state of a tenant's namespace: the input of `render`.
public struct TenantPlan: Sendable, Hashable {
    /// The tenant.
    public var tenant: MCPTenant
    /// Its rules.
    public var effective: EffectiveTenant
    /// Which servers are admitted and which wait.
    public var ledger: QuotaLedger
    /// The limit and use of each dimension, for status and metrics.
    public var usage: [QuotaUsage]
    /// The tool calls of the last minute, for the status; `nil` if they are not known.
    public var toolCalls: ToolCallUsage?
    /// Whether the network enforces the tenant's NetworkPolicies; `unchecked` as well if it has none.
    public var network: NetworkState
    /// The members of the namespace, grouped by ClusterRole.
    public var members: [MemberBinding]
    /// Warnings.
    public var warnings: [String]
}
