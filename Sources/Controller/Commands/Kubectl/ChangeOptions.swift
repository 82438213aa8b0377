import ArgumentParser
import ClusterTool
import CommandSupport
import KubernetesAPI
import KubernetesClient

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a command changes an object.
struct ChangeOptions: ParsableArguments {
    @Flag(name: [.customShort("y"), .long], help: "Do not ask. Without a terminal, nothing is asked either.")
    var yes = false

    @Flag(help: "Let the API server check the change, and store nothing.")
    var dryRun = false

    /// How often a change is tried again because other fields of the object have changed.
    private static let maximumAttempts = 5

    /// Shows a change, asks, and makes it.
    ///
    /// The API server refuses the change if the object is not as it was read. It is then read again; if the decision still
    /// holds, because only other fields have changed, such as the status, it is tried again.
    ///
    /// - Parameters:
    ///   - done: what is said after the change.
    ///   - propose: reads the object, and says what to change.
    /// - Returns: whether something is stored that was not before.
    /// - Throws: `CommandFailure`, and the client's errors.
    @discardableResult
    func make(
        _ done: String,
        with reader: ClusterReader,
        propose: () async throws -> ProposedChange
    ) async throws -> Bool {
        let console = Console.standard
        let first = try await propose()
        guard first.isNeeded else {
            console.output("\(first.type.kind) \(first.namespace)/\(first.name): nothing to change\n")
            return false
        }
        console.output(first.rendered(console: console))
        try ask(console)
        var change = first
        for _ in 0..<Self.maximumAttempts {
            do {
                _ = try await reader.client.patch(
                    change.type,
                    name: change.name,
                    namespace: change.namespace,
                    .merge(change.patch),
                    options: WriteOptions(fieldManager: "kubectl-moorage", dryRun: dryRun, fieldValidation: .strict)
                )
                console.output(dryRun ? "The API server accepts it (dry run).\n" : "\(done)\n")
                return !dryRun
            } catch let error as APIError where error.isForbidden {
                throw CommandFailure(
                    "\(TerminalText.safe(error.status.message ?? "\(error)")): approve and reject need the role Approver of "
                        + "the tenant, rollback and restart the role Editor"
                )
            } catch let error as APIError where error.isConflict {
                change = try await propose()
                guard change.basis == first.basis else {
                    throw CommandFailure(
                        "\(first.type.kind) \(first.namespace)/\(first.name) has changed meanwhile, and nothing was written: "
                            + "look at it again"
                    )
                }
            }
        }
        throw CommandFailure(
            "\(first.type.kind) \(first.namespace)/\(first.name) changes all the time, and nothing was written: try again"
        )
    }

    private func ask(_ console: Console) throws {
        guard !yes, !dryRun, isatty(STDIN_FILENO) == 1 else { return }
        console.write(.error, "Continue? [y/N] ")
        let answer = readLine()?.lowercased() ?? ""
        guard ["y", "yes"].contains(answer) else { throw CommandFailure("nothing was changed") }
    }
}
