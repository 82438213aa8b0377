import CommandSupport
import ArgumentParser
import ControllerRuntime
import Reconcilers
import Reconcilers

/// The settings of a controller, from flags, environment and defaults: a flag takes precedence over the environment.
struct ControllerSettings: Sendable {
    /// The path of the kubeconfig, if one is set.
    var kubeconfig: String?
    /// The context of the kubeconfig, if one is set.
    var context: String?
    /// The namespaces to manage; empty for all.
    var namespaces: [String]
    /// The namespace that the controller runs in.
    var controllerNamespace: String
    /// How many servers are reconciled concurrently.
    var workers: Int
    /// How often every object is reconciled without a change; zero for never.
    var resyncPeriod: Duration
    /// Whether a Lease decides which controller writes.
    var isLeaderElectionEnabled: Bool
    /// The namespace of the Lease, if one is set.
    var leaseNamespace: String?
    /// The name of the Lease.
    var leaseName: String
    /// How long other controllers wait before they take a Lease that is not renewed.
    var leaseDuration: Duration
    /// How long the leader tries to renew the Lease before it gives up leadership.
    var renewDeadline: Duration
    /// The time between two attempts.
    var retryPeriod: Duration
    /// The address that serves metrics.
    var metricsAddress: BindAddress
    /// The address that serves probes.
    var healthAddress: BindAddress
    /// Where the gateways report the usage of tenants; `nil` if there are none.
    var usage: UsageReader.Source?
    /// The timeout of a graceful shutdown.
    var shutdownTimeout: Duration

    /// - Throws: `CommandFailure` naming the setting that is wrong.
    init(_ command: ControllerCommand, environment: EnvironmentReader) throws {
        kubeconfig = command.cluster.source.kubeconfig
        context = command.cluster.source.context
        let named = command.cluster.namespaces.flatMap(EnvironmentReader.list)
        namespaces = named.isEmpty ? environment.list("MOORAGE_NAMESPACES") ?? [] : named
        controllerNamespace =
            command.cluster.controllerNamespace ?? environment.text("POD_NAMESPACE")
            ?? OperatorOptions.defaultControllerNamespace
        workers = try command.workers ?? environment.integer("MOORAGE_WORKERS") ?? 8
        guard (1...1000).contains(workers) else {
            throw CommandFailure("workers: \(workers) is not between 1 and 1000")
        }
        resyncPeriod =
            try command.resyncPeriod?.duration ?? environment.duration("MOORAGE_RESYNC_PERIOD")
            ?? OperatorOptions.defaultResyncPeriod
        let election = command.leaderElection
        isLeaderElectionEnabled = try election.isEnabled ?? environment.boolean("MOORAGE_LEADER_ELECT") ?? true
        leaseNamespace = election.namespace ?? environment.text("MOORAGE_LEADER_ELECTION_NAMESPACE")
        leaseName = election.name ?? environment.text("MOORAGE_LEADER_ELECTION_ID") ?? "moorage-controller"
        leaseDuration =
            try election.leaseDuration?.duration ?? environment.duration("MOORAGE_LEADER_ELECTION_LEASE_DURATION")
            ?? .seconds(15)
        renewDeadline =
            try election.renewDeadline?.duration ?? environment.duration("MOORAGE_LEADER_ELECTION_RENEW_DEADLINE")
            ?? .seconds(10)
        retryPeriod =
            try election.retryPeriod?.duration ?? environment.duration("MOORAGE_LEADER_ELECTION_RETRY_PERIOD")
            ?? .seconds(2)
        metricsAddress =
            try command.metricsBindAddress ?? ControllerSettings.address("MOORAGE_METRICS_BIND_ADDRESS", environment)
            ?? BindAddress(host: "0.0.0.0", port: 8080)
        healthAddress =
            try command.healthProbeBindAddress
            ?? ControllerSettings.address("MOORAGE_HEALTH_PROBE_BIND_ADDRESS", environment)
            ?? BindAddress(host: "0.0.0.0", port: 8081)
        let usageAddress =
            try command.gatewayUsageAddress
            ?? ControllerSettings.address("MOORAGE_GATEWAY_USAGE_ADDRESS", environment)
        if let usageAddress, let port = usageAddress.port {
            guard usageAddress.host != "0.0.0.0", port > 0 else {
                throw CommandFailure(
                    """
                    gateway-usage-address: \(usageAddress) must have a host and a port, such as \
                    moorage-gateway-usage.moorage-system.svc:8081
                    """
                )
            }
            usage = .service(host: usageAddress.host, port: port)
        }
        shutdownTimeout =
            try command.shutdownTimeout?.duration ?? environment.duration("MOORAGE_SHUTDOWN_TIMEOUT") ?? .seconds(25)
    }

    /// The election, or `nil` if there is none.
    ///
    /// - Throws: `LeaderElectionConfigurationError` if the durations contradict each other.
    func election(identity: String, defaultNamespace: String) throws -> LeaderElectionConfiguration? {
        guard isLeaderElectionEnabled else { return nil }
        return try LeaderElectionConfiguration(
            identity: identity,
            name: leaseName,
            namespace: leaseNamespace ?? defaultNamespace,
            leaseDuration: leaseDuration,
            renewDeadline: renewDeadline,
            retryPeriod: retryPeriod
        )
    }

    /// The settings of a command line.
    ///
    /// - Throws: the parser's own error, and `CommandFailure` naming the setting that is wrong.
    static func parse(_ arguments: [String], environment: EnvironmentReader) throws -> ControllerSettings {
        guard let command = try ControllerCommand.parseAsRoot(arguments) as? ControllerCommand else {
            throw CommandFailure("\(arguments.joined(separator: " ")): not a command line of the controller")
        }
        return try ControllerSettings(command, environment: environment)
    }

    private static func address(_ name: String, _ environment: EnvironmentReader) throws -> BindAddress? {
        guard let text = environment.text(name) else { return nil }
        guard let address = BindAddress(argument: text) else {
            throw CommandFailure(
                "environment variable \(name): \"\(text)\" is not a valid address such as :8080, 127.0.0.1:8080 or 0"
            )
        }
        return address
    }
}
