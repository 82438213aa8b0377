import ArgumentParser

/// The `moorage` command. Each subcommand is a file in `Commands`.
struct MoorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moorage",
        abstract: "Runs MCP servers on Kubernetes for many tenants, isolated from each other.",
        discussion: """
            Exit status: 0 on success; 1 if something was refused, failed, or did not become ready in time, which \
            standard error explains; 2 if the command line is not valid.

            Shell completion: moorage --generate-completion-script bash|zsh|fish
            """,
        version: MoorageVersion.current.version,
        subcommands: [
            ControllerCommand.self, RenderCommand.self, ValidateCommand.self, CRDCommand.self, SandboxCommand.self,
            ContractCommand.self, GatewayCommand.self, AuditCommand.self, AdaptCommand.self, InstallAdapterCommand.self,
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
            // The parser's exit code for wrong usage is 64 (`EX_USAGE`); shells and users of kubectl expect 2.
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
