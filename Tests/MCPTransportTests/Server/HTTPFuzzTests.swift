import MCPProtocol
import MCPTestSupport
import MCPTransport
import NIOCore
import NIOPosix
import Testing

/// Random numbers that a seed repeats (SplitMix64).
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite("Fuzzing the HTTP server")
struct HTTPFuzzTests {
    private static let methods = ["POST", "POST", "POST", "GET", "DELETE", "PUT", "HEAD", "OPTIONS", "PATCH", "XYZ"]
    private static let texts = [
        "2026-07-28", "2025-11-25", "2025-03-26", "1999", "", "tools/call", "tools/list", "add", "initialize", "ping",
        "=?base64?YWRk?=", "=?base64?!?=", "é", "application/json", "text/event-stream", "*/*", "text/html", "0-0",
        "1-1",
        "null", "https://evil.example", "\t x ", String(repeating: "9", count: 300),
    ]
    private static let names = [
        "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id", "Last-Event-ID", "Accept", "Content-Type",
        "Origin", "Mcp-Param-Region", "Transfer-Encoding", "Content-Length", "X-Other", "Host", "Expect", "Upgrade",
    ]

    /// A request, mostly right.
    private static func request(_ random: inout SeededNumbers, _ port: Int, sessionID: String) -> [UInt8] {
        func pick<T>(_ values: [T], _ random: inout SeededNumbers) -> T? { values.randomElement(using: &random) }
        let messages = [
            Modern.request("tools/list").json, Modern.request("server/discover").json,
            Modern.call("add", ["a": 1, "b": 2]).json, Modern.call("count", progressToken: 1).json,
            Modern.request("resources/read", params: ["uri": "memo://readme"]).json, Modern.call("ask").json,
            JSONRPCRequest(id: 1, method: "tools/list").json, JSONRPCRequest.ping(id: "x").json,
            JSONRPCNotification.initialized.json, JSONRPCResponse(id: 1, result: [:]).json,
            CancelledParams(requestID: 1).notification.json, "[]", "7", #"{"jsonrpc":"2.0","id":null,"method":"x"}"#,
            InitializeParams(
                protocolVersion: .v2025_11_25,
                capabilities: ClientCapabilities(),
                clientInfo: Implementation(name: "c", version: "1")
            ).request(id: 1).json,
        ]
        let message = pick(messages, &random) ?? [:]
        var body = Array((message.stringValue.map { Array($0.utf8)[...] }) ?? message.bytes)
        var headers: [(String, String)] = [
            ("Host", "127.0.0.1:\(port)"), ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"), ("Connection", "close"),
        ]
        if let request = try? JSONRPCMessage(parsing: body), case .request(let request) = request,
            let modern = try? HeaderFields.modern(for: request)
        {
            headers += modern.fields.dropFirst(2).map { ($0.name, $0.value) }
        } else if Bool.random(using: &random) {
            headers.append(("Mcp-Session-Id", sessionID))
        }
        // Changes.
        for _ in 0..<Int.random(in: 0...2, using: &random) where !body.isEmpty {
            let index = Int.random(in: 0..<body.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: body[index] = UInt8.random(in: 0...255, using: &random)
            case 1: body.remove(at: index)
            case 2: body.insert(UInt8.random(in: 0...255, using: &random), at: index)
            default: body.removeLast(body.count - index)
            }
        }
        headers.append(("Content-Length", String(body.count)))
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let index = Int.random(in: 0..<headers.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: headers.remove(at: index)
            case 1: headers[index].1 = pick(texts, &random) ?? ""
            case 2: headers.append(headers[index])
            default: headers.append((pick(names, &random) ?? "", pick(texts, &random) ?? ""))
            }
            if headers.isEmpty { break }
        }
        let method = Int.random(in: 0..<4, using: &random) == 0 ? pick(methods, &random) ?? "" : "POST"
        let path =
            Int.random(in: 0..<20, using: &random) == 0
            ? pick(["/", "*", "/mcp?x", "//", "/mcp/../mcp"], &random) ?? "" : "/mcp"
        var bytes = Array("\(method) \(path) HTTP/1.1\r\n".utf8)
        for (name, value) in headers { bytes += Array("\(name): \(value)\r\n".utf8) }
        bytes += Array("\r\n".utf8) + body
        switch Int.random(in: 0..<10, using: &random) {
        case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        case 1: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        default: break
        }
        return bytes
    }

    @Test("10,000 random requests: no crash, no hang, and every answer is a response of HTTP")
    func fuzz() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.bodyTime = .seconds(5)
        let cases = 10_000
        try await RunningServer.run(DemoService.make(), configuration) { server in
            let connection = try await LegacyConnection.open(server)
            let workers = 4
            let counts = try await withThrowingTaskGroup(of: [Int: Int].self) { group in
                for worker in 0..<workers {
                    group.addTask {
                        var random = SeededNumbers(state: seed &+ UInt64(worker))
                        var statuses: [Int: Int] = [:]
                        for number in 0..<(cases / workers) {
                            let bytes = Self.request(&random, server.port, sessionID: connection.sessionID)
                            let answer = try await RawConnection.exchange(port: server.port, bytes)
                            // Nothing is the answer to a request that was cut short.
                            let status = answer.isEmpty ? 0 : Self.status(of: answer)
                            statuses[status ?? -1, default: 0] += 1
                            #expect(
                                status != nil,
                                "seed \(seed), worker \(worker), case \(number): \(String(decoding: answer, as: UTF8.self))"
                            )
                        }
                        return statuses
                    }
                }
                return try await group.reduce(into: [:]) { total, counts in total.merge(counts, uniquingKeysWith: +) }
            }
            #expect(counts.values.reduce(0, +) == cases)
            // It reaches what it should, and the server is well afterwards.
            for status in [200, 202, 400, 403, 404, 405, 406, 415] {
                #expect(counts[status, default: 0] > 0, "no \(status) with seed \(seed): \(counts)")
            }
            #expect(counts[500, default: 0] == 0, "seed \(seed)")
            #expect(try await server.modern(Modern.request("tools/list")).status == 200)
            try await eventually("nothing is left running") { server.metricsText.contains("mcp_server_requests 0") }
        }
    }

    /// The status of a response, or `nil` if the bytes are not a whole one.
    private static func status(of bytes: [UInt8]) -> Int? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 "), let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = text[..<end].lowercased()
        let body = bytes.count - text[..<end].utf8.count - 4
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst(16)) }
        // The answer to HEAD has the length of a body that is not there.
        if let length, body < length, body > 0 { return nil }
        return Int(text.dropFirst(9).prefix(3))
    }
}

extension String {
    /// Where a text first occurs.
    fileprivate func range(of text: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index }
            index = self.index(after: index)
        }
        return nil
    }
}
