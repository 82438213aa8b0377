import ArgumentParser
import ClusterTool
import CommandSupport
import FoundationEssentials
import KubernetesAPI

/// `kubectl moorage restart`.
struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Replace the pods of a server by new ones.",
        discussion: """
            Sets the annotation moorage.dev/restart of the MCPServer to the current time. The pods are replaced as the server's \
            update strategy says, with the current values of its class. On a terminal, shows how far they are until all are ready.

            Example:
              \(ProgramName.commands) restart weather -n mcp-acme
            """
    )

    @Argument(help: ArgumentHelp("The MCPServer.", valueName: "server"), completion: NameCompletion.kind(.server))
    var server: String

    @OptionGroup
    var cluster: PluginClusterOptions

    @OptionGroup
    var change: ChangeOptions

    @OptionGroup
    var waiting: WaitOptions

    func run() async throws {
        let now = Timestamp(Date())
        try await cluster.withCluster { reader in
            let isMade = try await change.make("\(server) restarts", with: reader) {
                .restart(of: try await reader.server(server), now: now)
            }
            if isMade { try await waiting.follow(server, to: .restart(now.description), with: reader) }
        }
    }
}
