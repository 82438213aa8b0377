import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient

/// `kubectl moorage logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the logs of a server's pods.",
        discussion: """
            Each line begins with the pod and the container if there are several pods. With -f, new pods are followed too, until \
            the command is stopped. Control characters are escaped.

            Examples:
              \(ProgramName.commands) logs weather -n mcp-acme -f
              \(ProgramName.commands) logs weather -n mcp-acme --previous --tail 50
            """
    )

    @Argument(help: ArgumentHelp("The MCPServer.", valueName: "server"), completion: NameCompletion.kind(.server))
    var server: String

    @Flag(name: .shortAndLong, help: "Go on with what is written from now on.")
    var follow = false

    @Flag(name: .shortAndLong, help: "The log of the run before, of containers that were restarted.")
    var previous = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The container. (default: that of the server)", valueName: "name")
    )
    var container: String?

    @Flag(help: "The pod of the new version that does not serve yet, instead of the pods that serve.")
    var candidate = false

    @Option(help: ArgumentHelp("How many of the last lines of each pod.", valueName: "lines"))
    var tail: Int?

    @Flag(help: "Write the time of each line.")
    var timestamps = false

    @OptionGroup
    var cluster: PluginClusterOptions

    func validate() throws {
        if follow, previous { throw ValidationError("The run before has ended: use either -f or --previous.") }
        if let tail, tail < 0 { throw ValidationError("--tail must be 0 or more.") }
    }

    func run() async throws {
        try await cluster.withCluster { reader in
            _ = try await reader.server(server)
            let label = "\(candidate ? MoorageLabels.candidate : MoorageLabels.server)=\(server)"
            let log = PodLog(
                client: reader.client,
                namespace: reader.namespace,
                query: PodLog.Query(isFollowed: follow, isPrevious: previous, tail: tail, hasTimes: timestamps)
            )
            let pods = try await log.pods(label)
            let sources = LogSource.find(pods.items, container: container, isPrevious: previous)
            if follow {
                return try await log.follow(label, container: container, first: sources, version: pods.version)
            }
            guard !sources.isEmpty else {
                throw LogSource.problem(
                    server: "\(reader.namespace)/\(server)",
                    pods: pods.items,
                    container: container,
                    isPrevious: previous,
                    program: ProgramName.commands
                )
            }
            for source in sources { try await log.write(source, isAlone: sources.count == 1) }
        }
    }
}
