import FoundationEssentials
import KubernetesAPI
import TestSupport
import Testing

@testable import Controller

@Suite("moorage import")
struct ImportCommandTests {
    private static let token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
    private static let file = """
        {"mcpServers": {
          "github": {
            "command": "docker",
            "args": ["run", "-i", "--rm", "-e", "GITHUB_PERSONAL_ACCESS_TOKEN", "ghcr.io/github/github-mcp-server:v1.0.0"],
            "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": "\(token)"}
          },
          "docs": {"url": "https://docs.example.com/mcp"}
        }}
        """

    @Test("a client's file becomes manifests that validate accepts but for the digest, and its token is nowhere")
    func clientFile() async throws {
        let folder = try TemporaryDirectory()
        let input = try folder.write(Self.file, to: "mcp.json")
        let result = try await Binary.run("import", "-f", input, "--tenant", "acme")
        #expect(result.status == 0, "\(result.error)")
        #expect(!(result.output + result.error).contains(Self.token))
        #expect(result.error.contains("GITHUB_PERSONAL_ACCESS_TOKEN"))
        let objects = try YAML.documents(in: result.output).map(\.value)
        let servers = objects.filter { $0["kind"] == "MCPServer" }
        #expect(servers.compactMap { $0[path: ["metadata", "name"]]?.stringValue }.sorted() == ["docs", "github"])
        #expect(servers.allSatisfy { $0[path: ["metadata", "namespace"]] == "mcp-acme" })
        let output = try folder.write(result.output, to: "servers.yaml")
        let validation = try await Binary.run(
            "validate",
            "-f",
            output,
            "--allow-missing-secrets",
            "--allow-missing-entry-points"
        )
        let errors = validation.error.split(separator: "\n").filter { $0.contains(": error: ") }
        #expect(errors.count == 1 && errors.first?.contains("digest") == true, "\(validation.error)")
    }

    @Test("with --include-secrets the token is in a Secret, and only there; the report can be a file")
    func secretsAndReport() async throws {
        let folder = try TemporaryDirectory()
        let input = try folder.write(Self.file, to: "mcp.json")
        let report = folder.path + "/report.json"
        let result = try await Binary.run(
            "import",
            "-f",
            input,
            "-n",
            "team",
            "--include-secrets",
            "--report",
            report,
            "-o",
            "json"
        )
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.ranges(of: Self.token).count == 1 && result.output.contains("\"Secret\""))
        let written = try String(contentsOf: URL(filePath: report), encoding: .utf8)
        #expect(!written.contains(Self.token) && !result.error.contains(Self.token))
        _ = try JSONValue(parsing: Array(written.utf8))
    }

    @Test("what cannot be imported is refused with exit status 1, and the rest is printed")
    func refusal() async throws {
        let servers = #"{"local": {"command": "/opt/tool"}, "docs": {"url": "https://docs.example.com/mcp"}}"#
        let result = try await Binary.run("import", "-f", "-", input: #"{"mcpServers": \#(servers)}"#)
        #expect(result.status == 1)
        #expect(result.error.contains("local") && result.output.contains("docs.example.com"))
    }
}
