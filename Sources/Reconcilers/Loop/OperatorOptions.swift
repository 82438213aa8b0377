public import ControllerRuntime
internal import KubernetesAPI
package import MCPTransport
internal import Policy
public import SupplyChain

/// How the operator runs, in addition to the settings in `PlatformConfiguration`.
public struct OperatorOptions: Sendable {
    /// The namespaces whose servers and tenants are managed; `nil` means all. Tenants and classes are always read
    /// cluster-wide.
    public var namespaces: [String]?
    /// The namespace that the controller itself runs in. It contains no servers, and no tenant can claim it.
    public var controllerNamespace: String
    /// How many servers are reconciled concurrently.
    public var workers: Int
    /// How often every object is reconciled without a change; `nil` or zero disables it.
    public var resyncPeriod: Duration?
    /// The identity of this process in Events.
    public var identity: String
    /// The current time, for conditions.
    public var clock: RuntimeClock
    /// Where quota violations are reported.
    public var audit: AuditLog?
    /// Whether the operator runs in a pod of the cluster, from which it reaches the pods of servers directly.
    public var isInCluster: Bool
    /// The environment variables with the proxies for registries.
    public var environment: [String: String]
    /// Where the gateways report the usage of tenants; `nil` if there are none.
    public var usage: UsageReader.Source?
    /// Tries whether the network enforces NetworkPolicies; `nil` if that is not checked.
    public var networkProbe: (any NetworkProbing)?
    /// The trusted roots for signatures by their names.
    public var trustedRoots: [String: TrustedRoot] = [:]
    /// How remote servers are found and reached. Only tests change it.
    package var remoteNetwork = RemoteNetwork.system
    /// How entry points are read; `nil` for the registries. Tests set it.
    var entryPointReader: (any EntryPointReader)?
    /// How signatures are read; `nil` for the registries. Tests set it.
    var signatureReader: (any SignatureReader)?
    /// How servers are checked; `nil` for the platform's route. Tests set it.
    var probe: (any ProtocolProbe)?
    /// How the addresses of gateways are found. Tests set it.
    var usageResolver: any HostResolver = SystemResolver()

    /// The default of the controller's namespace.
    public static let defaultControllerNamespace = PlatformNamespaces.builtInControllerNamespace
    /// The default number of workers.
    public static let defaultWorkers = 8
    /// The default of how often every object is reconciled: the period of controller-runtime.
    public static let defaultResyncPeriod = Duration.seconds(36_000)

    public init(
        namespaces: [String]? = nil,
        controllerNamespace: String = OperatorOptions.defaultControllerNamespace,
        workers: Int = OperatorOptions.defaultWorkers,
        resyncPeriod: Duration? = OperatorOptions.defaultResyncPeriod,
        identity: String = "moorage",
        clock: RuntimeClock = .system,
        audit: AuditLog? = nil,
        isInCluster: Bool = false,
        environment: [String: String] = [:],
        usage: UsageReader.Source? = nil
    ) {
        self.namespaces = namespaces
        self.controllerNamespace = controllerNamespace
        self.workers = workers
        self.resyncPeriod = resyncPeriod
        self.identity = identity
        self.clock = clock
        self.audit = audit
        self.isInCluster = isInCluster
        self.environment = environment
        self.usage = usage
    }
}
