import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

/// Clients and checkers of others judge the server.
@Suite("Foreign clients of the server", .enabled(if: Judges.canRun, Judges.comment))
struct ForeignClientTests {
    private func python(_ packages: String, _ arguments: [String]) async throws -> Judges.Outcome {
        try await Judges.python(packages, arguments)
    }

    @Test("the official SDK's client, in both eras", arguments: ["legacy", "auto", "2026-07-28"])
    func officialClient(mode: String) async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let outcome = try await python("mcp", ["-c", ForeignPrograms.mcp, mode, server.url])
            #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)")
        }
    }

    @Test("FastMCP's client, in both eras", arguments: ["legacy", "auto"])
    func fastMCP(mode: String) async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let outcome = try await python("mcp", ["-c", ForeignPrograms.fastmcp, mode, server.url])
            #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)")
        }
    }

    @Test("mcpcheck, strictly: all checks of 2026-07-28 pass, without warnings", arguments: [true, false])
    func mcpcheck(servesLegacy: Bool) async throws {
        var configuration = StreamableHTTPConfiguration()
        if !servesLegacy { configuration.versions = SupportedVersions([.v2026_07_28]) }
        let service = try DemoService.make(versions: configuration.versions)
        try await RunningServer.run(service, configuration) { server in
            let program = Judges.folder + "/mcp/bin/jbt-mcpcheck"
            let outcome = try await python(
                "mcp",
                [program, "--strict", "--json", "--legacy-probes", server.url]
            )
            let report = try RawJSON(parsing: outcome.output)
            let checks = report["checks"]?.elements ?? []
            #expect(checks.count == 8)
            for check in checks { #expect(check["status"] == "pass", "\(check)") }
            #expect(outcome.isSuccess, "\(outcome.errors)")
        }
    }

    @Test("mcp-authlab: the checks that need no authorization server")
    func authlab() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let outcome = try await python(
                "mcp",
                [
                    Judges.folder + "/mcp/bin/mcp-authlab", "scan", "--no-login", "--token", "any", "--format",
                    "json",
                    server.url,
                ]
            )
            let results = try RawJSON(parsing: outcome.output)["results"]?.elements ?? []
            let verdicts = results.reduce(into: [:]) { $0[$1["id"]?.stringValue ?? ""] = $1["status"]?.stringValue }
            for check in ["TOK-06", "SESS-02", "ORIG-01", "VER-01"] {
                #expect(verdicts[check] == "pass", "\(check): \(verdicts), \(outcome.errors)")
            }
        }
    }

    @Test("mcp-fuzzer, with a seed: no crash and no hang")
    func fuzzer() async throws {
        let service = try DemoService.make()
        // These two wait, as they should.
        service.update { content in content.tools.removeAll { ["ask", "wait"].contains($0.definition.name) } }
        let seed = UInt64.random(in: 0...1_000_000)
        try await RunningServer.run(service) { server in
            let outcome = try await Judges.fuzz(server.url, seed: seed)
            #expect(
                outcome.output == "completed, 5 tools, []\n",
                "seed \(seed): \(outcome.output) \(outcome.errors)"
            )
            #expect(try await server.modern(Modern.request("tools/list")).status == 200)
        }
    }
}
