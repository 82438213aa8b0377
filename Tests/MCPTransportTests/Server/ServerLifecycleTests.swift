import Logging
import MCPProtocol
import MCPTestSupport
import MCPTransport
import NIOCore
import NIOPosix
import Testing

@Suite("HTTP server's life")
struct ServerLifecycleTests {
    private var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    @Test("a port that is in use is an error, and whoever waits for the port is told")
    func portInUse() async throws {
        let taken = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let server = StreamableHTTPServer(
            handler: try DemoService.make(),
            port: taken.localAddress?.port ?? 0,
            logger: logger
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: StreamableHTTPServer.NotRunning.self) { _ = try await server.port() }
            }
            await #expect(throws: IOError.self) { try await server.run() }
        }
        try await taken.close()
    }

    @Test("a request that outlives the grace period is cancelled, and the server ends")
    func gracePeriod() async throws {
        let handler = ScriptedHandler { _ in
            try await untilCancelled()
            return [:]
        }
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.shutdownGracePeriod = .milliseconds(100)
        try await RunningServer.run(handler, configuration) { server in
            async let answer = server.modern(Modern.call("wait", id: 3))
            try await eventually("the request runs") { server.metricsText.contains("mcp_server_requests 1") }
            await server.stop()
            try await eventually("it is cancelled") { handler.events.contains("cancelled 3") }
            let final = try await answer.final
            #expect(final == nil)
        }
    }

    @Test("a legacy request whose client is gone has the grace period to finish")
    func detached() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let handler = ScriptedHandler { request in
            try await request.report(progress: 1)
            for await _ in gate { break }
            return ["done": true]
        }
        try await RunningServer.run(handler) { server in
            let connection = try await LegacyConnection.open(server)
            let call = CallToolParams(name: "x").request(id: 9).with(metadataFields: [("progressToken", "p")])
            try await server.stream(connection.posting(call)) { stream in _ = try await stream.next() }
            await server.stop()
            try await eventually("the shutdown begins") { handler.events.contains("shut down") }
            open.finish()
            try await eventually("the request is done") {
                server.metricsText.contains(#"mcp_method_name="tools/call",error_type=""} 1"#)
            }
            #expect(!handler.events.contains("cancelled 9"))
        }
    }
}
