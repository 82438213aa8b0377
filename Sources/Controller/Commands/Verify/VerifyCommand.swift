import ArgumentParser

/// `moorage verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify signatures of images, files with signatures, and the isolation of tenants.",
        discussion: """
            The exit status is 0 if everything is verified, 1 if something is refused, with the reason, and 2 if the command \
            line is not valid.
            """,
        subcommands: [VerifyImageCommand.self, VerifyBundleCommand.self, VerifyIsolationCommand.self]
    )
}
