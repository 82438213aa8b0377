public import ArgumentParser
import CommandSupport
import Logging
import MCPProtocol
public import MCPTransport
import Observability
import ServiceLifecycle
import UnixSignals

/// `moorage adapt`, which is also in a program of its own, `moorage-adapter`: that is small enough to be in each pod.
package struct AdaptCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "adapt",
        abstract: "Serve a command that speaks MCP on its standard input and output over HTTP.",
        discussion: """
            Serves Streamable HTTP of all protocol versions on one path, and runs the command after --, without a shell. \
            What it writes to standard error goes to the log. /healthz answers 200 once the command has shown that it speaks \
            MCP, and /livez as long as the adapter runs.

            With --processes PerSession, each session has a process of its own; clients of 2026-07-28, which has no \
            sessions, share one. With Shared, all clients share one process.

            If the command does not work from the start, it is tried again a few times, and then the adapter ends with an error, as \
            the command would. Later it is started again whenever it is needed.

            SIGTERM stops it: requests in flight are answered, and then the processes end.

            Example:
              moorage adapt --bind-address 127.0.0.1:8000 -- uvx mcp-server-time
            """
    )

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command to run, after --.", valueName: "command")
    )
    var command: [String] = []

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var bindAddress = BindAddress(host: "127.0.0.1", port: 8000)

    @Option(help: "The path of the MCP endpoint.")
    var path = "/mcp"

    @Option(help: "Whether each session has a process of its own, or all clients share one: PerSession or Shared.")
    var processes = AdapterConfiguration.Processes.perSession

    @Option(help: ArgumentHelp("How many processes may run at the same time.", valueName: "number"))
    var maxProcesses = AdapterConfiguration.defaultMaximumProcesses

    @Option(
        help: ArgumentHelp("How long a session or a process that nobody uses is kept.", valueName: "duration")
    )
    var idleTime = DurationArgument(.seconds(600))

    @Option(help: ArgumentHelp("How long a process may take to start.", valueName: "duration"))
    var startTimeout = DurationArgument(.seconds(60))

    @Option(
        help: ArgumentHelp(
            "After how many starts that fail the adapter ends too, if the command has never worked.",
            valueName: "number"
        )
    )
    var maxFailedStarts = 5

    @Option(help: ArgumentHelp("How long the adapter may take to stop after SIGTERM.", valueName: "duration"))
    var shutdownTimeout = DurationArgument(.seconds(25))

    @Option(help: ArgumentHelp("The longest message, in bytes.", valueName: "bytes"))
    var maxMessageBytes = MessageLimits().maximumBytes

    @Option(
        help: ArgumentHelp("The address that serves /metrics; 0 disables it.", valueName: "address")
    )
    var metricsBindAddress = BindAddress(host: "", port: nil)

    @OptionGroup(title: "Log options")
    var log: LogOptions

    package init() {}

    package func validate() throws {
        guard let program = command.first, !program.isEmpty else {
            throw ValidationError("Name a command to run, after --.")
        }
        guard bindAddress.port != nil else { throw ValidationError("--bind-address needs a port.") }
        guard path.hasPrefix("/"), !path.contains("?"), !path.contains("#") else {
            throw ValidationError("--path must start with / and have no query: \(path)")
        }
        guard !["/healthz", "/livez"].contains(path) else {
            throw ValidationError("--path must not be \(path), which is for probes.")
        }
        guard maxProcesses >= 1 else { throw ValidationError("--max-processes must be at least 1.") }
        guard maxFailedStarts >= 1 else { throw ValidationError("--max-failed-starts must be at least 1.") }
        guard maxMessageBytes >= 1_024 else { throw ValidationError("--max-message-bytes must be at least 1024.") }
        for (name, value) in [
            ("idle-time", idleTime), ("start-timeout", startTimeout), ("shutdown-timeout", shutdownTimeout),
        ] where value.duration < .seconds(1) {
            throw ValidationError("--\(name) must be at least 1s.")
        }
    }

    package func run() async throws {
        try log.bootstrap(EnvironmentReader.process, standard: .info, metadataProvider: nil)
        StdioAdapter.adoptOrphans()
        let metrics = MetricsRegistry()
        let adapter = StdioAdapter(configuration, logger: Logger(label: "adapter"), metrics: metrics)
        var http = adapter.httpConfiguration
        // A process may need two steps to end, and connections five seconds.
        let closing = Duration.seconds(9)
        http.limits.shutdownGracePeriod = max(.seconds(1), shutdownTimeout.duration - closing)
        let server = StreamableHTTPServer(
            handler: adapter,
            host: bindAddress.host,
            port: bindAddress.port ?? 0,
            path: path,
            plainPaths: adapter.plainPaths,
            configuration: http,
            logger: Logger(label: "http"),
            metrics: metrics
        )
        // They stop in reverse order: the processes after the requests.
        var services: [any Service] = [adapter]
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
        services.append(server)
        services.append(IdleMemory(adapter: adapter))
        var group = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "adapt")
        )
        group.maximumGracefulShutdownDuration = shutdownTimeout.duration
        do {
            try await ServiceGroup(configuration: group).run()
            TerminationMessage.store(adapter.health)
        } catch let error as StdioAdapter.CommandFailed {
            TerminationMessage.store(adapter.health)
            throw CommandFailure(error.description)
        } catch {
            throw CommandFailure("the adapter has failed: \(error)", underlying: error)
        }
    }

    private var configuration: AdapterConfiguration {
        var configuration = AdapterConfiguration(
            command: MCPCommand(command.first ?? "", arguments: Array(command.dropFirst()))
        )
        configuration.processes = processes
        configuration.maximumProcesses = maxProcesses
        configuration.idleTime = idleTime.duration
        configuration.startTime = startTimeout.duration
        configuration.maximumFailedStarts = maxFailedStarts
        configuration.message.maximumBytes = maxMessageBytes
        configuration.clientInfo = Implementation(name: "moorage", version: MoorageVersion.current.version)
        return configuration
    }
}

extension AdapterConfiguration.Processes: ExpressibleByArgument {}
