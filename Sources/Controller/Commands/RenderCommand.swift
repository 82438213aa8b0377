import ArgumentParser

/// Which manifests.
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

    @Flag(name: [.customShort("q"), .long], help: "Leave out notes and warnings.")
    var quiet = false
}

/// `moorage render`.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "render", abstract: "render.")
}
