import MCPProtocol
import MCPTestSupport
import MCPTransport
import Synchronization
import Testing

@Suite("A hostile server costs its client no more than the limits allow")
struct HostileServerTests {
    private var options: MCPClientOptions {
        var options = MCPClientOptions()
        options.limits.requestTime = .seconds(30)
        options.limits.message.maximumBytes = 1 << 20
        options.limits.streamBytes = 4 << 20
        return options
    }

    /// The error of a client that lists tools, where the server answers that with raw bytes.
    private func failure(
        _ options: MCPClientOptions? = nil,
        _ attack: @escaping @Sendable (String, RawServer.Write) async throws -> Void
    ) async throws -> MCPClientError? {
        let settings = options ?? self.options
        let found = Mutex<MCPClientError?>(nil)
        try await RawServer.run { request, write in
            if let discovery = RawServer.discovery(request) {
                try await write(discovery)
            } else {
                try await attack(request, write)
            }
        } body: { url in
            let error = await #expect(throws: MCPClientError.self) {
                try await MCPClient.withConnection(to: .streamableHTTP(url), options: settings) { client in
                    _ = try await client.list(.tools)
                }
            }
            found.withLock { $0 = error }
        }
        return found.withLock { $0 }
    }

    private func repeated(_ text: String, times: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<times { bytes += text.utf8 }
        return bytes
    }

    @Test("an endless stream of comments, of events, and of one event")
    func endlessStreams() async throws {
        for text in [": comment\n\n", "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\n"] {
            let piece = repeated(text, times: 1_000)
            let error = try await failure { _, write in
                try await write(RawServer.streamHead)
                while true { try await write(piece) }
            }
            #expect(error?.code == .limitExceeded(.streamBytes))
        }
        let piece = repeated("x", times: 10_000)
        let error = try await failure { _, write in
            try await write(RawServer.streamHead + Array("data: ".utf8))
            while true { try await write(piece) }
        }
        #expect(error?.code == .limitExceeded(.messageBytes))
    }

    @Test("an endless body")
    func endlessBody() async throws {
        let piece = repeated(" ", times: 10_000)
        let error = try await failure { _, write in
            try await write(Array("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n".utf8))
            while true { try await write(piece) }
        }
        #expect(error?.code == .limitExceeded(.messageBytes))
    }

    @Test("an answer that trickles, and one that never comes")
    func slowness() async throws {
        var settings = options
        settings.limits.requestTime = .milliseconds(300)
        let trickle = try await failure(settings) { _, write in
            try await write(RawServer.streamHead)
            while true {
                try await write(Array(":".utf8))
                try await ContinuousClock().sleep(for: .milliseconds(10))
            }
        }
        #expect(trickle?.code == .timedOut)
        let silence = try await failure(settings) { _, _ in }
        #expect(silence?.code == .timedOut)
    }

    @Test("header fields that are large, many, or without an end")
    func headers() async throws {
        let large = "x: \(String(repeating: "a", count: 70_000))\r\n"
        let error = try await failure { request, write in
            try await write(RawServer.response("{}", headers: large))
        }
        #expect(error?.code == .limitExceeded(.headerBytes))
        let endless = try await failure { _, write in
            try await write(Array("HTTP/1.1 200 OK\r\n".utf8))
            let piece = Array("x: \(String(repeating: "a", count: 1_000))\r\n".utf8)
            while true { try await write(piece) }
        }
        #expect(endless?.code == .notMCP)
    }

    @Test("pages without an end, a cursor that comes back, too many items, and too many bytes")
    func pages() async throws {
        @Sendable func page(_ request: String, tools: String, cursor: String) -> [UInt8] {
            RawServer.response(
                """
                {"jsonrpc":"2.0","id":\(RawServer.id(of: request)),"result":{"resultType":"complete","ttlMs":0,\
                "cacheScope":"private","tools":[\(tools)],"nextCursor":"\(cursor)"}}
                """
            )
        }
        let count = Mutex(0)
        let endless = try await failure { request, write in
            let next = count.withLock {
                $0 += 1; return $0
            }
            try await write(page(request, tools: "", cursor: "\(next)"))
        }
        #expect(endless?.code == .limitExceeded(.pages))
        #expect(count.withLock { $0 } == 100)
        let circle = try await failure { try await $1(page($0, tools: "", cursor: "same")) }
        #expect(circle?.code == .invalidMessage)
        let tools = Array(repeating: "{}", count: 6_000).joined(separator: ",")
        let items = try await failure { request, write in
            try await write(page(request, tools: tools, cursor: "\(count.withLock { $0 += 1; return $0 })"))
        }
        #expect(items?.code == .limitExceeded(.items))
        var settings = options
        settings.limits.listBytes = 100_000
        let large = "{\"x\":\"\(String(repeating: "a", count: 60_000))\"}"
        let bytes = try await failure(settings) { request, write in
            try await write(page(request, tools: large, cursor: "\(count.withLock { $0 += 1; return $0 })"))
        }
        #expect(bytes?.code == .limitExceeded(.listBytes))
    }

    @Test("other content types, compressed content, invalid UTF-8, depth, and what is not HTTP")
    func malformed() async throws {
        let html = try await failure { _, write in
            try await write(RawServer.response("<html>", type: "text/html"))
        }
        #expect(html?.code == .invalidMessage)
        let compressed = try await failure { _, write in
            try await write(RawServer.response("{}", headers: "content-encoding: gzip\r\n"))
        }
        #expect(compressed?.code == .invalidMessage)
        let text = try await failure { _, write in
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"a\":\""
            try await write(Array(head.utf8) + [0xFF, 0x22, 0x7D])
        }
        #expect(text?.code == .invalidMessage)
        let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
        let depth = try await failure { request, write in
            try await write(
                RawServer.response(
                    "{\"jsonrpc\":\"2.0\",\"id\":\(RawServer.id(of: request)),\"result\":{\"x\":\(deep)}}"
                )
            )
        }
        #expect(depth?.code == .limitExceeded(.depth))
        let noise = try await failure { _, write in try await write(Array("SSH-2.0-OpenSSH\r\n".utf8)) }
        #expect(noise?.code == .notMCP)
        let silent = try await failure { _, _ in throw CancellationError() }
        #expect(silent?.code == .connectionLost)
    }

    @Test("a redirect to another origin is not followed, and one within the origin is")
    func redirects() async throws {
        let asked = Mutex<[String]>([])
        let error = try await failure { request, write in
            let path = String(request.split(separator: " ")[1])
            asked.withLock { $0.append(path) }
            let target = path == "/mcp" ? "/there" : "http://127.0.0.1:1/elsewhere"
            try await write(
                RawServer.response("", status: "307 Temporary Redirect", headers: "location: \(target)\r\n")
            )
        }
        #expect(error?.code == .httpStatus)
        #expect(error?.message.contains("http://127.0.0.1:1/elsewhere") == true)
        #expect(asked.withLock { $0 } == ["/mcp", "/there"])
        let circle = try await failure { _, write in
            try await write(RawServer.response("", status: "308 x", headers: "location: /mcp\r\n"))
        }
        #expect(circle?.code == .limitExceeded(.redirects))
    }

    @Test("nothing listens there, and the name does not exist")
    func unreachable() async throws {
        let port = Mutex("")
        try await RawServer.run { _, _ in
        } body: { url in
            port.withLock { $0 = url }
        }
        let urls = [
            (port.withLock { $0 }, MCPClientError.Code.connectionRefused),
            ("http://no-such-host.invalid/mcp", .nameNotResolved),
        ]
        for (url, code) in urls {
            let error = await #expect(throws: MCPClientError.self) {
                try await MCPClient.withConnection(to: .streamableHTTP(url)) { _ in }
            }
            #expect(error?.code == code, "\(String(describing: error?.underlying))")
        }
    }
}
