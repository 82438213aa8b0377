import ArgumentParser

/// The `moorage` command: every way in stands in `Commands`, one file each.
struct MoorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moorage",
        abstract: "Keeps MCP servers on Kubernetes, many tenants to a cluster, each in a safe berth of its own.",
        discussion: """
            Exit status: 0 when all went well; 1 when something was refused, failed, or did not become ready in time, and \
            then standard error names each; 2 when the command line was wrong.

            Shell completion: moorage --generate-completion-script bash|zsh|fish
            """,
        version: MoorageVersion.current.version,
        subcommands: [
            ControllerCommand.self, RenderCommand.self, ValidateCommand.self, CRDCommand.self, SandboxCommand.self,
            VersionCommand.self, GenerateCommand.self,
        ]
    )
}

@main
enum Main {
    static func main() async {
        do {
            var command = try MoorageCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            // The parser's own code for wrong usage is 64 (`EX_USAGE`); shells and kubectl's users know 2 for that.
            let code = MoorageCommand.exitCode(for: error)
            if code == .validationFailure {
                Console.standard.error(MoorageCommand.fullMessage(for: error), prefix: nil)
                MoorageCommand.exit(withError: ExitCode(2))
            }
            if code == .success || error is ExitCode { MoorageCommand.exit(withError: error) }
            Console.standard.error("\(error)")
            MoorageCommand.exit(withError: ExitCode(1))
        }
    }
}
