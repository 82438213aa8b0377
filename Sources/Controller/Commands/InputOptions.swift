import ArgumentParser
import Reconcilers

/// Which manifests, and how what is said about them is shown.
struct InputOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Files, directories (their .yaml, .yml and .json files), or - for standard input. May be given again. Kinds \
            that Moorage does not read are passed over, with a note.
            """,
            valueName: "path"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var paths: [String]

    @Flag(name: [.customShort("R"), .long], help: "Look into the subdirectories of directories, too.")
    var recursive = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The namespace of objects that name none.", valueName: "name")
    )
    var namespace = "default"

    @OptionGroup
    var platform: PlatformOptions

    @Flag(
        name: .long,
        help: ArgumentHelp(
            """
            Take Secrets that are in none of the files to be in the cluster, with every key that is read. Where a \
            template needs a value, a marker such as <token of Secret mcp-secrets> stands for it.
            """
        )
    )
    var allowMissingSecrets = false

    @Flag(name: [.customShort("q"), .long], help: "Leave out notes and warnings.")
    var quiet = false

    /// Reads the files, decides and renders, and says what there is to say on standard error.
    ///
    /// - Throws: `CommandFailure` where a file cannot be read at all.
    func session(console: Console, environment: EnvironmentReader) throws -> RenderSession {
        guard !paths.isEmpty else { throw ValidationError("Name what to read with -f.") }
        let sources = try ManifestSource.read(paths: paths, recursive: recursive)
        let reader = ManifestReader(sources: sources, defaultNamespace: namespace)
        let gather = FileGather(
            reader,
            platform: try platform.load(environment: environment),
            assumesSecrets: allowMissingSecrets
        )
        let session = RenderSession(gather)
        for diagnostic in session.diagnostics.ordered(byFiles: sources.map(\.name))
        where !quiet || diagnostic.severity == .error {
            console.error(diagnostic.description, prefix: nil)
        }
        return session
    }
}
