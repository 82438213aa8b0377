import AdapterCommand
import ArgumentParser
import CommandSupport

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
            ContractCommand.self, GatewayCommand.self, AuditCommand.self, VerifyCommand.self, AdaptCommand.self,
            PluginCommand.self, ImportCommand.self, BridgeCommand.self, KubectlCommand.self,
            VersionCommand.self, GenerateCommand.self, NetworkProbeCommand.self,
        ]
    )
}

@main
enum Main {
    static func main() async {
        if ProgramName.isCompletion(CommandLine.arguments.first) {
            await PluginCompletion.main(Array(CommandLine.arguments.dropFirst()))
        } else if ProgramName.isPlugin(CommandLine.arguments.first) {
            await CommandRunner.main(KubectlPluginCommand.self)
        } else {
            await CommandRunner.main(MoorageCommand.self)
        }
    }
}
