import ArgumentParser

/// `moorage audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Verify and query the gateway's audit log.",
        discussion: """
            A PATH is the file that the gateway writes; its rotated files PATH.1, PATH.2 and so on are read as well, the \
            oldest first. - is standard input.
            """,
        subcommands: [AuditVerifyCommand.self, AuditQueryCommand.self]
    )
}
