import CRDModels
import FoundationEssentials
import KubernetesAPI
import SandboxCluster
import Subprocess
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Real `kubectl`, run against a sandbox that has Moorage's CRDs.
struct Kubectl: Sendable {
    /// What a run left behind.
    struct Result: Sendable {
        var status: Int32
        var output: String
        var error: String
    }

    /// Where `kubectl` is: what `MOORAGE_KUBECTL` names, or the first on the `PATH`.
    static let path = find("kubectl", named: "MOORAGE_KUBECTL")
    /// Where `helm` is: what `MOORAGE_HELM` names, or the first on the `PATH`.
    static let helmPath = find("helm", named: "MOORAGE_HELM")

    private static func find(_ tool: String, named variable: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment[variable], !named.isEmpty { return named }
        return (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(tool)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The folder of this run, which is `kubectl`'s home too: its caches are keyed by address, and ports come again.
    let folder: String
    private let executable: String
    private let kubeconfig: String

    /// Runs a body with `kubectl` and the sandbox that it talks to.
    static func run(_ body: @Sendable @escaping (Kubectl, SandboxHarness) async throws -> Void) async throws {
        let executable = try #require(path, "kubectl is missing: run `make tools`, or set MOORAGE_KUBECTL")
        let folder =
            FileManager.default.temporaryDirectory.path + "/moorage-kubectl-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = SandboxConfiguration()
        configuration.ruleTwins = CustomResourceDefinitions.ruleTwins
        try await withSandbox(configuration) { harness in
            for definition in CustomResourceDefinitions.all {
                try harness.sandbox.register(customResource: definition)
            }
            let kubectl = Kubectl(folder: folder, executable: executable, kubeconfig: "\(folder)/kubeconfig")
            try kubectl.write(try await harness.sandbox.kubeconfig(), to: "kubeconfig")
            try await body(kubectl, harness)
        }
    }

    /// Writes a file into the folder, and gives its path.
    @discardableResult
    func write(_ text: String, to name: String, executable: Bool = false) throws -> String {
        let path = "\(folder)/\(name)"
        if let slash = name.lastIndex(of: "/") {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name[..<slash])",
                withIntermediateDirectories: true
            )
        }
        try Data(text.utf8).write(to: URL(filePath: path))
        if executable {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        return path
    }

    /// Runs `kubectl` and gives what it left behind, whatever its status.
    func attempt(_ arguments: [String], input: String = "", environment: [String: String] = [:]) async throws -> Result
    {
        try await attempt(executable, arguments, input: input, environment: environment)
    }

    private func attempt(
        _ tool: String,
        _ arguments: [String],
        input: String,
        environment: [String: String]
    ) async throws -> Result {
        var additions: [Environment.Key: String?] = ["KUBECONFIG": kubeconfig, "HOME": folder]
        for (key, value) in environment { additions[Environment.Key(stringLiteral: key)] = value }
        let result = try await Subprocess.run(
            .path(FilePath(tool)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(additions),
            workingDirectory: FilePath(folder),
            input: .string(input),
            output: .string(limit: 16 << 20),
            error: .string(limit: 16 << 20)
        )
        var status: Int32 = -1
        if case .exited(let code) = result.terminationStatus { status = Int32(code) }
        return Result(status: status, output: result.standardOutput, error: result.standardError)
    }

    /// Runs `kubectl`, which must succeed, and gives what it wrote.
    @discardableResult
    func callAsFunction(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await attempt(arguments, input: input, environment: environment)
        #expect(
            result.status == 0,
            "kubectl \(arguments.joined(separator: " ")): \(result.error)",
            sourceLocation: sourceLocation
        )
        return result.output
    }

    /// Runs `helm` on the same cluster, and gives what it left behind, whatever its status.
    func attemptHelm(_ arguments: [String]) async throws -> Result {
        let helm = try #require(Kubectl.helmPath, "helm is missing: run `make tools`, or set MOORAGE_HELM")
        return try await attempt(helm, arguments, input: "", environment: [:])
    }

    /// Runs `helm`, which must succeed, and gives what it wrote.
    @discardableResult
    func helm(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let result = try await attemptHelm(arguments)
        #expect(
            result.status == 0,
            "helm \(arguments.joined(separator: " ")): \(result.error)",
            sourceLocation: sourceLocation
        )
        return result.output
    }
}
