import ArgumentParser
import CommandSupport
import Gateway

/// `moorage audit verify`.
struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that no record of an audit log was changed, removed or added.",
        discussion: """
            Each record contains the hash of the one before. Every chain that is found is printed with its first and last \
            record and its last hash. If the last hash is a hash that you have kept elsewhere, no record was removed at the \
            end either, which the log alone cannot show.

            The exit status is 0 if all chains are intact, 1 if one is broken, and 2 if a file cannot be read.

            Example:
              moorage audit verify /data/audit.jsonl
            """
    )

    @Argument(help: ArgumentHelp("The audit log, or several.", valueName: "path"), completion: .file())
    var paths: [String]

    func run() throws {
        let console = Console.standard
        var verification = AuditVerification()
        for path in paths {
            do {
                try AuditFiles(path).forEachLine { line, location in
                    switch line {
                    case .complete(let bytes): verification.check(bytes, at: location)
                    case .broken(let problem): verification.report(problem, location)
                    case .unfinished(let bytes):
                        console.error(
                            "note: \(location): the last \(bytes) bytes are not a complete record yet",
                            prefix: nil
                        )
                    }
                }
            } catch {
                console.error(TerminalText.safe("\(error)"))
                throw ExitCode(2)
            }
        }
        for chain in verification.chains {
            let lost = chain.lost > 0 ? ", \(chain.lost) lost" : ""
            console.output(
                TerminalText.safe(
                    "chain \(chain.id): \(chain.records) records, \(chain.firstSequence) to \(chain.lastSequence)\(lost), "
                        + "last hash \(chain.lastHash)"
                ) + "\n"
            )
        }
        for item in verification.breaks {
            console.output(console.styled(TerminalText.safe("\(item)"), .red) + "\n")
        }
        let hidden = verification.breakCount - verification.breaks.count
        if hidden > 0 { console.output("and \(hidden) more\n") }
        guard verification.isIntact else {
            console.output("the log is broken in \(verification.breakCount) places\n")
            throw ExitCode(1)
        }
        console.output("\(verification.records) records are intact\n")
    }
}
