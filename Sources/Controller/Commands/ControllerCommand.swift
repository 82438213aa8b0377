import CommandSupport
import ArgumentParser
import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import Observability
import Policy
import Reconcilers

/// `moorage controller`.
struct ControllerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller",
        abstract: "Run the controller against a cluster, until it receives a signal to stop.",
        discussion: """
            Settings that show a name with a dollar sign can also be set with that environment variable; a flag takes \
            precedence. SIGTERM and SIGINT stop it gracefully: it finishes the work in progress, and then releases the \
            Lease.

            The platform's settings come from the file of --config. These variables take precedence over it: \
            MOORAGE_POD_SECURITY_ENABLED, MOORAGE_POD_SECURITY_ENFORCE, MOORAGE_POD_SECURITY_ENFORCE_VERSION, \
            MOORAGE_POD_SECURITY_AUDIT, MOORAGE_POD_SECURITY_AUDIT_VERSION, MOORAGE_POD_SECURITY_WARN, \
            MOORAGE_POD_SECURITY_WARN_VERSION, MOORAGE_NETWORK_POLICY_ENABLED, MOORAGE_GATEWAY_NAMESPACES, \
            MOORAGE_GATEWAY_CALLBACK_PORTS, MOORAGE_DNS_NAMESPACE, MOORAGE_REQUIRE_DIGEST, MOORAGE_ALLOWED_REGISTRIES, \
            MOORAGE_AIRGAPPED, MOORAGE_QUOTA_MODE, MOORAGE_CLUSTER_DOMAIN.
            """
    )

    @OptionGroup(title: "Cluster options")
    var cluster: ClusterOptions

    @OptionGroup(title: "Platform options")
    var platform: PlatformOptions

    @Option(help: "How many servers are reconciled concurrently. [$MOORAGE_WORKERS] (default: 8)")
    var workers: Int?

    @Option(
        help: ArgumentHelp(
            """
            How often every object is reconciled without a change; 0 for never. [$MOORAGE_RESYNC_PERIOD] (default: \
            10h)
            """,
            valueName: "duration"
        )
    )
    var resyncPeriod: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "The address that serves /metrics; 0 disables it. [$MOORAGE_METRICS_BIND_ADDRESS] (default: :8080)",
            valueName: "address"
        )
    )
    var metricsBindAddress: BindAddress?

    @Option(
        help: ArgumentHelp(
            """
            The address that serves /healthz and /readyz; 0 disables it. [$MOORAGE_HEALTH_PROBE_BIND_ADDRESS] \
            (default: :8081)
            """,
            valueName: "address"
        )
    )
    var healthProbeBindAddress: BindAddress?

    @Option(
        help: ArgumentHelp(
            "The timeout of a graceful shutdown. [$MOORAGE_SHUTDOWN_TIMEOUT] (default: 25s)",
            valueName: "duration"
        )
    )
    var shutdownTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp(
            """
            The host and port at which all gateways report the tool calls of tenants, for their status; 0 for none. \
            The host has the addresses of all of them. [$MOORAGE_GATEWAY_USAGE_ADDRESS] (default: 0)
            """,
            valueName: "address"
        )
    )
    var gatewayUsageAddress: BindAddress?

    @OptionGroup(title: "Leader election options")
    var leaderElection: LeaderElectionOptions

    @OptionGroup(title: "Log options")
    var log: LogOptions

    func run() async throws {
        let environment = EnvironmentReader.process
        let settings = try ControllerSettings(self, environment: environment)
        try log.bootstrap(environment, standard: .info)
        let platform = try PlatformLoader.apply(
            environment,
            to: try platform.load(environment: environment) ?? PlatformConfiguration()
        )
        let identity = OperatorProcess.identity()
        // Before any request to a cluster, so that a wrong setting is reported immediately.
        var election = try settings.election(identity: identity, defaultNamespace: "default")
        let cluster = try KubernetesClientConfiguration.load(
            kubeconfig: settings.kubeconfig,
            context: settings.context
        )
        if settings.leaseNamespace == nil { election?.namespace = cluster.namespace }
        let process = try await OperatorProcess(
            OperatorProcess.Settings(
                cluster: cluster,
                platform: platform,
                namespaces: settings.namespaces,
                controllerNamespace: settings.controllerNamespace,
                workers: settings.workers,
                resyncPeriod: settings.resyncPeriod,
                election: election,
                metrics: settings.metricsAddress,
                health: settings.healthAddress,
                gracePeriod: settings.shutdownTimeout,
                handlesSignals: true,
                audit: AuditLog(
                    now: { MicroTimestamp(Date()).description },
                    write: { Console.standard.output("\($0)\n") }
                ),
                usage: settings.usage,
                identity: identity
            )
        )
        try await process.run()
    }
}

extension LogOptions {
    /// Sets up logging for the process.
    ///
    /// - Parameter standard: the level if neither option nor environment sets it.
    /// - Throws: `CommandFailure` naming the level that cannot be read.
    func bootstrap(_ environment: EnvironmentReader, standard: Logger.Level) throws {
        try bootstrap(environment, standard: standard, metadataProvider: ReconcileContext.metadataProvider)
    }
}
