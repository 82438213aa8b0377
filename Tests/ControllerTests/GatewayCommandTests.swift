import FoundationEssentials
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import Controller

@Suite("moorage gateway --mcp-servers")
struct GatewayCommandTests {
    /// Writes a file of servers, runs the gateway with it until the body has ended, and sends SIGTERM.
    private func withGateway(
        _ servers: String,
        environment: [Environment.Key: String?] = [:],
        _ body: @escaping @Sendable (_ origin: String) async throws -> Void
    ) async throws -> (status: TerminationStatus, log: String) {
        let path = try #require(Binary.path, "moorage is not built: run `swift build`")
        let file = FileManager.default.temporaryDirectory.appending(path: "servers-\(UUID().uuidString).json")
        try Data(servers.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let port = TestPort.random()
        let result = try await Subprocess.run(
            .path(path),
            arguments: ["gateway", "--mcp-servers", file.path(), "--bind-address", "127.0.0.1:\(port)"],
            environment: .inherit.updating(environment),
            input: .none,
            output: .discarded,
            error: .string(limit: 1 << 20)
        ) { execution in
            defer { try? execution.send(signal: .terminate) }
            try await body("http://127.0.0.1:\(port)")
        }
        return (result.terminationStatus, result.standardError)
    }

    /// Reads the contract at a URL, once the server is there.
    private func contract(_ url: String) async throws -> String {
        var last = ""
        for _ in 0..<50 {
            let result = try await Binary.run("contract", "read", url, "-o", "summary")
            if result.status == 0, result.output.contains("tool ") { return result.output }
            last = result.output + result.error
        }
        Issue.record("no contract: \(last)")
        return ""
    }

    @Test("a command is served at a path of its own and joined with others, and the gateway ends with its processes")
    func command() async throws {
        let script = FileManager.default.temporaryDirectory.appending(path: "server-\(UUID().uuidString).sh")
        try Data(AdaptCommandTests.server.utf8).write(to: script)
        defer { try? FileManager.default.removeItem(at: script) }
        let servers = """
            {"mcpServers": {
              "shell": {"command": "/bin/sh", "args": ["${SERVER_SCRIPT}"]},
              "gone": {"url": "http://127.0.0.1:1/mcp"}
            }}
            """
        let outcome = try await withGateway(servers, environment: ["SERVER_SCRIPT": script.path()]) { origin in
            let single = try await contract("\(origin)/shell/mcp")
            #expect(single.contains("Server:     shell 1.0") && single.contains("tool add"), "\(single)")
            let joined = try await contract("\(origin)/mcp")
            #expect(joined.contains("tool shell_add"), "\(joined)")
        }
        #expect(outcome.status == .exited(0), "\(outcome.log)")
        #expect(outcome.log.contains("the backend cannot be used"), "\(outcome.log)")
    }

    @Test(
        "what is wrong with the file, or with the address, is said with the field",
        arguments: [
            (
                #"{"mcpServers": {"a": {"url": "https://x", "headers": {"Authorization": "Bearer ${NOT_SET_HERE}"}}}}"#,
                "mcpServers.a.headers.Authorization: needs the environment variable NOT_SET_HERE, which is not set"
            ),
            (#"{"servers": {}}"#, "mcpServers: is missing; it lists the servers by name"),
            (#"{"mcpServers": {}}"#, "mcpServers lists no server that is enabled"),
            (#"{"mcpServers": {"a": {}}}"#, "mcpServers.a: has neither url nor command"),
            ("{", "the file is not valid JSON"),
        ]
    )
    func refusals(file: String, message: String) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "servers-\(UUID().uuidString).json")
        try Data(file.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let result = try await Binary.run("gateway", "--mcp-servers", path.path())
        #expect(result.status == 1 && result.error.contains(message), "\(result.error)")
    }

    @Test("without authentication, only loopback addresses are allowed")
    func address() async throws {
        let result = try await Binary.run("gateway", "--mcp-servers", "x.json", "--bind-address", ":8080")
        #expect(result.status == 2 && result.error.contains("must be a loopback address"), "\(result.error)")
    }
}
