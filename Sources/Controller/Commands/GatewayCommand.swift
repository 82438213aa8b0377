public import ArgumentParser
import CommandSupport
import ControllerRuntime
import FoundationEssentials
import Gateway
import Logging
import MCPProtocol
import MCPTransport
import Observability
import ServiceLifecycle
import UnixSignals

/// `moorage gateway`.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serve many MCP servers behind one address.",
        discussion: """
            With --mcp-servers, the gateway serves the servers of a file that clients of MCP use already: all of them joined \
            at /mcp, where names of tools begin with the name of their server, and each at /NAME/mcp. Servers with a \
            command run as processes. Clients and servers can speak any protocol version: the gateway translates between \
            them. /health reports how many servers are reachable.

            In the file, ${NAME} is replaced by an environment variable, and ${NAME:-text} by the text if it is not set.

            There is no authentication in this mode, so the gateway listens on loopback addresses only.

            SIGTERM stops it: requests in flight are answered, and then the processes end.

            Example:
              moorage gateway --mcp-servers servers.json --bind-address 127.0.0.1:8080
            """
    )

    @Option(help: ArgumentHelp("The file with the servers: an object mcpServers.", valueName: "file"))
    var mcpServers: String

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var bindAddress = BindAddress(host: "127.0.0.1", port: 8080)

    @Option(help: ArgumentHelp("How long a server may take to answer a request.", valueName: "duration"))
    var requestTimeout = DurationArgument(.seconds(120))

    @Option(help: ArgumentHelp("How long the gateway may take to stop after SIGTERM.", valueName: "duration"))
    var shutdownTimeout = DurationArgument(.seconds(25))

    @Option(help: ArgumentHelp("The address that serves /metrics; 0 disables it.", valueName: "address"))
    var metricsBindAddress = BindAddress(host: "", port: nil)

    @OptionGroup(title: "Log options")
    var log: LogOptions

    func validate() throws {
        guard bindAddress.port != nil else { throw ValidationError("--bind-address needs a port.") }
        let host = bindAddress.host
        guard host == "localhost" || host == "::1" || host.hasPrefix("127.") else {
            throw ValidationError(
                """
                --bind-address must be a loopback address, such as 127.0.0.1:8080, and is \(bindAddress): with \
                --mcp-servers there is no authentication, and anybody who can reach the gateway can use its servers \
                and their credentials.
                """
            )
        }
        for (name, value) in [("request-timeout", requestTimeout), ("shutdown-timeout", shutdownTimeout)]
        where value.duration < .seconds(1) {
            throw ValidationError("--\(name) must be at least 1s.")
        }
    }

    func run() async throws {
        try log.bootstrap(EnvironmentReader.process, standard: .info)
        let logger = Logger(label: "gateway")
        let file = try readServers()
        for field in file.ignoredFields { logger.notice("a field has no effect", metadata: ["field": "\(field)"]) }
        if file.backends.isEmpty {
            throw CommandFailure("\(mcpServers): mcpServers lists no server that is enabled")
        }
        var options = GatewayOptions()
        options.version = MoorageVersion.current.version
        options.upstream.requestTime = requestTimeout.duration
        // Processes may need two steps to end, and connections five seconds.
        options.server.shutdownGracePeriod = max(.seconds(1), shutdownTimeout.duration - .seconds(9))
        var settings = HTTPClientExchange.Options()
        settings.connectTimeout = options.upstream.connectTime
        let exchange = try HTTPClientExchange(settings)
        let metrics = MetricsRegistry()
        let gateway = GatewayServer(
            routes: file.routes,
            host: bindAddress.host,
            port: bindAddress.port ?? 0,
            options: options,
            exchange: exchange,
            now: { Int64(Date().timeIntervalSince1970) },
            logger: logger,
            metrics: metrics
        )
        var services: [any Service] = []
        if let port = metricsBindAddress.port {
            services.append(
                HealthServer(host: metricsBindAddress.host, port: port, content: .metrics, metrics: metrics)
            )
        }
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

    private func readServers() throws -> MCPServersFile {
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
