import CommandSupport
import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import Observability
import Policy
import Reconcilers
import ServiceLifecycle

/// The operator and its environment: connections, election, events, health and metrics, in the order in which they must
/// start and stop.
struct OperatorProcess: Service {
    /// The settings.
    struct Settings: Sendable {
        /// The API server.
        var cluster: KubernetesClientConfiguration
        /// The platform's settings.
        var platform: PlatformConfiguration
        /// The namespaces to manage; empty for all.
        var namespaces: [String] = []
        /// The namespace that the controller runs in.
        var controllerNamespace = OperatorOptions.defaultControllerNamespace
        /// How many servers are reconciled concurrently.
        var workers = OperatorOptions.defaultWorkers
        /// How often every object is reconciled without a change; zero for never.
        var resyncPeriod = OperatorOptions.defaultResyncPeriod
        /// The leader election; `nil` if no other controller runs.
        var election: LeaderElectionConfiguration?
        /// The address that serves metrics; no port disables it.
        var metrics = BindAddress(host: "", port: nil)
        /// The address that serves probes; no port disables it.
        var health = BindAddress(host: "", port: nil)
        /// The timeout of a graceful shutdown.
        var gracePeriod: Duration = .seconds(25)
        /// Whether SIGTERM and SIGINT start a graceful shutdown.
        var handlesSignals = false
        /// Where quota violations are reported.
        var audit: AuditLog?
        /// Where the gateways report the usage of tenants; `nil` if there are none.
        var usage: UsageReader.Source?
        /// The identity of this process in Events and in the Lease.
        var identity = OperatorProcess.identity()
    }

    private let manager: Manager
    private let transports: [HTTPTransport]

    /// Connects, discovers which kinds the API server serves, and creates all parts.
    ///
    /// - Throws: an error if the API server does not respond.
    init(_ settings: Settings) async throws {
        let metrics = MetricsRegistry()
        ProcessMetrics.register(in: metrics)
        let transport = try HTTPTransport(settings.cluster, logger: Logger(label: "client"))
        var transports = [transport]
        do {
            let client = KubernetesClient(
                transport: transport,
                observer: ClientMetrics(registry: metrics),
                logger: Logger(label: "client")
            )
            var elector: LeaderElector?
            if let election = settings.election {
                // The election has its own connection, because the Lease must be renewed in time even if other
                // connections are busy.
                let own = try HTTPTransport(settings.cluster, logger: Logger(label: "client.election"))
                transports.append(own)
                elector = LeaderElector(
                    configuration: election,
                    lease: LeaseAccess(
                        client: KubernetesClient(transport: own, logger: Logger(label: "client.election")),
                        namespace: election.namespace,
                        name: election.name
                    ),
                    metrics: metrics
                )
            }
            var options = OperatorOptions(
                namespaces: settings.namespaces.isEmpty ? nil : settings.namespaces,
                controllerNamespace: settings.controllerNamespace,
                workers: settings.workers,
                resyncPeriod: settings.resyncPeriod,
                identity: settings.identity,
                audit: settings.audit,
                // A pod with a kubeconfig for another cluster reaches no pods there.
                isInCluster: (try? KubernetesClientConfiguration.inCluster())?.server == settings.cluster.server,
                environment: ProcessInfo.processInfo.environment,
                usage: settings.usage
            )
            options.trustedRoots = try TrustedRootFiles.read(settings.platform)
            options.networkProbe = settings.platform.networkCheck.map { check in
                ClusterNetworkProbe(
                    client: client,
                    namespaces: check.namespaces,
                    image: check.image ?? PlatformConfiguration.chartImage
                )
            }
            let moorage = try await MoorageOperator(
                client: client,
                platform: settings.platform,
                options: options,
                gate: elector?.gate,
                metrics: metrics
            )
            manager = Manager(
                servers: OperatorProcess.servers(settings, moorage, elector: elector, metrics: metrics),
                background: [moorage.recorder, moorage.listener, moorage.resync]
                    + (moorage.usageReader.map { [$0] } ?? []) + (moorage.networkCheck.map { [$0] } ?? []),
                caches: moorage.caches,
                elector: elector,
                controllers: moorage.controllers,
                gracePeriod: settings.gracePeriod,
                handlesSignals: settings.handlesSignals
            )
        } catch {
            for transport in transports { try? await transport.shutdown() }
            throw error
        }
        self.transports = transports
    }

    /// Runs until it is stopped, or until something fails.
    func run() async throws {
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await manager.run())
        } catch {
            outcome = .failure(error)
        }
        for transport in transports { try? await transport.shutdown() }
        try outcome.get()
    }

    /// The servers of health and metrics: one server if both have the same address.
    private static func servers(
        _ settings: Settings,
        _ moorage: MoorageOperator,
        elector: LeaderElector?,
        metrics: MetricsRegistry
    ) -> [any Service] {
        var contents: [(address: BindAddress, content: HealthServer.Content)] = []
        for (address, content) in [(settings.metrics, HealthServer.Content.metrics), (settings.health, .health)]
        where address.port != nil {
            if let index = contents.firstIndex(where: { $0.address == address }) {
                contents[index].content.formUnion(content)
            } else {
                contents.append((address, content))
            }
        }
        return contents.compactMap { address, content in
            address.port.map { port in
                HealthServer(
                    host: address.host,
                    port: port,
                    content: content,
                    liveness: ManagerHealth.liveness(
                        caches: moorage.caches,
                        controllers: moorage.controllers,
                        elector: elector
                    ),
                    readiness: ManagerHealth.readiness(
                        caches: moorage.caches,
                        controllers: moorage.controllers,
                        elector: elector
                    ),
                    metrics: metrics
                )
            }
        }
    }

    /// A unique name: the host name and a random suffix, like client-go.
    static func identity() -> String {
        "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())"
    }
}
