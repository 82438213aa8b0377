import CommandSupport
import ArgumentParser
import CRDModels
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import Policy
import Reconcilers
import SandboxCluster
import ServiceLifecycle
import UnixSignals

/// `moorage sandbox`.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a Kubernetes API and the operator in this process, without a cluster.",
        discussion: """
            The API is kept in memory and listens on the loopback address only. Deployments, ReplicaSets and Pods make \
            progress as if there were nodes, but no container runs. It is for development and tests: unless --rbac is \
            set, every client is an administrator.

            With --run-processes, a server whose manifest has a command runs as a process of this machine, and its URL is \
            printed. The processes run as you, and can do everything that you can do. --rbac is then always set, so that \
            others cannot run commands through the API.

            The gateway runs too, on the loopback address, and its URL is printed. It serves each server at \
            /NAMESPACE/NAME/mcp, and all servers of a namespace joined at /NAMESPACE/mcp. Without gateway.authentication in the \
            platform's settings, every program on this machine can call them.

            With --once, it waits until every MCPServer is Ready, prints the created objects, and with --run-processes what \
            each server offers through the gateway, and exits with 0, or \
            with 1 and the reasons if a server does not become Ready. Without --once, it runs until it is stopped, and \
            writes a kubeconfig for kubectl.

            Examples:
              moorage sandbox --apply examples/quickstart.yaml --once
              moorage sandbox --apply examples/time.yaml --run-processes
              moorage sandbox --apply examples/obot.yaml --kubeconfig sandbox.kubeconfig
            """
    )

    @Option(
        name: [.customShort("f"), .customLong("apply")],
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files, directories, or - for standard input, to apply after the API has started.",
            valueName: "path"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var paths: [String] = []

    @Flag(name: [.customShort("R"), .long], help: "Also read the subdirectories of directories.")
    var recursive = false

    @Flag(help: "Exit when every MCPServer is Ready, or cannot become Ready.")
    var once = false

    @Option(
        help: ArgumentHelp("With --once, how long to wait.", valueName: "duration")
    )
    var timeout = DurationArgument(.seconds(60))

    @Option(help: ArgumentHelp("The port to listen on; 0 for any free port.", valueName: "port"))
    var port = 0

    @Option(
        help: ArgumentHelp(
            """
            A YAML file that says what pods serve over MCP: an object of images, each with name, version, path, tools, \
            prompts, resources and resourceTemplates. The annotation sandbox.moorage.dev/mcp of a server takes precedence.
            """,
            valueName: "file"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var contracts: String?

    @Flag(
        help: "Authenticate clients, and enforce RBAC. The kubeconfig is that of an administrator."
    )
    var rbac = false

    @Flag(help: "Run the commands of containers as processes of this machine. Implies --rbac.")
    var runProcesses = false

    @Option(
        help: ArgumentHelp(
            """
            The path of the kubeconfig to write. (default: moorage-sandbox.kubeconfig in the current directory; with \
            --once, nowhere)
            """,
            valueName: "path"
        ),
        completion: .file()
    )
    var kubeconfig: String?

    @OptionGroup
    var platform: PlatformOptions

    @OptionGroup(title: "Log options")
    var log: LogOptions

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
        if once, paths.isEmpty { throw ValidationError("With --once, set the files to apply with --apply.") }
    }

    func run() async throws {
        let environment = EnvironmentReader.process
        let sources = try ManifestSource.read(paths: paths, recursive: recursive)
        let platform = try sandboxPlatform(environment, sources: sources).asInstalled
        // Standard output is for the results, which logs would obscure.
        try log.bootstrap(environment, standard: .error)

        var configuration = SandboxConfiguration()
        configuration.port = port
        configuration.enforcesRBAC = rbac
        configuration.nativeRuleChecks = CustomResourceDefinitions.nativeRuleChecks
        if runProcesses { configuration.processes = try Self.processes }
        if let contracts { try configuration.setContracts(fromFile: contracts) }
        let cluster = SandboxCluster(configuration: configuration)
        for definition in CustomResourceDefinitions.all { try cluster.register(customResource: definition) }

        // With --once, only what runs as a process is called.
        let gateway = once && !runProcesses ? nil : SandboxGateway(cluster: cluster, platform: platform)
        let session = SandboxSession(
            cluster: cluster,
            gateway: gateway,
            request: SandboxSession.Request(
                sources: sources,
                timeout: once ? timeout.duration : nil,
                kubeconfig: kubeconfig ?? (once ? nil : "moorage-sandbox.kubeconfig"),
                runsProcesses: runProcesses
            ),
            console: .standard
        )
        let operation = AfterListening(cluster: cluster) { client in
            try await OperatorProcess(
                OperatorProcess.Settings(
                    cluster: client,
                    platform: platform,
                    controllerNamespace: SandboxSession.controllerNamespace,
                    usage: gateway.map { gateway in .process { gateway.toolCalls } }
                )
            )
        }
        var group = ServiceGroupConfiguration(
            services: [.init(service: cluster), .init(service: operation)]
                + (gateway.map { [.init(service: $0)] } ?? [])
                + [.init(service: session, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "sandbox")
        )
        // Nothing here needs a graceful shutdown but processes, which have three seconds to end.
        group.maximumGracefulShutdownDuration = .seconds(5)
        group.maximumCancellationDuration = .seconds(1)
        try await ServiceGroup(configuration: group).run()
        guard session.succeeded else { throw ExitCode(1) }
    }

    /// How containers run as processes: with the adapter of this program.
    private static var processes: SandboxProcesses {
        get throws {
            var processes = SandboxProcesses(
                environment: SandboxProcesses.inheritable(ProcessInfo.processInfo.environment)
            )
            let program = try OwnProgram.path
            processes.replacements = AdapterProgram.entryPoints.map {
                .init(command: $0, program: program, separator: AdapterProgram.separator)
            }
            return processes
        }
    }

    /// The platform's settings, from `--config` or from one of the files.
    private func sandboxPlatform(
        _ environment: EnvironmentReader,
        sources: [ManifestSource]
    ) throws -> PlatformConfiguration {
        var platform = try settings(environment, sources: sources)
        // Pods of a sandbox have no network that could be tried.
        platform.networkCheck = nil
        return platform
    }

    private func settings(
        _ environment: EnvironmentReader,
        sources: [ManifestSource]
    ) throws -> PlatformConfiguration {
        if let platform = try platform.load(environment: environment) { return platform }
        let reader = ManifestReader(sources: sources)
        guard let manifest = reader.manifests.first(where: { $0.kind == .configuration })?.manifest else {
            return PlatformConfiguration()
        }
        do {
            return try PlatformConfiguration(json: manifest.value)
        } catch {
            throw CommandFailure("\(manifest.file):\(manifest.line(of: FieldPath(error.field))): \(error)")
        }
    }
}

extension SandboxConfiguration {
    /// Reads the contracts of images.
    ///
    /// - Throws: `CommandFailure` naming the file.
    fileprivate mutating func setContracts(fromFile path: String) throws {
        for source in try ManifestSource.read(paths: [path], recursive: false) {
            let value: JSONValue
            do throws(YAMLError) {
                value = try YAML.value(of: source.text)
            } catch {
                throw CommandFailure("\(source.name):\(error.line): \(error.message)")
            }
            do throws(InvalidContract) {
                try setContracts(value)
            } catch {
                throw CommandFailure("\(source.name): \(error)")
            }
        }
    }
}
