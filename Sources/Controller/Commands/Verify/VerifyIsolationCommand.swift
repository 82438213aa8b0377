import CommandSupport
import ArgumentParser
import Isolation
import Policy

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `moorage verify isolation`.
struct VerifyIsolationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "isolation",
        abstract: "Evaluate NetworkPolicies: which pods reach which, and whether tenants are isolated.",
        discussion: """
            Evaluates all NetworkPolicies for every pair of pods and every port, in both directions. A path from one tenant \
            to another is an error, and so is a path from a tenant into a blocked range: the addresses of cloud metadata, \
            loopback and link-local addresses, and blockedCIDRs of the platform and of the tenant. The error names the \
            policy that opens the path, or says that no policy selects the pod.

            With -f, the objects of Moorage are rendered like `moorage render` does, and NetworkPolicies, pods, workloads \
            and namespaces are read as they are. With --live, those of the cluster are read. A namespace belongs to a \
            tenant if an MCPTenant claims it, or if it has the label moorage.dev/tenant.

            With --probe, pods of two namespaces try to reach each other in the cluster, and the result is compared with what \
            the policies say, so that a network that does not enforce policies is found. The pods run for some seconds and are \
            deleted.

            The exit status is 0 if tenants are isolated, and 1 if they are not, or if something cannot be evaluated.

            Examples:
              moorage verify isolation -f tenants/ -R
              moorage verify isolation -f tenants/ --pod-cidr 10.244.0.0/16 -o json
              moorage verify isolation --live --allow '*=169.254.20.10/32'
              moorage verify isolation --probe --probe-namespace team-a --probe-namespace team-b
            """
    )

    @OptionGroup
    var input: IsolationOptions

    @OptionGroup
    var source: KubeconfigOptions

    @OptionGroup
    var platform: PlatformOptions

    @Option(
        name: .shortAndLong,
        help: "The output format. (default: matrix on a terminal, otherwise list)"
    )
    var output: IsolationFormat?

    @OptionGroup
    var probe: ProbeOptions

    func validate() throws {
        try probe.check(input)
        if !probe.probe { try input.check() }
    }

    func run() async throws {
        let console = Console.standard
        let settings = try platform.load(environment: .process)
        if probe.probe { return try await probe.run(source, platform: settings, console: console) }
        var gathered =
            input.live
            ? try await LiveIsolation.read(source, platform: settings)
            : try input.files(platform: settings)
        gathered.warn(about: input.allowances)
        for diagnostic in gathered.diagnostics where !input.quiet || diagnostic.severity == .error {
            console.error(TerminalText.safe(diagnostic.description), prefix: nil)
        }
        var model = gathered.model
        if let ranges = input.podRanges { model.podRanges = ranges }
        let report: IsolationReport
        do {
            report = try IsolationCheck(model, blocked: gathered.blocked, allowances: input.allowances).report()
        } catch {
            for problem in error.problems { console.error(TerminalText.safe(gathered.message(of: problem))) }
            console.error("nothing was evaluated: correct the policies first")
            throw ExitCode(1)
        }
        let format = output ?? (isatty(STDOUT_FILENO) == 1 ? .matrix : .list)
        let result = IsolationOutput(report: report, console: console, isComplete: !gathered.diagnostics.hasErrors)
        console.output(result.text(format))
        if let summary = result.summary {
            console.error(summary)
            throw ExitCode(1)
        }
    }
}

/// The files, and what is allowed.
struct IsolationOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Files, directories (their .yaml, .yml and .json files), or - for standard input. Can be repeated.
            """,
            valueName: "path"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var paths: [String] = []

    @Flag(help: "Read the cluster instead of files.")
    var live = false

    @Flag(name: [.customShort("R"), .long], help: "Also read the subdirectories of directories.")
    var recursive = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The namespace of objects that do not set one.", valueName: "name")
    )
    var namespace = "default"

    @Option(
        help: ArgumentHelp(
            """
            The addresses that pods can have, such as 10.244.0.0/16; can be repeated. Without it, pods whose addresses are \
            not known can have any address, so that any ipBlock covers them.
            """,
            valueName: "cidr"
        )
    )
    var podCidr: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Allow the path from tenant A to B, another tenant or a range of addresses; can be repeated. A can be * for every \
            tenant.
            """,
            valueName: "a=b"
        )
    )
    var allow: [String] = []

    @Flag(name: [.customShort("q"), .long], help: "Do not print notes and warnings.")
    var quiet = false

    /// The ranges of the pods, `nil` if none is set.
    var podRanges: [AddressRange]? { podCidr.isEmpty ? nil : podCidr.compactMap { AddressRange(cidr: $0) } }

    /// The paths that are allowed.
    var allowances: [Allowance] { allow.compactMap { Allowance($0) } }

    /// - Throws: `ValidationError` for wrong usage.
    func check() throws {
        if paths.isEmpty, !live { throw ValidationError("Set the files to read with -f, or --live to read a cluster.") }
        if !paths.isEmpty, live { throw ValidationError("Use either -f or --live, not both.") }
        for text in podCidr where AddressRange(cidr: text) == nil {
            throw ValidationError("--pod-cidr: \"\(text)\" is not a range of addresses such as 10.244.0.0/16.")
        }
        for text in allow where Allowance(text) == nil {
            throw ValidationError(
                "--allow: \"\(text)\" is not A=B, where A is a tenant or *, and B a tenant or a range of addresses."
            )
        }
    }

    /// Reads the files.
    ///
    /// - Throws: `CommandFailure` where a file cannot be read at all.
    func files(platform: PlatformConfiguration?) throws -> IsolationInput {
        let sources = try ManifestSource.read(paths: paths, recursive: recursive)
        let reader = ManifestReader(sources: sources, defaultNamespace: namespace)
        var input = FileIsolation.input(reader, namespace: namespace, platform: platform)
        input.diagnostics = input.diagnostics.ordered(byFiles: sources.map(\.name))
        return input
    }
}

/// How the network is probed.
struct ProbeOptions: ParsableArguments {
    @Flag(help: "Let pods of two namespaces try to reach each other, and compare the result with the policies.")
    var probe = false

    @Option(
        help: ArgumentHelp(
            "A namespace for --probe; repeat it for two of them. By default, those of the first two tenants.",
            valueName: "name"
        )
    )
    var probeNamespace: [String] = []

    @Option(help: ArgumentHelp("The image with moorage that the pods of --probe run.", valueName: "image"))
    var probeImage = PlatformConfiguration.chartImage

    /// - Throws: `ValidationError` for wrong usage.
    func check(_ input: IsolationOptions) throws {
        guard probe else {
            guard probeNamespace.isEmpty else { throw ValidationError("--probe-namespace needs --probe.") }
            return
        }
        guard input.paths.isEmpty else { throw ValidationError("--probe tries a cluster: use it without -f.") }
        guard probeNamespace.isEmpty || Set(probeNamespace).count == 2, probeNamespace.count <= 2 else {
            throw ValidationError("--probe tries two namespaces: set --probe-namespace twice, or not at all.")
        }
    }

    /// - Throws: `CommandFailure` if the network does not do what the policies say, or it cannot be tried.
    func run(_ source: KubeconfigOptions, platform: PlatformConfiguration?, console: Console) async throws {
        let verdict = try await source.withClient { client, _ in
            let model = try await LiveIsolation.input(client, platform: platform).model
            let probe = NetworkProbe(
                client: client,
                pods: ProbePods(identifier: ProbePods.newIdentifier(), image: probeImage),
                namespaces: try namespaces(model)
            )
            return try await probe.run(model)
        }
        for result in verdict.results {
            console.output("\(result.isAsExpected ? "as expected" : "DIFFERENT  ")  \(result.text)\n")
        }
        let problems = verdict.problems
        guard problems.isEmpty else { throw CommandFailure(problems.joined(separator: "; ")) }
        if !verdict.hasControl {
            console.error(
                """
                no connection between these namespaces is allowed, so this does not show that the network works; \
                the kubelet reached both pods
                """,
                prefix: "note: "
            )
        }
    }

    private func namespaces(_ model: ClusterModel) throws -> [String] {
        let known = model.namespaces.map(\.name)
        if let unknown = probeNamespace.first(where: { !known.contains($0) }) {
            throw CommandFailure("--probe-namespace: the namespace \"\(unknown)\" does not exist")
        }
        guard probeNamespace.isEmpty else { return probeNamespace }
        var found: [String: String] = [:]
        for namespace in model.namespaces.sorted(by: { $0.name < $1.name }) {
            if let tenant = namespace.tenant, found[tenant] == nil { found[tenant] = namespace.name }
        }
        guard found.count >= 2 else {
            throw CommandFailure(
                "the cluster has namespaces of \(found.count) tenants, and two are needed: set --probe-namespace twice"
            )
        }
        return found.sorted { $0.key < $1.key }.prefix(2).map(\.value)
    }
}
