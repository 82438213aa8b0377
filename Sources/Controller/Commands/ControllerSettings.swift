import ArgumentParser
import ControllerRuntime
import Reconcilers
import Reconcilers

/// How a controller runs, after flags, environment and defaults were put together: a flag wins over the environment.
struct ControllerSettings: Sendable {
    /// The path of the kubeconfig, where one was named.
    var kubeconfig: String?
    /// The kubeconfig's context, where one was named.
    var context: String?
    /// The namespaces to look after; empty for all.
    var namespaces: [String]
    /// The namespace that the controller itself runs in.
    var controllerNamespace: String
    /// How many servers are looked at side by side.
    var workers: Int
    /// How often every object is looked at; zero for never.
    var resyncPeriod: Duration
    /// Whether a Lease decides who writes.
    var isLeaderElectionEnabled: Bool
    /// The Lease's namespace, where one was named.
    var leaseNamespace: String?
    /// The Lease's name.
    var leaseName: String
    /// For how long others leave a Lease alone that is not renewed.
    var leaseDuration: Duration
    /// For how long the leader tries to renew before it gives up.
    var renewDeadline: Duration
    /// How long between two attempts.
    var retryPeriod: Duration
    /// Where metrics are served.
    var metricsAddress: BindAddress
    /// Where probes are answered.
    var healthAddress: BindAddress
    /// How long a graceful end may take.
    var shutdownTimeout: Duration

    /// - Throws: `CommandFailure` naming the setting that is wrong.
    init(_ command: ControllerCommand, environment: EnvironmentReader) throws {
        kubeconfig = command.cluster.kubeconfig
        context = command.cluster.context
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
        shutdownTimeout =
            try command.shutdownTimeout?.duration ?? environment.duration("MOORAGE_SHUTDOWN_TIMEOUT") ?? .seconds(25)
    }

    /// The election, or `nil` where none is held.
    ///
    /// - Throws: `LeaderElectionConfigurationError` where the durations contradict each other.
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

    /// The settings that a command line gives.
    ///
    /// - Throws: the parser's own error, and `CommandFailure` naming the setting that is wrong.
    static func parse(_ arguments: [String], environment: EnvironmentReader) throws -> ControllerSettings {
        guard let command = try ControllerCommand.parseAsRoot(arguments) as? ControllerCommand else {
            throw CommandFailure("\(arguments.joined(separator: " ")): not the controller's command line")
        }
        return try ControllerSettings(command, environment: environment)
    }

    private static func address(_ name: String, _ environment: EnvironmentReader) throws -> BindAddress? {
        guard let text = environment.text(name) else { return nil }
        guard let address = BindAddress(argument: text) else {
            throw CommandFailure(
                "environment variable \(name): \"\(text)\" is no address such as :8080, 127.0.0.1:8080 or 0"
            )
        }
        return address
    }
}
