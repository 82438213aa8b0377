package import ArgumentParser

/// Runs the command of the process's arguments, and ends the process with a status if it fails.
package enum CommandRunner {
    package static func main(_ type: (some AsyncParsableCommand).Type) async {
        do {
            var command = try type.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            // The parser's exit code for wrong usage is 64 (`EX_USAGE`); shells and users of kubectl expect 2.
            let code = type.exitCode(for: error)
            if code == .validationFailure {
                Console.standard.error(type.fullMessage(for: error), prefix: nil)
                type.exit(withError: ExitCode(2))
            }
            if code == .success || error is ExitCode { type.exit(withError: error) }
            Console.standard.error("\(error)")
            type.exit(withError: ExitCode(1))
        }
    }
}
