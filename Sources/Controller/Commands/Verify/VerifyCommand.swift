import ArgumentParser

/// `moorage verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that what Moorage promises holds.",
        subcommands: [VerifyIsolationCommand.self]
    )
}
