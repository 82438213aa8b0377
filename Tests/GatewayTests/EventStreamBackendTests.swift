import Foundation
import Gateway
import MCPTestSupport
import MCPTransport
import Subprocess
import TestSupport
import Testing

/// Servers that offer nothing but HTTP+SSE, the transport of 2024-11-05.
@Suite("Servers of HTTP+SSE behind the gateway", .enabled(if: Judges.canRun, Judges.comment))
struct EventStreamBackendTests {
    private static let server = """
        import sys
        from fastmcp import FastMCP, Context
        server = FastMCP("old")

        @server.tool
        def add(a: int, b: int) -> int:
            return a + b

        @server.tool
        async def steps(ctx: Context) -> str:
            for step in range(3):
                await ctx.report_progress(step + 1, 3)
            return "done"

        server.run(transport="sse", host="127.0.0.1", port=int(sys.argv[1]), show_banner=False)
        """

    private static let client = """
        import asyncio, sys
        from mcp import Client

        async def run(mode, url, prefix):
            progress = []
            async def on_progress(value, total, message):
                progress.append(value)
            async with Client(url, mode=mode, read_timeout_seconds=20) as client:
                names = [tool.name for tool in (await client.list_tools()).tools]
                assert names == [prefix + "add", prefix + "steps"], names
                result = await client.call_tool(prefix + "add", {"a": 1, "b": 2})
                assert result.structured_content == {"result": 3}, result
                await client.call_tool(prefix + "steps", {}, progress_callback=on_progress)
                assert progress == [1, 2, 3], progress
            print("ok", mode)

        asyncio.run(run(*sys.argv[1:4]))
        """

    @Test("clients of both eras list and call its tools, with progress", arguments: ["legacy", "auto"])
    func clients(mode: String) async throws {
        let port = TestPort.random()
        _ = try await Subprocess.run(
            .name("env"),
            arguments: [
                "PYTHONPATH=\(PythonPackages.folder)", "PYTHONDONTWRITEBYTECODE=1", "python3", "-c", Self.server,
                String(port),
            ],
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            let url = "http://127.0.0.1:\(port)/sse"
            let backends = [
                Backend(id: "told", target: .httpSSE(url: url)),
                Backend(id: "found", target: .streamableHTTP(url: url)),
            ]
            let routes =
                backends.map { Route(path: "/\($0.id)/mcp", backend: $0) }
                + [Route(path: "/mcp", joining: [backends[0]])]
            try await RunningGateway.run(RouteTable(routes)) { gateway in
                for _ in 0..<600 {
                    if try await gateway.send("GET", "/health").body.contains(#""backends_connected":2"#) { break }
                    try await Task.sleep(for: .milliseconds(50))
                }
                for (path, prefix) in [("/told/mcp", ""), ("/found/mcp", ""), ("/mcp", "told_")] {
                    let outcome = try await Judges.python("mcp", ["-c", Self.client, mode, gateway.url(path), prefix])
                    #expect(outcome.output == "ok \(mode)\n", "\(path): \(outcome.errors)")
                }
            }
        }
    }
}
