import ArgumentParser
import CommandSupport

/// `moorage plugin`.
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "Check bundles of files that servers load, offline.",
        subcommands: [PluginVerifyCommand.self, PluginInstallCommand.self]
    )
}

/// Which bundle, and how it is checked.
struct PluginOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory of the bundle.", valueName: "dir"), completion: .directory)
    var from: String

    @Option(
        help: ArgumentHelp(
            "The signed file, as a path in the bundle. If it is named SHA256SUMS, it lists the other files.",
            valueName: "file"
        )
    )
    var entry = "SHA256SUMS"

    @Option(help: ArgumentHelp("The SHA-256 of the signed file, in hexadecimal.", valueName: "digest"))
    var sha256: String

    @Option(help: ArgumentHelp("The detached signature of the signed file, in base64.", valueName: "base64"))
    var signature: String

    @Option(
        help: ArgumentHelp(
            "A public key in PEM, as --public-key=PEM. Can be repeated; one of the keys must have signed.",
            valueName: "pem"
        )
    )
    var publicKey: [String] = []

    @Option(
        help: ArgumentHelp("A file with a public key in PEM. Can be repeated.", valueName: "file"),
        completion: .file()
    )
    var key: [String] = []

    func bundle() throws -> PluginFiles {
        guard !publicKey.isEmpty || !key.isEmpty else { throw CommandFailure("name the public key with --key") }
        var keys = publicKey
        for file in key { keys.append(String(decoding: try InputFile.read(file, limit: 65_536), as: UTF8.self)) }
        return try PluginFiles(root: from, entry: entry, sha256: sha256, signature: signature, keys: keys)
    }
}

/// `moorage plugin verify`.
struct PluginVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify the digest and the signature of a bundle, and of every file that it lists.",
        discussion: """
            Exits with 0 if the bundle is good, and with 1 and the reason if not. Nothing is requested from anywhere.

            Example:
              moorage plugin verify --from prometheus --key release.pub --sha256 "$(sha256sum < prometheus/SHA256SUMS | cut -c1-64)" \\
                --signature "$(base64 -w0 prometheus/SHA256SUMS.sig)"
            """
    )

    @OptionGroup
    var options: PluginOptions

    func run() async throws {
        let files = try options.bundle()
        try files.each { _, _ in }
        Console.standard.output("verified: \(files.summary)\n")
    }
}

/// `moorage plugin install`: the init container of a server with bundles.
struct PluginInstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Verify a bundle, and copy what its signature covers.",
        discussion: """
            An init container of servers with spec.plugins runs it. The directory appears only once it is complete; files that the \
            signature does not cover are not copied.
            """
    )

    @OptionGroup
    var options: PluginOptions

    @Option(help: ArgumentHelp("The directory to create.", valueName: "dir"), completion: .directory)
    var to: String

    func run() async throws {
        let files = try options.bundle()
        try files.install(to: to)
        Console.standard.output("installed in \(to): \(files.summary)\n")
    }
}
