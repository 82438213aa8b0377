import ArgumentParser
import ClusterTool
import CommandSupport
import Policy

/// `kubectl moorage explain`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a reason or a condition: its cause, and what to do.",
        discussion: """
            The words are those in the conditions and Events of servers and tenants. No cluster is needed.

            Examples:
              \(ProgramName.commands) explain ImageDigestRequired
              \(ProgramName.commands) explain Ready
            """
    )

    @Argument(
        help: ArgumentHelp("A reason or a condition; case does not matter.", valueName: "reason"),
        completion: .list(ReasonCatalogue.project.entries.map(\.reason.rawValue))
    )
    var word: String

    @OptionGroup
    var format: FactOutputOptions

    func run() async throws {
        let explanation = Explanation(of: word, in: .project)
        if let problem = explanation.problem { throw CommandFailure(problem) }
        format.write(explanation.json) { explanation.rendered(console: $0) }
    }
}
