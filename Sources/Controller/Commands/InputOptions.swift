import CommandSupport
import ArgumentParser

/// The manifests, and how messages about them are shown.
struct InputOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Files, directories (their .yaml, .yml and .json files), or - for standard input. Can be repeated. Kinds \
            that Moorage does not read are skipped, with a note.
            """,
            valueName: "path"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var paths: [String]

    @Flag(name: [.customShort("R"), .long], help: "Also read the subdirectories of directories.")
    var recursive = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The namespace of objects that do not set one.", valueName: "name")
    )
    var namespace = "default"

    @OptionGroup
    var platform: PlatformOptions

    @Flag(
        name: .long,
        help: ArgumentHelp(
            """
            Assume that Secrets that are not in any file exist in the cluster, with every key that is read. If a \
            template needs a value, a marker such as <token of Secret mcp-secrets> is used.
            """
        )
    )
    var allowMissingSecrets = false

    @Flag(
        name: .long,
        help: ArgumentHelp(
            """
            Assume that the images of servers with the transport stdio and without a command have an entry point, which the \
            controller reads from the registry. A marker such as <entry point of ghcr.io/acme/time:1> is used.
            """
        )
    )
    var allowMissingEntryPoints = false

    @Flag(name: [.customShort("q"), .long], help: "Do not print notes and warnings.")
    var quiet = false

    /// Reads the files, decides and renders, and prints the diagnostics on standard error.
    ///
    /// - Throws: `CommandFailure` where a file cannot be read at all.
    func session(console: Console, environment: EnvironmentReader) throws -> RenderSession {
        guard !paths.isEmpty else { throw ValidationError("Set the files to read with -f.") }
        let sources = try ManifestSource.read(paths: paths, recursive: recursive)
        let reader = ManifestReader(sources: sources, defaultNamespace: namespace)
        let gather = FileGather(
            reader,
            platform: try platform.load(environment: environment),
            assumesSecrets: allowMissingSecrets,
            assumesEntryPoints: allowMissingEntryPoints
        )
        let session = RenderSession(gather)
        for diagnostic in session.diagnostics.ordered(byFiles: sources.map(\.name))
        where !quiet || diagnostic.severity == .error {
            console.error(diagnostic.description, prefix: nil)
        }
        return session
    }
}
