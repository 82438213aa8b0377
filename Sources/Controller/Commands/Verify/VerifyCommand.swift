import ArgumentParser

/// `moorage verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify signatures of images, and files with signatures.",
        discussion: """
            The exit status is 0 if everything is verified, 1 if something is refused, with the reason, and 2 if the command \
            line is not valid.
            """,
        subcommands: [VerifyImageCommand.self, VerifyBundleCommand.self]
    )
}
