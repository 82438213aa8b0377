import CommandSupport
import ArgumentParser

/// `moorage validate`.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests like a cluster with Moorage does, and print errors with file and line.",
        discussion: """
            Checks the YAML, unknown fields, the schema and its rules like the API server, and everything that the \
            controller decides: images, quotas, Pod Security, network, references. No cluster is needed. Nothing is \
            printed on standard output. The exit status is 0 if a cluster would run everything, and otherwise 1.

            Examples:
              moorage validate -f examples/obot.yaml
              moorage validate -f server.yaml --config platform.yaml --allow-missing-secrets
            """
    )

    @OptionGroup
    var input: InputOptions

    func run() async throws {
        let session = try input.session(console: .standard, environment: .process)
        if session.diagnostics.hasErrors { throw ExitCode(1) }
    }
}
