import ArgumentParser
import CommandSupport
import ControllerRuntime
import FoundationEssentials
import Gateway
import KubernetesClient
import Logging
import MCPProtocol
import MCPTransport
import Observability
import Policy
import ServiceLifecycle
import UnixSignals

/// `moorage gateway`.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serve many MCP servers behind one address.",
        discussion: """
            In a cluster, the gateway serves the MCPServers of the cluster: each at /NAMESPACE/NAME/mcp, and all of a \
            namespace joined at /NAMESPACE/mcp, where names of tools begin with the name of their server. It connects to \
            pods by their addresses, so it runs in the cluster. Who may call, and how often, is in the platform's settings \
            (gateway) and in the tenants. Without gateway.authentication in the settings, every call is refused.

            With --mcp-servers, the gateway needs no cluster. It serves the servers of a file that clients of MCP use \
            already: all of them joined at /mcp, and each at /NAME/mcp. Servers with a command run as processes. In the file, \
            ${NAME} is replaced by an environment variable, and ${NAME:-text} by the text if it is not set. There is no \
            authentication in this mode, so the gateway listens on loopback addresses only.

            With --manifests, the gateway serves Moorage's own manifests without a cluster: MCPServers with remote, at the same paths as \
            in a cluster, with the Secrets, ConfigMaps, MCPTenants and MCPServerRevisions of the files. A change of the files is in force \
            within seconds. A server with revisions publishes what they approve; one without publishes what it offers, unless a \
            review policy is set. There is no authentication in this mode either, and access rules and limits do not apply.

            Clients and servers can speak any protocol version: the gateway translates between them. /health reports how \
            many servers are reachable. SIGTERM stops it: requests in flight are answered, and then the processes end.

            Examples:
              moorage gateway --config /etc/moorage/config.yaml
              moorage gateway --mcp-servers servers.json --bind-address 127.0.0.1:8080
              moorage gateway --manifests manifests/
            """
    )

    @Option(
        help: ArgumentHelp(
            "Serve the servers of this file, an object mcpServers, instead of those of a cluster.",
            valueName: "file"
        )
    )
    var mcpServers: String?

    @Option(
        help: ArgumentHelp(
            "Serve the MCPServers of this file or directory instead of those of a cluster; can be repeated.",
            valueName: "path"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var manifests: [String] = []

    @OptionGroup
    var platform: PlatformOptions

    @OptionGroup
    var cluster: GatewayClusterOptions

    @Option(
        name: [.customLong("bind-address"), .customLong("bind")],
        help: ArgumentHelp(
            "The address to listen on. (default: :8080; with --mcp-servers or --manifests, 127.0.0.1:8080)",
            valueName: "address"
        )
    )
    var bindAddress: BindAddress?

    @Option(help: ArgumentHelp("How long a server may take to answer a request.", valueName: "duration"))
    var requestTimeout = DurationArgument(.seconds(120))

    @Option(help: ArgumentHelp("How long the gateway may take to stop after SIGTERM.", valueName: "duration"))
    var shutdownTimeout = DurationArgument(.seconds(25))

    @Option(
        help: ArgumentHelp(
            "The address that serves /metrics; 0 disables it. (default: :9090; with --mcp-servers or --manifests, 0)",
            valueName: "address"
        )
    )
    var metricsBindAddress: BindAddress?

    @OptionGroup(title: "Log options")
    var log: LogOptions

    func validate() throws {
        let address = boundAddress
        guard address.port != nil else { throw ValidationError("--bind-address needs a port.") }
        for (name, value) in [("request-timeout", requestTimeout), ("shutdown-timeout", shutdownTimeout)]
        where value.duration < .seconds(1) {
            throw ValidationError("--\(name) must be at least 1s.")
        }
        guard let mode = localMode else { return }
        guard mcpServers == nil || manifests.isEmpty else {
            throw ValidationError("--mcp-servers and --manifests are mutually exclusive: omit one of them.")
        }
        let host = address.host
        guard host == "localhost" || host == "::1" || host.hasPrefix("127.") else {
            throw ValidationError(
                """
                --bind-address must be a loopback address, such as 127.0.0.1:8080, and is \(address): with \
                \(mode) there is no authentication, and anybody who can reach the gateway can use its servers \
                and their credentials.
                """
            )
        }
        let config = mcpServers == nil ? nil : platform.configurationFile.map { _ in "--config" }
        if let option = ([config] + cluster.given).compactMap({ $0 }).first {
            throw ValidationError("\(option) has no effect with \(mode): omit one of them.")
        }
    }

    /// The option that serves files, if there is one.
    private var localMode: String? { mcpServers != nil ? "--mcp-servers" : manifests.isEmpty ? nil : "--manifests" }

    private var boundAddress: BindAddress {
        bindAddress ?? BindAddress(host: localMode == nil ? "0.0.0.0" : "127.0.0.1", port: 8080)
    }

    func run() async throws {
        let environment = EnvironmentReader.process
        try log.bootstrap(environment, standard: .info)
        var options = GatewayOptions()
        options.version = MoorageVersion.current.version
        options.upstream.requestTime = requestTimeout.duration
        // Processes may need two steps to end, and connections five seconds.
        options.server.shutdownGracePeriod = max(.seconds(1), shutdownTimeout.duration - .seconds(9))
        if let mcpServers {
            try await serveFile(mcpServers, options)
        } else if !manifests.isEmpty {
            try await serveManifests(options, environment)
        } else {
            try await serveCluster(options, environment)
        }
    }

    private func serveCluster(_ options: GatewayOptions, _ environment: EnvironmentReader) async throws {
        let platform = try PlatformLoader.apply(
            environment,
            to: try platform.load(environment: environment) ?? PlatformConfiguration()
        )
        var options = options
        let sessionKeys = try cluster.sessionKeyFile.flatMap { try SessionKeyFiles.read($0) }
        if let sessionKeys { options.sessionKeys = sessionKeys }
        let named = cluster.namespaces.flatMap(EnvironmentReader.list)
        let namespaces = named.isEmpty ? environment.list("MOORAGE_NAMESPACES") ?? [] : named
        let process = try await GatewayProcess(
            GatewayProcess.Settings(
                cluster: try KubernetesClientConfiguration.load(
                    kubeconfig: cluster.source.kubeconfig,
                    context: cluster.source.context
                ),
                platform: platform,
                namespaces: namespaces,
                controllerNamespace: cluster.controllerNamespace ?? environment.text("POD_NAMESPACE")
                    ?? PlatformNamespaces.builtInControllerNamespace,
                address: boundAddress,
                metrics: metricsBindAddress ?? BindAddress(host: "0.0.0.0", port: 9090),
                health: cluster.healthProbeBindAddress ?? BindAddress(host: "0.0.0.0", port: 8081),
                publicURL: cluster.publicURL,
                podName: environment.text("POD_NAME") ?? ProcessInfo.processInfo.hostName,
                serviceName: cluster.serviceName,
                tls: cluster.tlsFiles,
                options: options,
                hasSharedSessionKeys: sessionKeys != nil,
                gracePeriod: shutdownTimeout.duration,
                handlesSignals: true
            )
        )
        try await process.run()
    }

    private func serveFile(_ path: String, _ options: GatewayOptions) async throws {
        let logger = Logger(label: "gateway")
        let file = try readServers(path)
        for field in file.ignoredFields { logger.notice("a field has no effect", metadata: ["field": "\(field)"]) }
        if file.backends.isEmpty {
            throw CommandFailure("\(path): mcpServers lists no server that is enabled")
        }
        try await serve(file.routes, options, logger) { _ in [] }
    }

    private func serveManifests(_ options: GatewayOptions, _ environment: EnvironmentReader) async throws {
        let logger = Logger(label: "gateway")
        let platform = try platform.load(environment: environment)
        let sources = try ManifestSource.read(paths: manifests, recursive: false)
        let routes = try ManifestGateway.routes(of: sources, platform: platform)
        for diagnostic in routes.diagnostics {
            logger.notice("about the manifests", metadata: ["note": "\(diagnostic)"])
        }
        ManifestGateway.report(routes, to: logger)
        try await serve(routes.table, options, logger) { gateway in
            [
                ManifestGateway(
                    paths: manifests,
                    first: sources,
                    platform: platform,
                    gateway: gateway,
                    logger: logger
                )
            ]
        }
    }

    /// Serves routes on a loopback address, without authentication.
    ///
    /// - Parameter others: what runs besides.
    private func serve(
        _ routes: RouteTable,
        _ options: GatewayOptions,
        _ logger: Logger,
        others: (GatewayServer) -> [any Service]
    ) async throws {
        var settings = HTTPClientExchange.Options()
        settings.connectTimeout = options.upstream.connectTime
        let exchange = try HTTPClientExchange(settings)
        let metrics = MetricsRegistry()
        let address = boundAddress
        let gateway = GatewayServer(
            routes: routes,
            host: address.host,
            port: address.port ?? 0,
            options: options,
            exchange: exchange,
            now: { Int64(Date().timeIntervalSince1970) },
            logger: logger,
            metrics: metrics
        )
        var services: [any Service] = []
        if let address = metricsBindAddress, let port = address.port {
            services.append(HealthServer(host: address.host, port: port, content: .metrics, metrics: metrics))
        }
        services += others(gateway)
        services.append(gateway)
        var group = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "gateway")
        )
        group.maximumGracefulShutdownDuration = shutdownTimeout.duration
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            await exchange.shutdown()
            throw CommandFailure("the gateway has failed: \(error)", underlying: error)
        }
        await exchange.shutdown()
    }

    private func readServers(_ mcpServers: String) throws -> MCPServersFile {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(filePath: mcpServers)))
        } catch {
            throw CommandFailure("\(mcpServers): the file cannot be read: \(error)", underlying: error)
        }
        let environment = ProcessInfo.processInfo.environment
        do throws(MCPServersFileError) {
            return try MCPServersFile(parsing: bytes) { environment[$0] }
        } catch {
            throw CommandFailure("\(mcpServers): \(error)", underlying: error)
        }
    }
}

/// The cluster that a gateway serves.
struct GatewayClusterOptions: ParsableArguments {
    @OptionGroup var source: KubeconfigOptions

    @Option(
        help: ArgumentHelp(
            "Only serve these namespaces, separated by commas; can be repeated. [$MOORAGE_NAMESPACES]",
            valueName: "names"
        )
    )
    var namespaces: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The namespace of the controller, which contains no servers. [$POD_NAMESPACE] (default: moorage-system)
            """,
            valueName: "name"
        )
    )
    var controllerNamespace: String?

    @Option(
        help: ArgumentHelp(
            """
            The Service of the gateway, in the controller's namespace. Each of its ready pods enforces its share of limits that \
            are counted in each process. (default: none, and each gateway enforces whole limits)
            """,
            valueName: "name"
        )
    )
    var serviceName: String?

    @Option(
        help: ArgumentHelp(
            """
            A file with the key that sessions are sealed with, of at least 32 bytes, or a directory with such files: \
            current, and previous while the key is replaced. All gateways behind one address need the same. (default: a \
            random key, with which sessions end when the gateway does)
            """,
            valueName: "path"
        ),
        completion: .file()
    )
    var sessionKeyFile: String?

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp(
            """
            The address under which clients know the gateway, such as https://mcp.example.com: the beginning of the resources \
            that tokens are for. (default: that of each request)
            """,
            valueName: "url"
        )
    )
    var publicURL: String?

    @Option(
        help: ArgumentHelp(
            """
            A file with the certificate of the gateway's port in PEM, followed by those of intermediate authorities. With it, the port \
            serves HTTPS. It is read again when it changes. (default: none, and the port serves HTTP)
            """,
            valueName: "path"
        ),
        completion: .file()
    )
    var tlsCertificateFile: String?

    @Option(
        help: ArgumentHelp("A file with the private key of the certificate in PEM.", valueName: "path"),
        completion: .file()
    )
    var tlsKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "The address that serves /healthz and /readyz; 0 disables it. (default: :8081)",
            valueName: "address"
        )
    )
    var healthProbeBindAddress: BindAddress?

    func validate() throws {
        guard (tlsCertificateFile == nil) == (tlsKeyFile == nil) else {
            throw ValidationError("--tls-certificate-file and --tls-key-file need each other: set both, or none.")
        }
        guard let publicURL else { return }
        let parts = publicURL.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty, !parts[2].isEmpty,
            !publicURL.contains(where: { "?#@ ".contains($0) })
        else {
            throw ValidationError(
                "--public-url is \(publicURL), and must be a scheme and a host, such as https://mcp.example.com, without a path."
            )
        }
    }

    /// The files of the port's certificate.
    var tlsFiles: ServerCertificateFiles? {
        guard let tlsCertificateFile, let tlsKeyFile else { return nil }
        return ServerCertificateFiles(certificate: tlsCertificateFile, key: tlsKeyFile)
    }

    /// The options that are on the command line.
    var given: [String?] {
        [
            source.kubeconfig.map { _ in "--kubeconfig" }, source.context.map { _ in "--context" },
            namespaces.isEmpty ? nil : "--namespaces", controllerNamespace.map { _ in "--controller-namespace" },
            serviceName.map { _ in "--service-name" }, sessionKeyFile.map { _ in "--session-key-file" },
            publicURL.map { _ in "--public-url" },
            tlsCertificateFile.map { _ in "--tls-certificate-file" }, tlsKeyFile.map { _ in "--tls-key-file" },
            healthProbeBindAddress.map { _ in "--health-probe-bind-address" },
        ]
    }
}
