import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import Reconcilers

/// `kubectl moorage diff`.
struct RevisionDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two revisions of a server: what they run, and what they offer.",
        discussion: """
            Without revisions, the one that waits for an approval is compared with the one that serves; if none waits, the one \
            that serves with the one before. With one revision, it is compared with the one before it.

            The contracts are checked against their digests. The exit status is 0 if the revisions are equal, 1 if they differ, \
            and 2 if one cannot be read.

            Examples:
              \(ProgramName.commands) diff weather -n mcp-acme
              \(ProgramName.commands) diff weather weather-1c9b0f6e52 weather-7d20e4a1b8 --side-by-side -n mcp-acme
            """
    )

    @Argument(help: ArgumentHelp("The MCPServer.", valueName: "server"), completion: NameCompletion.kind(.server))
    var server: String

    @Argument(help: ArgumentHelp("A revision.", valueName: "revision"), completion: NameCompletion.kind(.revision))
    var first: String?

    @Argument(
        help: ArgumentHelp("The revision to compare it with.", valueName: "other-revision"),
        completion: NameCompletion.kind(.revision)
    )
    var second: String?

    @Flag(name: [.customShort("s"), .long], help: "Show the revisions in two columns.")
    var sideBySide = false

    @Option(help: ArgumentHelp("The length of a line in two columns, in characters.", valueName: "characters"))
    var width = 140

    @OptionGroup
    var cluster: PluginClusterOptions

    func validate() throws {
        guard (43...1_000).contains(width) else { throw ValidationError("--width must be from 43 to 1000.") }
    }

    func run() async throws {
        let console = Console.standard
        let comparison: RevisionComparison
        do {
            comparison = try await cluster.withCluster(compare)
        } catch {
            console.error(TerminalText.safe("\(error)"))
            throw ExitCode(2)
        }
        console.output(
            sideBySide ? comparison.sideBySide(width: width, console: console) : comparison.unified(console: console)
        )
        if !comparison.isEmpty { throw ExitCode(1) }
    }

    private func compare(_ reader: ClusterReader) async throws -> RevisionComparison {
        let objects = try await reader.revisions(ofServer: server)
        let choice = RevisionChoice(server: try await reader.server(server), revisions: objects.map(RevisionFact.init))
        let (old, new) = try choice.toCompare(first, second)
        return RevisionComparison(
            from: try await side(old, of: objects, reader),
            to: try await side(new, of: objects, reader)
        )
    }

    private func side(
        _ fact: RevisionFact,
        of objects: [JSONValue],
        _ reader: ClusterReader
    ) async throws -> RevisionComparison.Side {
        let object = objects.first { $0[path: ["metadata", "name"]]?.stringValue == fact.name } ?? [:]
        let contract = try await RevisionReader(client: reader.client).contract(
            namespace: reader.namespace,
            name: fact.name
        )
        return RevisionComparison.Side(revision: object, contract: contract)
    }
}
