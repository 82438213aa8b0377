import ArgumentParser
import CRDModels
import CommandSupport
import Importing
import KubernetesAPI
import KubernetesClient

/// `moorage import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Convert servers of other programs into manifests of Moorage.",
        discussion: """
            Reads objects of ToolHive, kmcp and mcp-lifecycle-operator, files in which clients list their servers, such as \
            mcp.json, entries of the MCP Registry (server.json) and of Obot's catalogue, and docker run command lines. Prints \
            manifests on standard output, and on standard error what could not be carried over and what there is to do. Each \
            field of the input is in one of the two.

            Values that look like secrets are never printed. The manifests read them from Secrets, and the report says which \
            ones to create; with --include-secrets, the Secrets are part of the output.

            The exit status is 1 if something was refused, so that there is no manifest of it. What else could be read is \
            still printed.

            Examples:
              moorage import -f mcpserver.yaml --tenant acme
              moorage import -f mcp.json --runner-image npx=docker.io/library/node@sha256:… --report report.txt
              moorage import --live --from toolhive | moorage validate -f - --allow-missing-secrets
            """
    )

    @OptionGroup
    var input: ImportInputOptions

    @OptionGroup
    var source: KubeconfigOptions

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The namespace of all manifests. Defaults to that of each object.", valueName: "name")
    )
    var namespace: String?

    @Option(
        help: ArgumentHelp("Use the default namespace of a tenant, mcp-NAME, for all manifests.", valueName: "name")
    )
    var tenant: String?

    @Flag(name: .long, help: "Write values that look like secrets into Secrets, which are part of the output.")
    var includeSecrets = false

    @OptionGroup
    var choices: ImportChoiceOptions

    @Option(name: .shortAndLong, help: "The output format.")
    var output: RenderedOutput.Format = .yaml

    @Option(
        help: ArgumentHelp(
            """
            Write the report to a file instead of standard error: as JSON if its name ends with .json. Refusals are printed on \
            standard error all the same.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var report: String?

    func validate() throws {
        try input.check()
        if namespace != nil, tenant != nil { throw ValidationError("Set either --namespace or --tenant.") }
        _ = try options()
    }

    private func options() throws -> ImportOptions {
        ImportOptions(
            format: input.from.format,
            namespace: namespace ?? tenant.map(Moorage.defaultNamespace(ofTenant:)),
            includesSecrets: includeSecrets,
            images: try ImportChoiceOptions.pairs(choices.image, "--image"),
            runnerImages: try ImportChoiceOptions.pairs(choices.runnerImage, "--runner-image"),
            values: try ImportChoiceOptions.pairs(choices.value, "--value")
        )
    }

    func run() async throws {
        let console = Console.standard
        let sources = input.live ? try await LiveImport.read(source, formats: input.from.formats) : try input.files()
        let result = Importer.run(sources, options: try options())
        console.output(RenderedOutput(format: output).text(result.manifests))
        let own = ImportReport(result)
        if let report {
            let text = report.hasSuffix(".json") ? own.json.indentedJSON() + "\n" : own.text
            try PrivateFile.write(text, to: report)
            for finding in result.findings where finding.kind == .refused {
                console.error(ImportReport.line(finding), prefix: nil)
            }
            console.error("\(own.summary); see \(report)", prefix: nil)
        } else {
            console.error(String(own.text.dropLast()), prefix: nil)
        }
        if result.hasRefusals { throw ExitCode(1) }
    }
}

/// What is imported.
struct ImportInputOptions: ParsableArguments {
    /// The value of `--from`.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case auto, toolhive, kmcp
        case mcpLifecycleOperator = "mcp-lifecycle-operator"
        case obot
        case mcpJSON = "mcp-json"
        case registry, docker

        /// The format of all files; `nil` if each file shows it.
        var format: ImportFormat? { ImportFormat(rawValue: rawValue) }

        /// The formats whose objects are read from a cluster.
        var formats: [ImportFormat] {
            (format.map { [$0] } ?? ImportFormat.allCases).filter { !$0.clusterKinds.isEmpty }
        }
    }

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Files, directories (their .yaml, .yml and .json files), or - for standard input. Can be repeated.
            """,
            valueName: "path"
        ),
        completion: .file()
    )
    var paths: [String] = []

    @Flag(help: "Read the objects of other operators in a cluster instead of files.")
    var live = false

    @Flag(name: [.customShort("R"), .long], help: "Also read the subdirectories of directories.")
    var recursive = false

    @Option(help: "The format of the input. By default, each file shows it.")
    var from: Format = .auto

    func check() throws {
        if live {
            guard paths.isEmpty else { throw ValidationError("Set either -f or --live.") }
            guard !from.formats.isEmpty else {
                throw ValidationError("With --live, --from is toolhive, kmcp, mcp-lifecycle-operator or auto.")
            }
        } else if paths.isEmpty {
            throw ValidationError("Set the files to read with -f, or --live.")
        }
    }

    /// - Throws: `CommandFailure` where a file cannot be read at all.
    func files() throws -> [ImportSource] {
        try ManifestSource.read(paths: paths, recursive: recursive).map { ImportSource(name: $0.name, text: $0.text) }
    }
}

/// What the user decides about single servers.
struct ImportChoiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The image of a server, by the name of its MCPServer, in place of what the input says. Can be repeated.",
            valueName: "server=image"
        )
    )
    var image: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            An image that contains a program, such as npx, uvx or dnx, for servers that are packages. The names npm, pypi and \
            nuget are also accepted. Can be repeated.
            """,
            valueName: "program=image"
        )
    )
    var runnerImage: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The value of something that the input leaves open, such as ${NAME}, {NAME} or an input. Can be repeated. Secrets do \
            not belong here, because other users of this machine can see command lines.
            """,
            valueName: "name=value"
        )
    )
    var value: [String] = []

    /// Splits `NAME=VALUE`.
    ///
    /// - Throws: `ValidationError`, which names the option.
    static func pairs(_ texts: [String], _ option: String) throws -> [String: String] {
        var pairs: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw ValidationError("\(option) \(text): write it as NAME=VALUE.")
            }
            let name = String(text[..<equals])
            guard pairs.updateValue(String(text[text.index(after: equals)...]), forKey: name) == nil else {
                throw ValidationError("\(option) \(name) is set twice.")
            }
        }
        return pairs
    }
}

/// Reads the objects of other operators in a cluster.
enum LiveImport {
    /// - Throws: `CommandFailure` if there are none, or the API server's error, which names what cannot be read.
    static func read(_ source: KubeconfigOptions, formats: [ImportFormat]) async throws -> [ImportSource] {
        let objects = try await source.withClient { client, _ in
            var objects: [JSONValue] = []
            for format in formats { objects += try await self.objects(of: format, client) }
            return objects
        }
        guard !objects.isEmpty else {
            let names = formats.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure("the cluster has no objects of \(names)")
        }
        return [ImportSource(name: "cluster", objects: objects)]
    }

    /// The objects of an operator. A kind is read in the first version that the cluster serves.
    private static func objects(of format: ImportFormat, _ client: KubernetesClient) async throws -> [JSONValue] {
        var objects: [JSONValue] = []
        var isRead: Set<String> = []
        for type in format.clusterKinds where !isRead.contains(type.groupKind) {
            do {
                objects += try await client.objects(of: type)
                isRead.insert(type.groupKind)
            } catch let error as APIError where error.isNotFound {
                continue
            }
        }
        return objects
    }
}
