import ArgumentParser
import ClusterTool
import CommandSupport
import KubernetesAPI

/// `kubectl moorage rollback`.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Let a server run an earlier revision.",
        discussion: """
            Sets spec.rollbackTo of the MCPServer. The revision must have served or been approved, so it needs no new approval. \
            While the field is set, changes of the reviewed fields of the spec wait; --end removes it.

            Examples:
              \(ProgramName.commands) rollback weather -n mcp-acme
              \(ProgramName.commands) rollback weather weather-1c9b0f6e52 -n mcp-acme
              \(ProgramName.commands) rollback weather --end -n mcp-acme
            """
    )

    @Argument(help: ArgumentHelp("The MCPServer.", valueName: "server"), completion: NameCompletion.kind(.server))
    var server: String

    @Argument(
        help: ArgumentHelp("The MCPServerRevision. (default: the one that served before)", valueName: "revision"),
        completion: NameCompletion.kind(.revision)
    )
    var revision: String?

    @Flag(help: "End the rollback: run what the spec says.")
    var end = false

    @OptionGroup
    var cluster: PluginClusterOptions

    @OptionGroup
    var change: ChangeOptions

    @OptionGroup
    var waiting: WaitOptions

    func validate() throws {
        if end, revision != nil { throw ValidationError("Name either a revision or --end, not both.") }
    }

    func run() async throws {
        try await cluster.withCluster { reader in
            if end {
                let isMade = try await change.make("The rollback of \(server) has ended", with: reader) {
                    .endOfRollback(of: try await reader.server(server))
                }
                if isMade { try await waiting.follow(server, to: .spec, with: reader) }
                return
            }
            let chosen = try RevisionChoice(
                server: try await reader.server(server),
                revisions: try await reader.revisions(ofServer: server).map(RevisionFact.init)
            )
            .toRollBack(revision)
            let isMade = try await change.make("\(server) goes back to \(chosen.name)", with: reader) {
                .rollback(of: try await reader.server(server), to: chosen)
            }
            if isMade { try await waiting.follow(server, to: .revision(chosen.name), with: reader) }
        }
    }
}
