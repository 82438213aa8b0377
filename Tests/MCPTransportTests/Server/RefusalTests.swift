import AsyncHTTPClient
import MCPProtocol
import MCPTestSupport
import MCPTransport
import NIOCore
import NIOHTTP1
import Testing

@Suite("Streamable HTTP server, refusals and limits")
struct RefusalTests {
    private static let list = Modern.request("tools/list")

    @Test(
        "what is not a request of MCP is refused with its status",
        arguments: [
            ("PUT", [], 405), ("HEAD", [], 405), ("OPTIONS", [], 405),
            ("GET", [("MCP-Protocol-Version", "2026-07-28")], 405),
            ("DELETE", [("MCP-Protocol-Version", "2026-07-28")], 405), ("POST", [("Content-Type", "text/plain")], 415),
            ("POST", [("Accept", "text/html")], 406), ("POST", [("Origin", "https://evil.example")], 403),
            ("POST", [("Host", "evil.example")], 403), ("POST", [("MCP-Protocol-Version", "1999-01-01")], 400),
        ] as [(String, [(String, String)], Int)]
    )
    func statuses(method: String, changes: [(String, String)], status: Int) async throws {
        try await RunningServer.run(DemoService.make()) { server in
            var headers = try HeaderFields.modern(for: Self.list)
            for (name, value) in changes { headers.set(name, value) }
            let answer = try await server.send(method, headers, method == "POST" ? Array(Self.list.bytes) : nil)
            #expect(answer.status == status)
            if status == 405 { #expect(answer.headers[all: "Allow"] == ["GET, POST, DELETE"]) }
            #expect(
                server.metricsText.contains(
                    #"mcp_server_refused_requests_total{http_response_status_code="\#(status)"} 1"#
                )
            )
        }
    }

    @Test("a server of 2026-07-28 alone has no GET, no DELETE and no initialize")
    func modernOnly() async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.versions = SupportedVersions([.v2026_07_28])
        try await RunningServer.run(DemoService.make(versions: configuration.versions), configuration) { server in
            for method in ["GET", "DELETE"] {
                let answer = try await server.send(method, ["Accept": "text/event-stream"])
                #expect(answer.status == 405)
                #expect(answer.headers[all: "Allow"] == ["POST"])
            }
            let initialize = JSONRPCRequest(id: 1, method: "initialize", params: [:])
            let answer = try await server.send(
                "POST",
                .legacyPost(version: nil, sessionID: nil),
                Array(initialize.bytes)
            )
            #expect(answer.status == 404)
            #expect(answer.response?.error?.message.contains("2026-07-28") == true)
        }
    }

    @Test("a server of the legacy era alone refuses 2026-07-28, with what it supports")
    func legacyOnly() async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.versions = SupportedVersions([.v2025_11_25])
        try await RunningServer.run(DemoService.make(versions: configuration.versions), configuration) { server in
            let answer = try await server.modern(Self.list)
            #expect(answer.status == 400)
            #expect(answer.response?.error?.code == .unsupportedProtocolVersion)
            #expect(answer.response?.error?.data?["supported"] == ["2025-11-25"])
        }
    }

    @Test("pages of allowed origins may call, and the server's own")
    func origins() async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.origins = OriginPolicy(allowed: ["https://app.example.com"])
        try await RunningServer.run(try DemoService.make(), configuration) { server in
            for origin in ["https://app.example.com", "http://127.0.0.1:\(server.port)"] {
                let answer200 = try await server.modern(Self.list, [.init("Origin", origin)])
                #expect(answer200.status == 200)
            }
            for origin in ["http://127.0.0.1:1", "null", "https://app.example.com.evil.example"] {
                let answer403 = try await server.modern(Self.list, [.init("Origin", origin)])
                #expect(answer403.status == 403)
            }
        }
    }

    @Test("where the name is not checked, an origin that equals it proves nothing")
    func rebinding() async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.hosts = .all
        try await RunningServer.run(try DemoService.make(), configuration) { server in
            let rebound = [HeaderFields.Field("Host", "evil.example"), .init("Origin", "http://evil.example")]
            let answer403 = try await server.modern(Self.list, rebound)
            #expect(answer403.status == 403)
            let answer200 = try await server.modern(Self.list, [rebound[0]])
            #expect(answer200.status == 200)
        }
    }

    @Test("a body that is too large is refused, announced or not, and one that comes too slowly")
    func bodies() async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.message.maximumBytes = 1_000
        configuration.limits.bodyTime = .milliseconds(200)
        try await RunningServer.run(try DemoService.make(), configuration) { server in
            let large = Modern.call("echo", ["text": .string(String(repeating: "x", count: 1_000))])
            #expect(try await server.modern(large).status == 413)
            let headers = try HeaderFields.modern(for: large)
            var chunked = server.request("POST", headers)
            let pieces = AsyncStream<ByteBuffer> { continuation in
                for _ in 0..<2 { continuation.yield(ByteBuffer(bytes: large.bytes)) }
                continuation.finish()
            }
            chunked.body = .stream(pieces, length: .unknown)
            #expect(try await server.client.execute(chunked, timeout: .seconds(10)).status.code == 413)
            let slow = try await RawConnection.exchange(
                port: server.port,
                Array("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n{".utf8),
                closesAfterWriting: false
            )
            #expect(String(decoding: slow.prefix(12), as: UTF8.self) == "HTTP/1.1 408")
        }
    }

    @Test("headers that are too large or too many are refused")
    func headers() async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.maximumHeaderFields = 20
        try await RunningServer.run(try DemoService.make(), configuration) { server in
            let many = (0..<30).map { HeaderFields.Field("X-\($0)", "1") }
            let tooMany = try await server.modern(Self.list, many)
            #expect([400, 431].contains(tooMany.status))
            let large = [HeaderFields.Field("X-Large", String(repeating: "x", count: 40_000))]
            let tooLarge = try await server.modern(Self.list, large)
            #expect([400, 431].contains(tooLarge.status))
            #expect(try await server.modern(Self.list).status == 200)
        }
    }

    @Test("more requests than allowed at the same time are refused with 503, and room is made when one is done")
    func concurrency() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let handler = ScriptedHandler { _ in
            for await _ in gate { break }
            return [:]
        }
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.maximumRequests = 1
        try await RunningServer.run(handler, configuration) { server in
            async let first = server.modern(Modern.call("a"))
            try await eventually("the first runs") { server.metricsText.contains("mcp_server_requests 1") }
            let second = try await server.modern(Modern.call("b", id: 2))
            #expect(second.status == 503)
            #expect(second.response?.id == 2)
            #expect(second.headers[all: "Retry-After"] == ["1"])
            open.finish()
            #expect(try await first.status == 200)
            #expect(try await server.modern(Modern.call("c")).status == 200)
        }
    }

    @Test("a request that takes too long is answered with an error, and cancelled")
    func requestTime() async throws {
        let clock = SteppedClock()
        let handler = ScriptedHandler { _ in
            try await untilCancelled()
            return [:]
        }
        try await RunningServer.run(handler, clock: clock) { server in
            async let answer = server.modern(Modern.call("a", id: 7))
            try await clock.pass(.seconds(600))
            // The keep-alive came first, so it is an event stream.
            #expect(try await answer.final?.error?.code == .internalError)
            try await eventually("it is cancelled") { handler.events.contains("cancelled 7") }
            let text = server.metricsText
            #expect(
                text.contains(
                    #"mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",error_type="-32603"} 1"#
                )
            )
        }
    }

    @Test("an error of the handler is not shown to the client")
    func internalErrors() async throws {
        struct Secret: Error {}
        let handler = ScriptedHandler { _ in throw Secret() }
        try await RunningServer.run(handler) { server in
            let error = try await server.modern(Modern.call("a")).response?.error
            #expect(error?.message == "Internal error")
        }
    }

    @Test("a graceful shutdown lets a request finish, refuses new ones and ends sessions")
    func shutdown() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let handler = ScriptedHandler { _ in
            for await _ in gate { break }
            return ["done": true]
        }
        try await RunningServer.run(handler) { server in
            let connection = try await LegacyConnection.open(server)
            async let answer = connection.request("tools/call", params: ["name": "x"])
            try await eventually("the request runs") { server.metricsText.contains("mcp_server_requests 1") }
            await server.stop()
            try await eventually("the shutdown begins") { handler.events.contains("shut down") }
            #expect(!handler.events.contains("ended"))
            open.finish()
            #expect(try await answer.response?.result == ["done": true])
            try await eventually("the session ends") { handler.events.contains("ended") }
        }
    }
}
