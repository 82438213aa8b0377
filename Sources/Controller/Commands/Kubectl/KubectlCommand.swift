import ArgumentParser
import CommandSupport

/// `moorage kubectl`: the commands of the plug-in for kubectl.
struct KubectlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubectl",
        abstract: "Look after the servers and tenants of a cluster.",
        discussion: """
            The same commands are a plug-in of kubectl: link this program as kubectl-moorage into a directory of $PATH, and \
            call it as kubectl moorage.
            """,
        subcommands: commands
    )

    /// The commands of the group and of the plug-in.
    static let commands: [any ParsableCommand.Type] = [
        StatusCommand.self, ExplainCommand.self, ApproveCommand.self, RejectCommand.self, RollbackCommand.self,
        RestartCommand.self, RevisionDiffCommand.self, QuotaCommand.self, LogsCommand.self, ConnectCommand.self,
        CallCommand.self, TopCommand.self, DoctorCommand.self,
    ]
}

/// `kubectl moorage`: this program, called as `kubectl-moorage`.
struct KubectlPluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        // The scripts for completion make names of functions of it, so it has no space.
        commandName: ProgramName.plugin,
        abstract: "Look after the servers and tenants of a cluster.",
        usage: "kubectl moorage <subcommand>",
        discussion: """
            Exit status: 0 on success; 1 if something was refused or failed, which standard error explains; 2 if the command \
            line is not valid.
            """,
        version: MoorageVersion.current.version,
        subcommands: KubectlCommand.commands
    )
}
