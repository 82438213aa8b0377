import FoundationEssentials
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

/// The Python packages that `scripts/install-python-tools` puts into `.cache/python`.
private enum PythonTools {
    static let folder = Binary.packageRoot + "/.cache/python/mcp"

    /// In CI a missing package fails the tests; elsewhere they are skipped.
    static let areInstalled =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.fileExists(atPath: folder + "/mcp_server_time")
    static let comment: Comment = "the Python packages are not installed: run `make tools`"

    static let environment = [
        "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": "\(folder)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "")",
    ]
}

@Suite("moorage sandbox --run-processes", .serialized)
struct RunProcessesTests {
    @Test(
        "the example with a real server becomes Ready, and --once prints its tools",
        .enabled(if: PythonTools.areInstalled, PythonTools.comment)
    )
    func once() async throws {
        let result = try await Binary.run(
            "sandbox",
            "--apply",
            "examples/time.yaml",
            "--run-processes",
            "--once",
            environment: PythonTools.environment
        )
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.contains("warning: the commands of manifests run on this machine"))
        #expect(result.output.contains("ProtocolVerified=True ProtocolVerified: mcp-time "))
        #expect(result.output.contains("MCPServer default/time, through the gateway\n"))
        #expect(result.output.contains("tool get_current_time: Get current time in a specific timezone\n"))
        #expect(result.output.contains("tool convert_time: "))
    }

    @Test(
        "servers that speak HTTP run as well, on the port that they are given",
        .enabled(if: PythonTools.areInstalled, PythonTools.comment),
        arguments: ["streamable-http", "sse"]
    )
    func http(transport: String) async throws {
        let manifest = """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServer
            metadata: {name: sums}
            spec:
              image: ghcr.io/acme/sums@\(RenderTests.digest)
              transport: \(transport)
              command: [python3, -c]
              args:
                - |
                  import os
                  from fastmcp import FastMCP
                  server = FastMCP("sums")
                  @server.tool
                  def add(a: int, b: int) -> int:
                      "Adds two numbers."
                      return a + b
                  server.run(transport="\(transport)", host="127.0.0.1", port=int(os.environ["PORT"]))

            """
        let result = try await Binary.run(
            "sandbox",
            "--apply",
            "-",
            "--run-processes",
            "--once",
            input: manifest,
            environment: PythonTools.environment
        )
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("  tool add: Adds two numbers.\n"), "\(result.output)")
        // The gateway speaks Streamable HTTP, whatever the server speaks.
        #expect(result.output.contains("over Streamable HTTP"), "\(result.output)")
    }

    /// A client of the official SDK, which calls a tool.
    private static let client = """
        import asyncio, sys
        from mcp import ClientSession
        from mcp.client.streamable_http import streamable_http_client
        async def main():
            async with streamable_http_client(sys.argv[1]) as streams:
                async with ClientSession(streams[0], streams[1]) as session:
                    await session.initialize()
                    result = await session.call_tool("get_current_time", {"timezone": "Europe/Zurich"})
                    print(result.content[0].text)
        asyncio.run(main())
        """

    @Test(
        "a real client calls a tool at the URL that is printed, and nothing runs after the sandbox, even if it is killed",
        .enabled(if: PythonTools.areInstalled, PythonTools.comment),
        arguments: [false, true]
    )
    func stays(isKilled: Bool) async throws {
        let binary = try #require(Binary.path)
        let directory = try TemporaryDirectory()
        let kubeconfig = "\(directory.path)/kubeconfig"
        // A folder of its own by which its processes are found.
        let marker = directory.path
        var variables: [Environment.Key: String?] = [:]
        for (name, value) in PythonTools.environment { variables[Environment.Key(stringLiteral: name)] = value }
        let environment = Environment.inherit.updating(variables)
        let manifest = try Tool.text(of: "examples/time.yaml").replacing(
            "args: [--local-timezone, UTC]",
            with: "args: [--local-timezone, UTC]\n  env: [{name: MARKER, value: \(marker)}]"
        )
        let applied = try directory.write(manifest, to: "time.yaml")
        let result = try await Subprocess.run(
            .path(binary),
            arguments: ["sandbox", "--apply", applied, "--run-processes", "--kubeconfig", kubeconfig],
            environment: environment,
            workingDirectory: FilePath(Binary.packageRoot),
            input: .none,
            output: .sequence,
            error: .string(limit: 1 << 20)
        ) { execution -> String in
            defer { try? execution.send(signal: .terminate) }
            var text = ""
            for try await buffer in execution.standardOutput {
                text += buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                if text.contains("is ready at") && text.hasSuffix("\n") { break }
            }
            let line = text.split(separator: "\n").first { $0.contains("MCPServer default/time is ready at ") }
            let url = try #require(line?.split(separator: " ").last, "\(text)")
            let answer = try await Subprocess.run(
                .name("python3"),
                arguments: ["-c", Self.client, String(url)],
                environment: environment,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            #expect(answer.standardOutput.contains(#""timezone": "Europe/Zurich""#), "\(answer.standardError)")
            #expect(try Self.processes(with: marker).count >= 2)
            if isKilled { try execution.send(signal: .kill) }
            return text
        }
        #expect(isKilled || result.terminationStatus == .exited(0), "\(result.standardError)")
        try await eventually("no process is left") { try Self.processes(with: marker).isEmpty }
    }

    /// The processes whose environment contains a variable `MARKER` (Linux).
    private static func processes(with marker: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
            guard Int(name) != nil, let data = FileManager.default.contents(atPath: "/proc/\(name)/environ") else {
                return false
            }
            return String(decoding: data, as: UTF8.self).contains("MARKER=\(marker)")
        }
    }

    @Test(
        "a command that does not exist, or ends, is named in the conditions and in the output, with its log",
        arguments: ["stdio", "streamable-http"]
    )
    func failures(transport: String) async throws {
        func run(_ command: String) async throws -> Tool.Result {
            try await Binary.run(
                "sandbox",
                "--apply",
                "-",
                "--run-processes",
                "--once",
                // A process that the adapter cannot use is a pod that takes its time.
                "--timeout",
                "20s",
                input: Self.manifest(command, transport)
            )
        }
        let missing = try await run("[no-such-command]")
        #expect(missing.status == 1)
        let cause = "exec: \"no-such-command\": executable file not found in $PATH"
        #expect(missing.error.contains("error: MCPServer default/time: ContainerConfigurationInvalid: "))
        #expect(missing.error.contains(cause), "\(missing.error)")
        #expect(missing.output.contains(cause), "\(missing.output)")
        let ending = try await run(#"[/bin/sh, -c, "echo out of cheese >&2; exit 3"]"#)
        #expect(ending.status == 1)
        #expect(ending.error.contains("out of cheese"), "\(ending.error)")
        if transport != "stdio" {
            #expect(ending.output.contains("ContainerCrashing"), "\(ending.output)")
            #expect(ending.error.contains("with exit code 3"))
        }
    }

    private static func manifest(_ command: String, _ transport: String) -> String {
        """
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: time}
        spec:
          image: ghcr.io/acme/time@\(RenderTests.digest)
          transport: \(transport)
          command: \(command)

        """
    }
}
