import Logging
import MCPProtocol
import MCPTestSupport
import MCPTransport
import ServiceLifecycle
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The two ends of a pipe.
private struct Pipe {
    let reader: Int32
    let writer: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw DidNotHappen(description: "no pipe") }
        (reader, writer) = (ends[0], ends[1])
    }
}

@Suite("Stdio server")
struct StdioServerTests {
    /// What the server writes when it reads these lines and then the end of its input.
    private func answers(
        _ handler: any MCPServerHandler,
        _ lines: [RawJSON],
        limits: ServerLimits = ServerLimits()
    ) async throws -> [JSONRPCMessage] {
        let input = try Pipe()
        let output = try Pipe()
        let text = lines.flatMap(\.line)
        // More than a pipe holds would block.
        try #require(text.count < 60_000)
        #expect(write(input.writer, text, text.count) == text.count)
        close(input.writer)
        let server = StdioServer(
            handler: handler,
            limits: limits,
            input: input.reader,
            output: output.writer,
            logger: Logger(label: "test")
        )
        try await server.run()
        close(output.writer)
        close(input.reader)
        defer { close(output.reader) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(output.reader, &piece, piece.count), count > 0 { bytes += piece[..<count] }
        var parser = LineParser()
        let messages = try parser.feed(bytes).map { try JSONRPCMessage(parsing: $0) }
        #expect(parser.remainder.isEmpty)
        return messages
    }

    private func response(_ id: RequestID, in messages: [JSONRPCMessage]) -> JSONRPCResponse? {
        messages.lazy.compactMap { message in
            if case .response(let response) = message, response.id == id { response } else { nil }
        }.first
    }

    @Test("both eras on one channel: every request is answered before the end")
    func bothEras() async throws {
        let initialize = InitializeParams(
            protocolVersion: .v2025_06_18,
            capabilities: ClientCapabilities(),
            clientInfo: Implementation(name: "client", version: "1")
        ).request(id: 1)
        let messages = try await answers(
            DemoService.make(),
            [
                Modern.call("echo", ["text": "early"], id: "m").json, initialize.json,
                JSONRPCNotification.initialized.json, JSONRPCRequest.ping(id: 2).json,
                Modern.request("server/discover", id: 3).json, Modern.request("nothing", id: 4).json,
            ]
        )
        #expect(response("m", in: messages)?.result?[path: ["structuredContent", "said"]] == "early")
        #expect(response(1, in: messages)?.result?["protocolVersion"] == "2025-06-18")
        #expect(response(2, in: messages)?.result == [:])
        #expect(response(3, in: messages)?.result?["supportedVersions"]?.elements?.count == 5)
        #expect(response(4, in: messages)?.error?.code == .methodNotFound)
        #expect(messages.count == 5)
    }

    @Test("what is not a message is answered with an error, and the next line is read")
    func malformed() async throws {
        let messages = try await answers(DemoService.make(), ["x", [], JSONRPCRequest.ping(id: 1).json])
        #expect(messages.count == 3)
        #expect(response(1, in: messages)?.result == [:])
    }

    @Test("a request before initialize is refused, and a line that is too long ends the server")
    func refusals() async throws {
        let messages = try await answers(DemoService.make(), [JSONRPCRequest(id: 1, method: "tools/list").json])
        #expect(response(1, in: messages)?.error?.code == .invalidRequest)
        var limits = ServerLimits()
        limits.message.maximumBytes = 100
        await #expect(throws: LineParser.TooLong.self) {
            _ = try await answers(DemoService.make(), [.string(String(repeating: "x", count: 200))], limits: limits)
        }
    }

    @Test("a cancelled request gets no response, and an id cannot be used twice at the same time")
    func cancelled() async throws {
        let handler = ScriptedHandler { _ in
            try await untilCancelled()
            return [:]
        }
        let call = Modern.call("wait", id: 7)
        let messages = try await answers(
            handler,
            [call.json, call.json, CancelledParams(requestID: 7).notification.json]
        )
        #expect(messages.count == 1)
        guard case .response(let response)? = messages.first else { return }
        #expect(response.id == nil)
        #expect(response.error?.code == .invalidRequest)
        #expect(handler.events.contains("cancelled 7"))
    }

    @Test("a graceful shutdown ends the server while its input is open, and its session")
    func shutdown() async throws {
        let input = try Pipe()
        let output = try Pipe()
        let handler = ScriptedHandler { _ in [:] }
        let server = StdioServer(
            handler: handler,
            input: input.reader,
            output: output.writer,
            logger: Logger(label: "test")
        )
        let group = ServiceGroup(services: [server], logger: Logger(label: "test"))
        let initialize = JSONRPCRequest(
            id: 1,
            method: "initialize",
            params: [
                "protocolVersion": "2025-11-25", "capabilities": [:], "clientInfo": ["name": "c", "version": "1"],
            ]
        ).json.line
        #expect(write(input.writer, initialize, initialize.count) == initialize.count)
        async let run: Void = group.run()
        try await eventually("the session is opened") { handler.events.contains("opened") }
        await group.triggerGracefulShutdown()
        try await run
        #expect(handler.events == ["opened", "shut down", "ended"])
        for descriptor in [input.reader, input.writer, output.reader, output.writer] { close(descriptor) }
    }

    @Test("the server ends when nobody reads its output")
    func closedOutput() async throws {
        let input = try Pipe()
        let output = try Pipe()
        close(output.reader)
        let ping = JSONRPCRequest.ping(id: 1).json.line
        #expect(write(input.writer, ping, ping.count) == ping.count)
        let server = StdioServer(
            handler: ScriptedHandler { _ in [:] },
            input: input.reader,
            output: output.writer,
            logger: Logger(label: "test")
        )
        try await server.run()
        for descriptor in [input.reader, input.writer, output.writer] { close(descriptor) }
    }
}
