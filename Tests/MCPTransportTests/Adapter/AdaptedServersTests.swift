import Foundation
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

/// Servers and clients of others, with the adapter between them.
@Suite("Published stdio servers behind the adapter", .enabled(if: Judges.canRun, Judges.comment))
struct AdaptedServersTests {
    /// A server, and what a client does with it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let command: MCPCommand
        /// Python, in an async function with a client named `client`.
        let use: String

        var testDescription: String { name }
    }

    private static let time = """
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names == ["get_current_time", "convert_time"], names
        arguments = {"source_timezone": "Asia/Tokyo", "time": "12:00", "target_timezone": "UTC"}
        answer = json.loads((await client.call_tool("convert_time", arguments)).content[0].text)
        assert answer["time_difference"] == "-9.0h", answer
        wrong = await client.call_tool("get_current_time", {"timezone": "Nowhere/Land"})
        assert wrong.is_error, wrong
        many = await asyncio.gather(*[client.call_tool("convert_time", arguments) for _ in range(20)])
        assert all(json.loads(one.content[0].text)["time_difference"] == "-9.0h" for one in many)
        """

    /// With version 2 of the SDK, which speaks both eras, and with version 1, which speaks the legacy era.
    static let cases = [
        Case(
            name: "mcp-server-time",
            command: PythonPackages.command(["-m", "mcp_server_time", "--local-timezone", "UTC"]),
            use: time
        ),
        Case(
            name: "mcp-server-time with version 1 of the SDK",
            command: MCPCommand(
                "python3",
                arguments: ["-m", "mcp_server_time", "--local-timezone", "UTC"],
                environment: ["PYTHONPATH": Judges.folder + "/legacy", "PYTHONDONTWRITEBYTECODE": "1"]
            ),
            use: time
        ),
        Case(
            name: "mcp-server-git",
            command: PythonPackages.command(["-m", "mcp_server_git"]),
            use: """
                import subprocess
                subprocess.run(["git", "init", "--quiet", "repository"], check=True)
                folder = os.path.abspath("repository")
                status = await client.call_tool("git_status", {"repo_path": folder})
                assert "No commits yet" in status.content[0].text, status
                missing = await client.call_tool("git_log", {"repo_path": folder + "/none"})
                assert missing.is_error, missing
                """
        ),
        Case(
            name: "mcp-server-fetch",
            command: PythonPackages.command(["-m", "mcp_server_fetch", "--ignore-robots-txt", "--allow-private-ips"]),
            use: """
                prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
                assert prompts == ["fetch"], prompts
                # The server on this machine has no such page.
                try:
                    answer = await client.call_tool("fetch", {"url": url.replace("/mcp", "/nothing")})
                    assert answer.is_error and "404" in answer.content[0].text, answer
                except Exception as error:
                    assert "404" in str(error), error
                """
        ),
    ]

    private static func program(_ use: String) -> String {
        let lines = use.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n")
        return """
            import asyncio, json, os, sys
            from mcp import Client

            async def run(mode, url):
                async with Client(url, mode=mode, read_timeout_seconds=30) as client:
                    assert client.protocol_version == ("2025-11-25" if mode == "legacy" else "2026-07-28"), client.protocol_version
            \(lines)
                print("ok", mode)

            asyncio.run(run(sys.argv[1], sys.argv[2]))
            """
    }

    @Test("the official SDK's client uses them in both eras", arguments: cases, ["legacy", "auto", "2026-07-28"])
    func officialClient(server: Case, mode: String) async throws {
        try await RunningAdapter.run(server.command) { adapter in
            let outcome = try await Judges.python("mcp", ["-c", Self.program(server.use), mode, adapter.server.url])
            #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)\n\(adapter.log.text)")
        }
    }

    @Test("several clients of both eras share one process", arguments: cases.prefix(2))
    func shared(server: Case) async throws {
        try await RunningAdapter.run(server.command, { $0.processes = .shared }) { adapter in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for mode in ["legacy", "auto", "legacy"] {
                    group.addTask {
                        let outcome = try await Judges.python(
                            "mcp",
                            ["-c", Self.program(server.use), mode, adapter.server.url]
                        )
                        #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)\n\(adapter.log.text)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(adapter.metric("mcp_adapter_process_starts_total") == "1")
        }
    }

    @Test("progress and cancellation of the SDK's own server, in both eras", arguments: ["legacy", "auto"])
    func progress(mode: String) async throws {
        let use = """
            progress = []
            async def on_progress(value, total, message):
                progress.append(value)
            assert (await client.call_tool("count", {"steps": 3}, progress_callback=on_progress)).content[0].text == "done"
            assert progress == [1, 2, 3], progress
            waiting = asyncio.ensure_future(client.call_tool("wait", {}))
            await asyncio.sleep(0.5)
            waiting.cancel()
            assert (await client.call_tool("add", {"a": 1, "b": 2})).structured_content == {"result": 3}
            assert (await client.read_resource("test://abc/item")).contents[0].text == "abc"
            """
        try await RunningAdapter.run(PythonPackages.command(["-c", Programs.sdk, "stdio"])) { adapter in
            let outcome = try await Judges.python("mcp", ["-c", Self.program(use), mode, adapter.server.url])
            #expect(outcome.output == "ok \(mode)\n", "\(outcome.errors)\n\(adapter.log.text)")
            try await eventually("the tool is cancelled") { adapter.log.contains("cancelled") }
        }
    }

    @Test("mcpcheck, strictly: all checks of the protocol pass, whatever the process speaks", arguments: [false, true])
    func mcpcheck(isOld: Bool) async throws {
        let server = Self.cases[isOld ? 1 : 0]
        try await RunningAdapter.run(server.command) { adapter in
            let program = Judges.folder + "/mcp/bin/jbt-mcpcheck"
            let outcome = try await Judges.python(
                "mcp",
                [program, "--strict", "--json", "--legacy-probes", adapter.server.url]
            )
            let report = try RawJSON(parsing: outcome.output)
            let checks = report["checks"]?.elements ?? []
            #expect(checks.count == 8)
            // What the checks say about the tools of the old server, which have no output schemas and no annotations.
            let expected: [String: RawJSON] = isOld ? ["schemas": "warn", "errors": "inconclusive"] : [:]
            for check in checks {
                let status = expected[check["name"]?.stringValue ?? ""] ?? "pass"
                #expect(check["status"] == status, "\(check)")
                #expect(check["failures"]?.elements?.isEmpty == true)
            }
        }
    }
}
