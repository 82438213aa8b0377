import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import Controller

@Suite("moorage sandbox", .serialized)
struct SandboxCommandTests {
    // Nobody runs the remote server.
    @Test(
        "every example becomes Ready, and the tree shows the objects",
        arguments: GoldenRenderTests.examples.filter { $0 != "remote" }
    )
    func examples(example: String) async throws {
        let result = try await Binary.run("sandbox", "--apply", "examples/\(example).yaml", "--once")
        #expect(result.status == 0, "\(result.error)")
        #expect(!result.error.contains("error: "))
        #expect(result.output.contains("MCPServer "))
        #expect(result.output.contains("  Ready  http"))
        #expect(result.output.contains("Deployment "))
        #expect(result.output.contains("Running"))
    }

    @Test("a refused server ends it with status 1, and the reason")
    func refused() async throws {
        let server = RenderTests.server("hello", spec: "image: ghcr.io/acme/hello:latest")
        let result = try await Binary.run("sandbox", "--apply", "-", "--once", "--timeout", "20s", input: server)
        #expect(result.status == 1)
        #expect(result.error.contains("error: MCPServer default/hello: Image"))
    }

    @Test("an object that the API refuses ends it with status 1, and the line")
    func invalid() async throws {
        let server = RenderTests.server("hello", spec: "image: 5")
        let result = try await Binary.run("sandbox", "--apply", "-", "--once", "--timeout", "20s", input: server)
        #expect(result.status == 1)
        #expect(result.error.contains("<stdin>:1: error: MCPServer default/hello: "))
    }

    @Test(
        "without --once it keeps running, with a working kubeconfig, and ends on SIGTERM",
        arguments: [[], ["--rbac"]]
    )
    func stays(options: [String]) async throws {
        let directory = try TemporaryDirectory()
        let kubeconfig = "\(directory.path)/kubeconfig"
        let binary = try #require(Binary.path)
        let result = try await Subprocess.run(
            .path(binary),
            arguments: Arguments(
                ["sandbox", "--apply", "examples/quickstart.yaml", "--kubeconfig", kubeconfig] + options
            ),
            workingDirectory: FilePath(Binary.packageRoot),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        ) { execution in
            // If something fails below, the process must still end.
            defer { try? execution.send(signal: .terminate) }
            try await eventually { FileManager.default.fileExists(atPath: kubeconfig) }
            let configuration = try KubernetesClientConfiguration.load(kubeconfig: kubeconfig)
            try await withClient(of: configuration) { client in
                try await eventually {
                    let server = try? await client.get(.deployment, name: "hello", namespace: "default")
                    return server?[path: ["status", "readyReplicas"]]?.integerValue == 1
                }
            }
            // Without credentials, a client is an administrator, or anonymous with RBAC.
            var anonymous = configuration
            anonymous.credentials = .none
            let isAllowed = try await withClient(of: anonymous, retryPolicy: .never) { stranger in
                (try? await stranger.raw("/api/v1/secrets")) != nil
            }
            #expect(isAllowed == options.isEmpty)
        }
        #expect(result.terminationStatus == .exited(0))
        #expect(result.standardOutput.contains("export KUBECONFIG="))
        #expect(result.standardOutput.contains("https://") == !options.isEmpty)
    }

    @Test("without --once, its servers are called through the gateway")
    func gateway() async throws {
        let directory = try TemporaryDirectory()
        let binary = try #require(Binary.path)
        let result = try await Subprocess.run(
            .path(binary),
            arguments: [
                "sandbox", "--apply", "examples/quickstart.yaml", "--kubeconfig", "\(directory.path)/kubeconfig",
            ],
            workingDirectory: FilePath(Binary.packageRoot),
            input: .none,
            output: .sequence,
            error: .string(limit: 1 << 20)
        ) { execution in
            defer { try? execution.send(signal: .terminate) }
            var text = ""
            for try await buffer in execution.standardOutput {
                text += buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                if text.contains("MCPServer default/hello is ready at"), text.hasSuffix("\n") { break }
            }
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("The gateway serves") }, "\(text)")
            let pattern = try #require(line.split(separator: " ").last).dropLast()
            let url = String(pattern).replacing("NAMESPACE", with: "default").replacing("NAME", with: "hello")
            let contract = try await eventually("the server is read through the gateway") {
                let read = try await Binary.run("contract", "read", url, "-o", "summary")
                return read.status == 0 ? read.output : nil
            }
            #expect(contract.contains("tool echo"), "\(contract)")
        }
        #expect(result.terminationStatus == .exited(0))
    }

    @Test("pods serve the contract of their image, and a contract that is not valid is reported with its file")
    func contracts() async throws {
        let binary = try #require(Binary.path)
        let directory = try TemporaryDirectory()
        let image = "ghcr.io/acme/hello@\(RenderTests.digest)"
        let server = """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServer
            metadata: {name: hello}
            spec: {image: "\(image)"}
            """
        let applied = try directory.write(server, to: "server.yaml")
        func run(_ contracts: String) async throws -> (status: TerminationStatus, output: String, error: String) {
            let result = try await Subprocess.run(
                .path(binary),
                arguments: [
                    "sandbox", "--apply", applied, "--once", "--contracts",
                    try directory.write(contracts, to: "contracts.yaml"),
                ],
                input: .none,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            return (result.terminationStatus, result.standardOutput, result.standardError)
        }
        let good = try await run("\"\(image)\": {name: hello, version: '7', tools: [{name: a}, {name: b}]}")
        #expect(good.status == .exited(0), "\(good.error)")
        #expect(good.output.contains("hello 7 speaks MCP 2026-07-28 and offers 2 tools"))
        let bad = try await run("\"\(image)\": {tools: [{title: without a name}]}")
        #expect(bad.status == .exited(1))
        #expect(bad.error.contains("contracts.yaml") && bad.error.contains("name"), "\(bad.error)")
    }

    @Test("wrong usage is reported", arguments: [["--once"], ["--port", "70000"], ["--timeout", "soon"]])
    func usage(arguments: [String]) async throws {
        let binary = try #require(Binary.path)
        let result = try await Subprocess.run(
            .path(binary),
            arguments: Arguments(["sandbox"] + arguments),
            input: .none,
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        #expect(result.terminationStatus == .exited(2))
    }
}

/// Waits until a condition holds.
func eventually(
    _ what: String = "it",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    while try await !condition() {
        try #require(
            ContinuousClock.now < deadline,
            "\(what) did not come to hold within a minute",
            sourceLocation: sourceLocation
        )
        await Task.yield()
    }
}
