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
            update strategy says, with the current values of its class.

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

    func run() async throws {
        let now = Timestamp(Date())
        try await cluster.withCluster { reader in
            try await change.make("\(server) restarts", with: reader) {
                .restart(of: try await reader.server(server), now: now)
            }
        }
    }
}
