public import ControllerRuntime
internal import KubernetesAPI

/// How the operator runs, beside what `PlatformConfiguration` says of the platform.
public struct OperatorOptions: Sendable {
    /// Which namespaces' servers are looked after, and whose tenants; `nil` is all of them. Tenants and classes are read
    /// cluster-wide either way.
    public var namespaces: [String]?
    /// The namespace that the controller itself runs in. It holds no server, and no tenant claims it.
    public var controllerNamespace: String
    /// How many servers are worked on at the same time.
    public var workers: Int
    /// How often every object is looked at though nothing announced a change; `nil` or zero for never.
    public var resyncPeriod: Duration?
    /// Who this process is, in Events.
    public var identity: String
    /// Present time, for conditions.
    public var clock: RuntimeClock
    /// Where breaches of quotas are told.
    public var audit: AuditLog?

    /// The controller's namespace where nothing else is set: that of the documentation's `helm install`.
    public static let defaultControllerNamespace = "moorage-system"
    /// The number of workers where none is set.
    public static let defaultWorkers = 8
    /// How often every object is looked at where nothing is set: controller-runtime's period.
    public static let defaultResyncPeriod = Duration.seconds(36_000)

    public init(
        namespaces: [String]? = nil,
        controllerNamespace: String = OperatorOptions.defaultControllerNamespace,
        workers: Int = OperatorOptions.defaultWorkers,
        resyncPeriod: Duration? = OperatorOptions.defaultResyncPeriod,
        identity: String = "moorage",
        clock: RuntimeClock = .system,
        audit: AuditLog? = nil
    ) {
        self.namespaces = namespaces
        self.controllerNamespace = controllerNamespace
        self.workers = workers
        self.resyncPeriod = resyncPeriod
        self.identity = identity
        self.clock = clock
        self.audit = audit
    }
}
