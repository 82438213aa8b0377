import CommandSupport
import ArgumentParser

/// `moorage render`.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Print the Kubernetes objects that Moorage would create from manifests.",
        discussion: """
            The decisions and the rendering are those of the controller, so the output is what the cluster gets. No \
            cluster is needed. Objects are printed in a stable order: tenants and then servers, by name. Owner references \
            are omitted, because the owners have no UID outside a cluster.

            Refused objects are reported on standard error with file and line, and all others are still rendered, as in a \
            cluster. The exit status is then 1: check it in scripts.

            Secrets are rarely kept in Git. A server whose templates or variables read a Secret that is not in any \
            file is refused, unless --allow-missing-secrets is set. Registries are not read either: a server with the \
            transport stdio and without a command is refused, unless --allow-missing-entry-points is set.

            Examples:
              moorage render -f examples/quickstart.yaml
              moorage render -f tenants/ -R --output-dir rendered/
              kustomize build . | moorage render -f - -o json
            """
    )

    @OptionGroup
    var input: InputOptions

    @Option(name: .shortAndLong, help: "The output format.")
    var output: RenderedOutput.Format = .yaml

    @Option(
        help: ArgumentHelp(
            """
            Write each object to a separate file, DIR/NAMESPACE/KIND-NAME.yaml, instead of standard output. Other \
            existing files are not deleted.
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
