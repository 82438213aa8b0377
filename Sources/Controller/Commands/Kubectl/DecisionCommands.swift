import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient

/// Which revision is decided about.
struct DecisionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The MCPServer.", valueName: "server"), completion: NameCompletion.kind(.server))
    var server: String

    @Argument(
        help: ArgumentHelp("The MCPServerRevision. (default: the one that waits)", valueName: "revision"),
        completion: NameCompletion.kind(.revision)
    )
    var revision: String?

    @Option(help: ArgumentHelp("Why. It is stored with the decision.", valueName: "text"))
    var reason: String?

    @OptionGroup
    var cluster: PluginClusterOptions

    @OptionGroup
    var change: ChangeOptions

    /// Makes a decision.
    ///
    /// - Parameter then: what follows the decision, with the server as it was before, and the revision.
    /// - Throws: `CommandFailure`, and the client's errors.
    func decide(
        _ decision: ApprovalDecision,
        then: (ClusterReader, JSONValue, RevisionFact) async throws -> Void = { _, _, _ in }
    ) async throws {
        try await cluster.withCluster { reader in
            let object = try await reader.server(server)
            let chosen = try RevisionChoice(
                server: object,
                revisions: try await reader.revisions(ofServer: server).map(RevisionFact.init)
            )
            .toDecide(revision)
            let user = try await reader.userName()
            let verb = decision == .approved ? "approved" : "rejected"
            let isMade = try await change.make("\(chosen.name) is \(verb)", with: reader) {
                try ProposedChange.decision(
                    decision,
                    about: try await reader.revision(chosen.name),
                    approver: user,
                    reason: reason
                )
            }
            if isMade { try await then(reader, object, chosen) }
        }
    }
}

/// `kubectl moorage approve`.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve a revision of a server, so that it may serve.",
        discussion: """
            Sets spec.approval of the MCPServerRevision, with your name as the API server knows it. It needs the role Approver. \
            On a terminal, shows how the revision takes over until it serves.

            Examples:
              \(ProgramName.commands) diff weather -n mcp-acme
              \(ProgramName.commands) approve weather -n mcp-acme --reason 'the new tool only reads'
            """
    )

    @OptionGroup
    var options: DecisionOptions

    @OptionGroup
    var waiting: WaitOptions

    func run() async throws {
        try await options.decide(.approved) { reader, server, revision in
            // An approval of an older revision changes nothing now.
            let isInUse = [["candidate", "revision"], ["revision", "name"]].contains { path in
                server[path: ["status"] + path] == .string(revision.name)
            }
            guard isInUse else { return }
            try await waiting.follow(options.server, to: .revision(revision.name), with: reader)
        }
    }
}

/// `kubectl moorage reject`.
struct RejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Reject a revision of a server, so that it must not serve.",
        discussion: """
            Sets spec.approval of the MCPServerRevision, with your name as the API server knows it. It needs the role Approver. \
            A revision that serves is taken out of service.

            Example:
              \(ProgramName.commands) reject weather -n mcp-acme --reason 'the new tool writes'
            """
    )

    @OptionGroup
    var options: DecisionOptions

    func run() async throws { try await options.decide(.rejected) }
}
