import Foundation
import MCPTestSupport
import MCPTransport
import Subprocess
import Synchronization
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A server of MCP over HTTP that runs as a process during a test.
struct PythonServer: Sendable {
    /// Where the server listens, without a path.
    let origin: String
    /// What it has written so far.
    let output: Output

    final class Output: Sendable {
        private let lines = Mutex<[String]>([])
        func append(_ line: String) { lines.withLock { $0.append(line) } }
        func contains(_ text: String) -> Bool { lines.withLock { $0.contains { $0.contains(text) } } }
        var text: String { lines.withLock { $0.joined(separator: "\n") } }
    }

    /// Runs a program that serves with uvicorn on a port that it chooses, and the body as soon as it listens.
    static func run(
        _ program: String,
        _ arguments: String...,
        body: @escaping @Sendable (PythonServer) async throws -> Void
    ) async throws {
        let command = PythonPackages.command(["-c", program] + arguments)
        let output = Output()
        var variables: [Environment.Key: String?] = [:]
        for (name, value) in command.environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let result = try await Subprocess.run(
            .name(command.command),
            arguments: Arguments(command.arguments),
            environment: .inherit.updating(variables),
            input: .none,
            output: .discarded,
            error: .sequence
        ) { execution -> Result<Void, any Error>? in
            let (ready, continuation) = AsyncStream<String>.makeStream()
            return await withTaskGroup(of: Result<Void, any Error>?.self) { group in
                group.addTask {
                    do {
                        for try await line in execution.standardError.strings() {
                            output.append(String(line))
                            if let start = line.range(of: "running on http://") {
                                let address = line[start.upperBound...].prefix { !$0.isWhitespace }
                                continuation.yield("http://" + address)
                            }
                        }
                    } catch {}
                    continuation.finish()
                    return nil
                }
                group.addTask {
                    for await origin in ready {
                        do {
                            try await body(PythonServer(origin: origin, output: output))
                            return .success(())
                        } catch {
                            return .failure(error)
                        }
                    }
                    return nil
                }
                let first = await group.next() ?? nil
                await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))])
                group.cancelAll()
                return first
            }
        }
        guard let outcome = result.closureResult else {
            Issue.record("the server did not start: \(output.text)")
            return
        }
        try outcome.get()
    }
}

/// Servers that are made with the packages.
enum Programs {
    /// With `mcp`: run it with `streamable-http`, `sse` or `stdio`.
    static let sdk = """
        import sys
        import anyio
        from mcp.server import MCPServer
        from mcp.server.mcpserver import Context

        server = MCPServer("sdk", version="1.2.3", instructions="Add numbers.")

        @server.tool()
        def add(a: int, b: int) -> int:
            "Adds two numbers."
            return a + b

        @server.tool()
        async def count(ctx: Context, steps: int) -> str:
            "Reports progress."
            for step in range(steps):
                await ctx.report_progress(step + 1, steps)
            return "done"

        @server.tool()
        async def wait(ctx: Context) -> str:
            "Waits until it is cancelled."
            print("waiting", file=sys.stderr, flush=True)
            try:
                await anyio.sleep(3600)
            except BaseException:
                print("cancelled", file=sys.stderr, flush=True)
                raise
            return "never"

        @server.tool()
        async def grow(ctx: Context) -> str:
            "Adds a tool."
            server.add_tool(lambda: "x", name="more", description="More.")
            await ctx.session.send_tool_list_changed()
            await ctx.notify_tools_changed()
            return "grown"

        @server.prompt()
        def greet(name: str) -> str:
            "Greets."
            return "Hello " + name

        @server.resource("test://static")
        def static() -> str:
            return "static"

        @server.resource("test://{name}/item")
        def item(name: str) -> str:
            return name

        transport, options = sys.argv[1], {}
        if transport != "stdio":
            options = {"host": "127.0.0.1", "port": 0}
        server.run(transport=transport, **options)
        """

    /// With `fastmcp`: run it with `http` or `stdio`.
    static let fastMCP = """
        import sys
        from fastmcp import FastMCP

        server = FastMCP("fast", version="4.5.6")

        @server.tool
        def add(a: int, b: int) -> int:
            "Adds two numbers."
            return a + b

        @server.prompt
        def greet(name: str) -> str:
            "Greets."
            return "Hello " + name

        transport, options = sys.argv[1], {"show_banner": False}
        if transport != "stdio":
            options |= {"host": "127.0.0.1", "port": 0}
        server.run(transport=transport, **options)
        """
}
