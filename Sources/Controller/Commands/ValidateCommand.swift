import ArgumentParser

/// `moorage validate`.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests as a cluster with Moorage would, and print what is wrong with file and line.",
        discussion: """
            Checked are YAML, unknown fields, the schema and its rules as the API server has them, and everything that \
            the controller decides: images, quotas, Pod Security, network, references. No cluster is asked. Nothing is \
            printed on standard output. The exit status is 0 where a cluster would run everything, and 1 where not.

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
