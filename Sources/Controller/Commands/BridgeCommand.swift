import AdapterCommand
import ArgumentParser
import CommandSupport
import KubernetesClient
import Logging
import MCPProtocol
import MCPTransport
import Observability
import ServiceLifecycle
import TelemetryBridge
import UnixSignals

/// `moorage bridge`.
struct BridgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: "Serve the telemetry of a cluster over MCP: objects, events, logs, metrics and alerts.",
        discussion: """
            An MCP server with which a model reads the state of a cluster, its events and logs, and the data of Prometheus, Loki and \
            Alertmanager. It only reads, and never reads Secrets. A tool whose program is not configured says so; the others work.

            Over HTTP it serves all protocol versions at /mcp, and answers probes at /healthz. With --stdio it serves one client on \
            standard input and output, such as a desktop client on a laptop with a kubeconfig.

            Saved queries are files NAME.promql and NAME.logql in the folder of --queries. They become resources.

            Examples:
              moorage bridge --stdio
              moorage bridge --bind-address 127.0.0.1:8080 --prometheus-url http://127.0.0.1:9090
            """
    )

    @Flag(help: "Serve one client on standard input and output instead of HTTP.")
    var stdio = false

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var bindAddress = BindAddress(host: "127.0.0.1", port: 8080)

    @OptionGroup
    var source: KubeconfigOptions

    @OptionGroup
    var backends: BackendOptions

    @Option(help: ArgumentHelp("A folder with saved queries.", valueName: "folder"), completion: .directory)
    var queries: String?

    @Option(help: ArgumentHelp("The address that serves /metrics; 0 disables it.", valueName: "address"))
    var metricsBindAddress = BindAddress(host: "", port: nil)

    @Option(help: ArgumentHelp("How long the bridge may take to stop after SIGTERM.", valueName: "duration"))
    var shutdownTimeout = DurationArgument(.seconds(25))

    @OptionGroup(title: "Log options")
    var log: LogOptions

    func validate() throws {
        guard stdio || bindAddress.port != nil else {
            throw ValidationError("--bind-address needs a port, or set --stdio.")
        }
        guard !stdio || metricsBindAddress.port == nil else {
            throw ValidationError("--metrics-bind-address is for HTTP: leave it out with --stdio.")
        }
        _ = try backends.endpoints()
    }

    func run() async throws {
        // Standard output belongs to the protocol.
        try log.bootstrap(EnvironmentReader.process, standard: stdio ? .error : .info)
        try await source.withClient(logger: Logger(label: "client")) { client, _ in try await serve(client) }
    }

    private func serve(_ client: KubernetesClient) async throws {
        let endpoints = try backends.endpoints()
        let settings = TelemetryBridgeSettings(
            version: MoorageVersion.current.version,
            prometheus: endpoints.prometheus,
            loki: endpoints.loki,
            alertmanager: endpoints.alertmanager,
            queriesFolder: queries
        )
        let bridge: TelemetryBridge
        do {
            bridge = try TelemetryBridge(settings, client: client, logger: Logger(label: "bridge"))
        } catch let error as BridgeConfigurationError {
            throw CommandFailure("\(error)", underlying: error)
        }
        var group = ServiceGroupConfiguration(
            services: services(bridge).map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "bridge")
        )
        group.maximumGracefulShutdownDuration = shutdownTimeout.duration
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            throw CommandFailure("the bridge has failed: \(error)", underlying: error)
        }
    }

    private func services(_ bridge: TelemetryBridge) -> [any Service] {
        if stdio { return [bridge, StdioServer(handler: bridge.handler, logger: Logger(label: "stdio"))] }
        let metrics = MetricsRegistry()
        ProcessMetrics.register(in: metrics)
        var http = StreamableHTTPConfiguration()
        // Connections take some seconds to close.
        http.limits.shutdownGracePeriod = max(.seconds(1), shutdownTimeout.duration - .seconds(6))
        var services: [any Service] = [bridge]
        if let port = metricsBindAddress.port {
            services.append(
                MetricsServer(
                    host: metricsBindAddress.host,
                    port: port,
                    metrics: metrics,
                    logger: Logger(label: "metrics")
                )
            )
        }
        services.append(
            StreamableHTTPServer(
                handler: bridge.handler,
                host: bindAddress.host,
                port: bindAddress.port ?? 0,
                plainPaths: ["/healthz": { PlainAnswer(status: 200, text: "ok") }],
                configuration: http,
                logger: Logger(label: "http"),
                metrics: metrics
            )
        )
        return services
    }
}

/// Where Prometheus, Loki and Alertmanager are.
struct BackendOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The address of Prometheus.", valueName: "url"))
    var prometheusURL: String?

    @Option(help: ArgumentHelp("A file with a bearer token for Prometheus.", valueName: "file"), completion: .file())
    var prometheusTokenFile: String?

    @Option(help: ArgumentHelp("The address of Loki.", valueName: "url"))
    var lokiURL: String?

    @Option(help: ArgumentHelp("A file with a bearer token for Loki.", valueName: "file"), completion: .file())
    var lokiTokenFile: String?

    @Option(help: ArgumentHelp("The tenant of Loki, as in X-Scope-OrgID.", valueName: "name"))
    var lokiTenant: String?

    @Option(
        help: ArgumentHelp(
            "The address of Alertmanager. Without it, alerts are read from Prometheus.",
            valueName: "url"
        )
    )
    var alertmanagerURL: String?

    @Option(help: ArgumentHelp("A file with a bearer token for Alertmanager.", valueName: "file"), completion: .file())
    var alertmanagerTokenFile: String?

    @Option(
        help: ArgumentHelp(
            "A file with the authorities, in PEM, that certificates of these programs are checked with.",
            valueName: "file"
        ),
        completion: .file()
    )
    var backendCAFile: String?

    /// - Throws: `ValidationError`, which names the option.
    func endpoints() throws -> (prometheus: BackendEndpoint?, loki: BackendEndpoint?, alertmanager: BackendEndpoint?) {
        (
            try endpoint("prometheus", prometheusURL, prometheusTokenFile),
            try endpoint("loki", lokiURL, lokiTokenFile, tenant: lokiTenant),
            try endpoint("alertmanager", alertmanagerURL, alertmanagerTokenFile)
        )
    }

    private func endpoint(
        _ name: String,
        _ text: String?,
        _ tokenFile: String?,
        tenant: String? = nil
    ) throws -> BackendEndpoint? {
        guard let text else {
            guard tokenFile == nil, tenant == nil else { throw ValidationError("Set --\(name)-url as well.") }
            return nil
        }
        do {
            return BackendEndpoint(
                url: try RemoteURL(text),
                tokenFile: tokenFile,
                authorityFile: backendCAFile,
                tenant: tenant
            )
        } catch {
            throw ValidationError("--\(name)-url \(text): \(error)")
        }
    }
}
