public import KubernetesAPI

/// How a sandbox behaves.
public struct SandboxConfiguration: Sendable {
    /// The port to bind on loopback; 0 lets the kernel choose one.
    public var port: Int = 0
    /// The Swift checks of CEL rules, with which custom resources are validated when their definition was applied as YAML.
    public var nativeRuleChecks = NativeRuleChecks()
    /// Whether requests are authenticated, and authorized by the roles that are stored. The sandbox then serves TLS, because
    /// clients send no token without it; its kubeconfig has the administrator's token.
    public var enforcesRBAC = false
    /// Whether the stand-ins for the built-in controllers and the kubelet run.
    public var runsStandIns = true
    /// How long after it was created a pod becomes Ready.
    public var podReadyDelay: Duration = .zero
    /// How often a watch that asked for bookmarks gets one.
    public var bookmarkInterval: Duration = .seconds(10)
    /// How many changes of one resource are remembered for watches that resume.
    public var historyLimit = 20_000
    /// How many requests `SandboxCluster.requests` keeps.
    public var requestLimit = 100_000
    /// What delays, bookmarks and time limits are measured with.
    public var clock: any Clock<Duration> = ContinuousClock()

    /// The defaults: a port that the kernel chooses, stand-ins that run, pods that are ready at once.
    public init() {}
}
