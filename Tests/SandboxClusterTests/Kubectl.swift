import CRDModels
import FoundationEssentials
import KubernetesAPI
import SandboxCluster
import TestSupport
import Testing

/// Real `kubectl`, run against a sandbox that has Moorage's CRDs.
struct Kubectl: Sendable {
    /// The folder of this run, which is `kubectl`'s home too: its caches are keyed by address, and ports come again.
    let folder: String
    private let executable: Tool
    private let kubeconfig: String

    /// Runs a body with `kubectl` and the sandbox that it talks to.
    static func run(
        configure: (inout SandboxConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (Kubectl, SandboxHarness) async throws -> Void
    ) async throws {
        let executable = try Tool.kubectl()
        let folder =
            FileManager.default.temporaryDirectory.path + "/moorage-kubectl-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = SandboxConfiguration()
        configuration.nativeRuleChecks = CustomResourceDefinitions.nativeRuleChecks
        configure(&configuration)
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
    func attempt(_ arguments: [String], input: String = "", environment: [String: String] = [:]) async throws
        -> Tool.Result
    {
        try await attempt(executable, arguments, input: input, environment: environment)
    }

    private func attempt(
        _ tool: Tool,
        _ arguments: [String],
        input: String,
        environment: [String: String]
    ) async throws -> Tool.Result {
        let own = ["KUBECONFIG": kubeconfig, "HOME": folder]
        return try await tool.attempt(
            arguments,
            input: input,
            environment: own.merging(environment) { _, given in given },
            directory: folder
        )
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
    func attemptHelm(_ arguments: [String]) async throws -> Tool.Result {
        try await attempt(try Tool.helm(), arguments, input: "", environment: [:])
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
