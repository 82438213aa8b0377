import Foundation
import Gateway
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Synchronization
import Testing

/// Servers that break, or send what no client should have to take.
@Suite("Servers that break behind the gateway")
struct BrokenBackendTests {
    /// A server of 2026-07-28 that answers calls with raw bytes, and then closes the connection.
    private static func run(
        _ answer: @escaping @Sendable (_ request: String, RawServer.Write) async throws -> Void,
        options: GatewayOptions = GatewayOptions(),
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        try await RawServer.run { request, write in
            if let discovery = RawServer.discovery(request) { return try await write(discovery) }
            try await answer(request, write)
            throw CancellationError()
        } body: { url in
            let backend = Backend(id: "raw", target: .streamableHTTP(url: url))
            try await RunningGateway.run(RouteTable([Route(path: "/raw/mcp", backend: backend)]), options: options) {
                try await body($0)
            }
        }
    }

    private static func call(_ gateway: RunningGateway) async throws -> (progress: [Double], answer: JSONRPCResponse?) {
        let request = JSONRPCRequest(id: 1, method: "tools/call", params: ["name": "x", "arguments": [:]])
            .with(metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil))
            .with(metadataFields: [("progressToken", "p")])
        var progress: [Double] = []
        var answer: JSONRPCResponse?
        try await gateway.stream("/raw/mcp", .request(request), try .modern(for: request)) { message in
            switch message {
            case .notification(let notification):
                if let value = notification.params?["progress"]?.doubleValue { progress.append(value) }
            case .response(let response): answer = response
            case .request: break
            }
        }
        return (progress, answer)
    }

    private static let progress = Array(
        """
        data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}\n\n
        """.utf8
    )

    @Test("the connection to a server breaks in the middle of a stream: the client gets what came, and an error")
    func midStream() async throws {
        let calls = Mutex(0)
        try await Self.run { request, write in
            if request.contains("tools/call") { calls.withLock { $0 += 1 } }
            try await write(RawServer.streamHead)
            try await write(Self.progress)
        } _: { gateway in
            let (progress, answer) = try await Self.call(gateway)
            #expect(progress == [1])
            guard case .error(let error) = answer?.outcome else {
                Issue.record("there is no error: \(String(describing: answer))")
                return
            }
            #expect(error.message.contains("raw broke before it answered"), "\(error)")
            // What was sent is not sent again.
            #expect(calls.withLock { $0 } == 1)
        }
    }

    @Test("a server that sends too much is cut off with an error", arguments: ["line", "events", "body", "depth"])
    func floods(kind: String) async throws {
        var options = GatewayOptions()
        options.upstream.message.maximumBytes = 100_000
        options.upstream.requestTime = .seconds(20)
        try await Self.run(
            { _, write in
                let filler = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
                switch kind {
                case "line":
                    // One event that never ends.
                    try await write(RawServer.streamHead)
                    try await write(Array("data: ".utf8))
                    for _ in 0..<1_000 { try await write(filler) }
                case "events":
                    // Comments and empty events, but no answer.
                    try await write(RawServer.streamHead)
                    for _ in 0..<1_000 { try await write([UInt8(ascii: ":")] + filler + Array("\n\n".utf8)) }
                case "body":
                    try await write(
                        Array(
                            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9000000\r\n\r\n\""
                                .utf8
                        )
                    )
                    for _ in 0..<899 { try await write(filler) }
                default:
                    try await write(RawServer.response(String(repeating: "[", count: 50_000)))
                }
            },
            options: options
        ) { gateway in
            let answer = try await gateway.modern("/raw/mcp", "tools/call", ["name": "x"])
            let message = answer.json?[path: ["error", "message"]]?.stringValue ?? ""
            #expect(answer.json?[path: ["error", "code"]]?.integerValue == -32603, "\(kind): \(answer)")
            #expect(message.contains("raw"), "\(answer)")
        }
    }
}
