import Foundation
import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

/// Clients that take connections and give nothing.
@Suite("Slow clients and smuggled requests")
struct SlowClientTests {
    private static func run(
        _ change: (inout GatewayOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (RunningGateway, FragileService) async throws -> Void
    ) async throws {
        let service = try FragileService()
        var options = GatewayOptions()
        change(&options)
        try await RunningGateway.run([.init("demo", service)], options: options) { backends in
            RouteTable([Route(path: "/demo/mcp", backend: backends[0])])
        } body: { gateway in
            try await body(gateway, service)
        }
    }

    @Test("a client that sends its header fields a byte at a time is disconnected, although it is never idle")
    func headers() async throws {
        try await Self.run {
            $0.server.connectionIdleTime = .milliseconds(400)
        } _: { gateway, _ in
            let head = Array("POST /demo/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ".utf8)
            let pieces = [head] + Array(repeating: [UInt8(ascii: "a")], count: 600)
            let (sent, answer) = try await RawConnection.trickle(port: gateway.port, pieces, every: .milliseconds(20))
            #expect(sent < pieces.count && answer.isEmpty, "\(sent) pieces, \(String(decoding: answer, as: UTF8.self))")
        }
    }

    @Test("a client that sends its body a byte at a time gets 408")
    func body() async throws {
        try await Self.run {
            $0.server.bodyTime = .milliseconds(400)
        } _: { gateway, service in
            let head = Array("POST /demo/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\n{".utf8)
            let pieces = [head] + Array(repeating: [UInt8(ascii: " ")], count: 600)
            let (sent, answer) = try await RawConnection.trickle(port: gateway.port, pieces, every: .milliseconds(20))
            #expect(String(decoding: answer.prefix(12), as: UTF8.self) == "HTTP/1.1 408" && sent < pieces.count)
            #expect(service.calls == 0)
        }
    }

    @Test("2,000 connections with half a request do not keep others from being served, and are closed")
    func halfOpen() async throws {
        try await Self.run {
            $0.server.connectionIdleTime = .seconds(3)
        } _: { gateway, _ in
            let half = Array("POST /demo/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le".utf8)
            try await RawConnection.holding(2_000, port: gateway.port, half) { connections in
                #expect(connections > 0)
                for _ in 0..<20 {
                    let answer = try await gateway.modern("/demo/mcp", "tools/list")
                    #expect(answer.status == 200)
                }
            }
            #expect(try await gateway.modern("/demo/mcp", "tools/list").status == 200)
        }
    }

    @Test("streams over the limit are refused with 503, and others are served")
    func streams() async throws {
        try await Self.run {
            $0.server.maximumStreams = 20
        } _: { gateway, _ in
            let metadata = RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil)
            let request = SubscriptionFilter(toolsListChanged: true).request(id: "listen", metadata: metadata)
            var lines = ["POST /demo/mcp HTTP/1.1", "Host: 127.0.0.1", "Content-Length: \(request.bytes.count)"]
            lines += try HeaderFields.modern(for: request).fields.map { "\($0.name): \($0.value)" }
            let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + request.bytes
            // A stream more must not take the place of one that is still on its way.
            try await RawConnection.holding(20, port: gateway.port, bytes, awaitsAnswers: true) { _ in
                let isRefused = try await gateway.refusesStream(request)
                #expect(isRefused)
                #expect(try await gateway.modern("/demo/mcp", "tools/list").status == 200)
            }
        }
    }

    /// Requests that two HTTP parsers can read in two ways, each with another request behind it.
    private static let smuggled: [(name: String, head: String)] = [
        ("both lengths", "Content-Length: 0\r\nTransfer-Encoding: chunked"),
        ("both lengths, the other way around", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 44"),
        ("a length with a sign", "Content-Length: +0"),
        ("a length in hexadecimal", "Content-Length: 0x0"),
        ("an encoding that is not known", "Transfer-Encoding: xchunked"),
        ("chunked is not the last encoding", "Transfer-Encoding: chunked, identity"),
        ("white space before the colon", "Content-Length : 0"),
        ("a folded line", "X-A: b\r\n Content-Length: 0"),
        ("a bare line feed", "X-A: b\nContent-Length: 0"),
        ("a bare carriage return", "X-A: b\rContent-Length: 0\r\nContent-Length: 0"),
        ("a null character", "X-A: \0\r\nContent-Length: 0"),
    ]

    @Test("a request that can be read in two ways never lets another one pass behind it", arguments: smuggled.indices)
    func smuggling(index: Int) async throws {
        let head = Self.smuggled[index].head
        try await Self.run { gateway, service in
            let call = JSONRPCRequest(
                id: 7,
                method: "tools/call",
                params: ["name": "add", "arguments": ["a": 1, "b": 2]]
            ).with(metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil))
            var lines = ["POST /demo/mcp HTTP/1.1", "Host: 127.0.0.1", "Content-Length: \(call.bytes.count)"]
            lines += try HeaderFields.modern(for: call).fields.map { "\($0.name): \($0.value)" }
            let hidden = lines.joined(separator: "\r\n") + "\r\n\r\n" + String(decoding: call.bytes, as: UTF8.self)
            let outer =
                "POST /demo/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\(head)\r\n\r\n0\r\n\r\n"
            let answer = try await RawConnection.exchange(port: gateway.port, Array((outer + hidden).utf8))
            let text = String(decoding: answer, as: UTF8.self)
            #expect(service.calls == 0, "\(Self.smuggled[index].name): \(text)")
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 4"), "\(Self.smuggled[index].name): \(text)")
            #expect(text.components(separatedBy: "HTTP/1.1 ").count <= 2, "\(text)")
        }
    }
}

extension RunningGateway {
    /// Whether a stream is answered with 503.
    fileprivate func refusesStream(_ request: JSONRPCRequest) async throws -> Bool {
        struct Served: Error {}
        do {
            try await stream("/demo/mcp", .request(request), try .modern(for: request)) { message in
                guard case .notification = message else { return }
                throw Served()
            }
        } catch is Served {
            return false
        }
        return true
    }
}
