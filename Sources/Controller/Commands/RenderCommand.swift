import ArgumentParser

/// `moorage render`.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Print the Kubernetes objects that a cluster would get from manifests.",
        discussion: """
            The decisions and the render are the controller's own, so what is reviewed here is what the cluster gets. No \
            cluster is asked. Objects come in a stable order: tenants and then servers, by name. Owner references are left \
            out, as the owners have no identity outside of a cluster.

            What is refused is named on standard error with file and line, and everything else is rendered all the same, \
            as one refused server never holds up others in a cluster, either. The exit status is 1 then, so use it.

            Secrets are seldom kept in Git. Where templates or variables read one that is in no file, that is a refusal, \
            unless --allow-missing-secrets is given.

            Examples:
              moorage render -f examples/quickstart.yaml
              moorage render -f tenants/ -R --output-dir rendered/
              kustomize build . | moorage render -f - -o json
            """
    )

    @OptionGroup
    var input: InputOptions

    @Option(name: .shortAndLong, help: "How to write the objects.")
    var output: RenderedOutput.Format = .yaml

    @Option(
        help: ArgumentHelp(
            """
            Write each object to a file of its own, DIR/NAMESPACE/KIND-NAME.yaml, in place of standard output. Files \
            that stand there already and are not written again stay.
            """,
            valueName: "dir"
        ),
        completion: .directory
    )
    var outputDir: String?

    func run() async throws {
        let console = Console.standard
        let session = try input.session(console: console, environment: .process)
        let rendered = RenderedOutput(format: output)
        if let outputDir {
            for path in try rendered.write(session.objects, to: outputDir) { console.output("\(path)\n") }
        } else {
            console.output(rendered.text(session.objects))
        }
        if session.diagnostics.hasErrors { throw ExitCode(1) }
    }
}
