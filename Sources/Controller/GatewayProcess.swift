import CommandSupport
import ControllerRuntime
import FoundationEssentials
import Gateway
import KubernetesAPI
import KubernetesClient
import Logging
import MCPTransport
import Observability
import Policy
import ServiceLifecycle
import UnixSignals

/// The gateway of a cluster and its environment: connections, health and metrics.
struct GatewayProcess: Service {
    /// The settings.
    struct Settings: Sendable {
        /// The API server.
        var cluster: KubernetesClientConfiguration
        /// The platform's settings.
        var platform: PlatformConfiguration
        /// The namespaces to serve; empty for all.
        var namespaces: [String] = []
        /// The namespace of the controller.
        var controllerNamespace = PlatformNamespaces.builtInControllerNamespace
        /// The address that serves MCP.
        var address: BindAddress
        /// The address that serves metrics; no port disables it.
        var metrics = BindAddress(host: "", port: nil)
        /// The address that serves probes; no port disables it.
        var health = BindAddress(host: "", port: nil)
        /// The address under which clients know the gateway, such as `https://mcp.example.com`.
        var publicURL: String?
        /// The name of this process's pod.
        var podName = "gateway"
        /// The Service of this process's pod, in the controller's namespace; `nil` if there are no other gateways.
        var serviceName: String?
        /// The files of the port's certificate; `nil` for HTTP without TLS.
        var tls: ServerCertificateFiles?
        /// How the gateway serves.
        var options = GatewayOptions()
        /// Whether other gateways have the same keys for sessions.
        var hasSharedSessionKeys = false
        /// The timeout of a graceful shutdown.
        var gracePeriod: Duration = .seconds(25)
        /// Whether SIGTERM and SIGINT start a graceful shutdown.
        var handlesSignals = false
        /// The clock whose minutes the tool calls of tenants are counted by.
        var usageClock = RuntimeClock.system
        /// How pods are reached, by their UIDs; `nil` for their addresses.
        var pods: (any HTTPExchange)?
    }

    /// The server, for its port.
    let server: GatewayServer
    /// What keeps its routes up to date.
    let routes: ClusterRoutes
    private let settings: Settings
    private let parts: GatewayParts
    private let metrics: MetricsRegistry
    private let replicas: ReplicaCount?
    private let transport: HTTPTransport
    /// How pods are reached by their addresses.
    private let exchange: HTTPClientExchange?

    /// Creates all parts, without a request to the API server.
    ///
    /// - Throws: `CommandFailure` if the settings cannot be used.
    init(_ settings: Settings) async throws {
        var settings = settings
        try settings.applyPlatform()
        let logger = Logger(label: "gateway")
        let metrics = MetricsRegistry()
        ProcessMetrics.register(in: metrics)
        self.metrics = metrics
        self.settings = settings
        let transport = try HTTPTransport(settings.cluster, logger: Logger(label: "client"))
        self.transport = transport
        do {
            let client = KubernetesClient(
                transport: transport,
                observer: ClientMetrics(registry: metrics),
                logger: Logger(label: "client")
            )
            var options = ClusterRoutes.Options(
                namespaces: settings.namespaces.isEmpty ? nil : settings.namespaces,
                controllerNamespace: settings.controllerNamespace
            )
            if settings.pods != nil { options.podHost = { uid, _ in uid } }
            let routes = ClusterRoutes(
                client: client,
                platform: settings.platform,
                options: options,
                metrics: metrics,
                logger: Logger(label: "gateway.routes")
            )
            self.routes = routes
            let parts = try GatewayParts(
                settings.platform.gateway,
                publicURL: settings.publicURL,
                client: client,
                tenant: { routes.tenant(of: $0) },
                podName: settings.podName,
                usageClock: settings.usageClock,
                registry: metrics
            )
            self.parts = parts
            replicas = settings.serviceName.map { service in
                ReplicaCount(
                    client: client,
                    service: service,
                    namespace: settings.controllerNamespace,
                    logger: Logger(label: "gateway.replicas")
                ) { parts.setReplicas($0) }
            }
            if let pods = settings.pods {
                exchange = nil
                server = Self.server(settings, pods: pods, parts.shield, logger, metrics)
            } else {
                let pods = try Self.podExchange(settings.options)
                exchange = pods
                server = Self.server(settings, pods: pods, parts.shield, logger, metrics)
            }
        } catch {
            try? await transport.shutdown()
            throw error
        }
        routes.onChange { [server] in server.update($0) }
        routes.onRuleChange { [parts] in parts.record($0) }
    }

    private static func server(
        _ settings: Settings,
        pods exchange: any HTTPExchange,
        _ shield: GatewayGuard,
        _ logger: Logger,
        _ metrics: MetricsRegistry
    ) -> GatewayServer {
        GatewayServer(
            routes: RouteTable(),
            host: settings.address.host,
            port: settings.address.port ?? 0,
            options: settings.options,
            shield: shield,
            exchange: exchange,
            now: { Int64(Date().timeIntervalSince1970) },
            logger: logger,
            metrics: metrics
        )
    }

    /// Reaches pods by their addresses. Their certificates are not made for their addresses, so TLS to them is not authenticated; who can
    /// answer for a pod is what the network and the API server say.
    private static func podExchange(_ options: GatewayOptions) throws -> HTTPClientExchange {
        var settings = HTTPClientExchange.Options()
        settings.connectTimeout = options.upstream.connectTime
        settings.trust = .insecureAny
        settings.maximumRedirects = 0
        return try HTTPClientExchange(settings)
    }

    /// Runs until it is stopped, or until something fails.
    func run() async throws {
        if !settings.hasSharedSessionKeys {
            Logger(label: "gateway").warning(
                """
                sessions end when this process does, and other gateways cannot continue them: set --session-key-file
                """
            )
        }
        var services: [any Service] = healthServers
        services += parts.services
        if let replicas { services.append(replicas) }
        services += [routes, server]
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup
                )
            },
            gracefulShutdownSignals: settings.handlesSignals ? [.sigterm, .sigint] : [],
            logger: Logger(label: "gateway")
        )
        group.maximumGracefulShutdownDuration = settings.gracePeriod
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await ServiceGroup(configuration: group).run())
        } catch {
            outcome = .failure(CommandFailure("the gateway has failed: \(error)", underlying: error))
        }
        await exchange?.shutdown()
        try? await transport.shutdown()
        try outcome.get()
    }

    /// The tool calls of tenants in the last whole minute.
    var toolCalls: ToolCallReport { parts.tally.report }

    /// The tool calls of tenants, which the operator reads. Beside what the metrics have, it has digests of clients.
    private var usage: HealthServer.Document {
        HealthServer.Document(path: ToolCallReport.path, type: "application/json") { [tally = parts.tally] in
            guard let report = try? JSONValue(encoding: tally.report) else { return "{}" }
            return String(decoding: report.serialized(), as: UTF8.self)
        }
    }

    /// One server for each address: probes and metrics can have the same.
    private var healthServers: [HealthServer] {
        func server(_ address: BindAddress, _ content: HealthServer.Content) -> HealthServer? {
            address.port.map { port in
                HealthServer(
                    host: address.host,
                    port: port,
                    content: content,
                    liveness: routes.liveness,
                    readiness: routes.readiness,
                    metrics: metrics,
                    documents: [usage]
                )
            }
        }
        if settings.metrics.port != nil, settings.metrics == settings.health {
            return [server(settings.health, [.health, .metrics])].compactMap { $0 }
        }
        return [server(settings.health, .health), server(settings.metrics, .metrics)].compactMap { $0 }
    }
}

extension GatewayProcess.Settings {
    /// Takes what the platform's settings say about the port: its certificate and its names.
    ///
    /// - Throws: `CommandFailure` if the settings cannot be used.
    mutating func applyPlatform() throws {
        let clients = platform.gateway?.authentication?.clientCertificates
        do throws(SettingsError) {
            options.hostnames = try HostPatterns(platform.gateway?.hostnames)
        } catch {
            throw CommandFailure("the platform's settings: \(error)", underlying: error)
        }
        guard var tls else {
            guard clients == nil else {
                throw CommandFailure(
                    """
                    the platform's settings: gateway.authentication.clientCertificates needs TLS at the gateway's own port: set \
                    --tls-certificate-file and --tls-key-file, or remove clientCertificates
                    """
                )
            }
            return
        }
        tls.clientAuthorities = clients?.authoritiesFile
        tls.requiresClientCertificate = clients?.required ?? false
        do throws(ServerCertificateError) {
            options.certificates = try ServerCertificates(tls, logger: Logger(label: "gateway.tls"))
        } catch {
            throw CommandFailure("\(error)", underlying: error)
        }
    }
}
