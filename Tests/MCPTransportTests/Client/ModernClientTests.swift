import HTTPTypes
import MCPProtocol
import MCPTransport
import Synchronization
import Testing

@Suite("A client of 2026-07-28 over HTTP")
struct ModernClientTests {
    private func withClient<Result: Sendable>(
        _ server: FakeServer,
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: @escaping @Sendable (MCPClient) async throws -> Result
    ) async throws -> Result {
        let result = try await MCPClient.withConnection(to: fakeURL, exchange: server, clock: clock, body)
        try await expectValid(
            server.bodies.filter { !String(decoding: $0, as: UTF8.self).contains("echo") },
            .v2026_07_28
        )
        return result
    }

    private static func isCall(_ message: JSONRPCMessage?) -> JSONRPCRequest? {
        guard case .request(let call) = message, call.method == "tools/call" else { return nil }
        return call
    }

    @Test("requests carry their metadata in the body and in the headers, and there is no session")
    func headers() async throws {
        let server = FakeServer(.modern) { request, message in
            guard let call = Self.isCall(message) else { return nil }
            let rules = ServerRules(origins: OriginPolicy(allowed: []))
            let headers = HeaderFields(request.headers)
            guard case .modern = try rules.check(httpMethod: "POST", headers: headers, body: request.body ?? []) else {
                return .status(400)
            }
            #expect(headers[all: "Mcp-Param-Region"] == ["eu"])
            return .json(JSONRPCResponse(id: call.id, result: ["resultType": "complete", "content": []]).json)
        }
        try await withClient(server) { client in
            let parameters = try ParameterHeaders(inputSchema: [
                "type": "object", "properties": ["region": ["type": "string", "x-mcp-header": "Region"]],
            ])
            _ = try await client.request(
                .toolsCall,
                params: CallToolParams(name: "é x", arguments: ["region": "eu"]).raw,
                parameterHeaders: parameters
            )
        }
        #expect(server.log == ["POST server/discover", "POST tools/call"])
    }

    @Test("a request for input is handed to the caller as it is, and an unknown result type is not valid")
    func inputRequired() async throws {
        let interim: RawJSON = ["resultType": "input_required", "requestState": "s", "inputRequests": [:]]
        let type = Mutex(interim)
        let server = FakeServer(.modern) { _, message in
            Self.isCall(message).map { .json(JSONRPCResponse(id: $0.id, result: type.withLock { $0 }).json) }
        }
        try await withClient(server) { client in
            let result = try await client.request(.toolsCall, params: CallToolParams(name: "x").raw)
            #expect(result == interim)
            type.withLock { $0 = ["resultType": "surprise"] }
            let error = await #expect(throws: MCPClientError.self) {
                try await client.request(.toolsCall, params: CallToolParams(name: "x").raw)
            }
            #expect(error?.code == .invalidMessage)
        }
    }

    @Test("an error of JSON-RPC comes with its HTTP status, and one about access says so")
    func refusals() async throws {
        let status = Mutex(0)
        let server = FakeServer(.modern) { _, message in
            guard let call = Self.isCall(message) else { return nil }
            let error = JSONRPCError(code: .headerMismatch, message: "no")
            return .json(JSONRPCResponse(id: call.id, error: error).json, status: status.withLock { $0 })
        }
        try await withClient(server) { client in
            for (number, code) in [
                (400, MCPClientError.Code.refused), (404, .refused), (401, .unauthorized), (403, .forbidden),
            ] {
                status.withLock { $0 = number }
                let error = await #expect(throws: MCPClientError.self) {
                    try await client.request(.toolsCall, params: CallToolParams(name: "x").raw)
                }
                #expect(error?.code == code)
                #expect(error?.httpStatus == number)
                #expect(error?.jsonRPCError?.code == .headerMismatch)
            }
        }
    }

    @Test("cancelling closes the response stream, and sends nothing")
    func cancelling() async throws {
        let closed = Mutex(false)
        let server = FakeServer(.modern) { _, message in
            Self.isCall(message).map { _ in .open(": x\n\n") { closed.withLock { $0 = true } } }
        }
        try await withClient(server) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.request(.toolsCall, params: CallToolParams(name: "x").raw) }
                try await eventually("it is sent") { server.log.contains("POST tools/call") }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            #expect(closed.withLock { $0 })
        }
        #expect(server.log == ["POST server/discover", "POST tools/call"])
    }

    @Test("a server that sends a request, another's answer, or nothing more, breaks the answer and nothing else")
    func invalidStreams() async throws {
        let texts = [
            (JSONRPCRequest.ping(id: 1).json.event(), MCPClientError.Code.invalidMessage),
            (JSONRPCResponse(id: 99, result: [:]).json.event(), .invalidMessage),
            ("data: {\n\n", .invalidMessage), (": end\n\n", .connectionLost),
        ]
        let next = Mutex(0)
        let server = FakeServer(.modern) { _, message in
            Self.isCall(message).map { _ in .events(texts[next.withLock { $0 }].0) }
        }
        try await withClient(server) { client in
            for index in texts.indices {
                next.withLock { $0 = index }
                let error = await #expect(throws: MCPClientError.self) {
                    try await client.request(.toolsCall, params: CallToolParams(name: "x").raw)
                }
                #expect(error?.code == texts[index].1, "\(index)")
            }
            _ = try await client.request(Method(rawValue: "echo"))
        }
    }

    @Test("a subscription reports what the server honors, changes, and its end; a silent one times out")
    func subscription() async throws {
        let clock = ManualClock()
        let isSilent = Mutex(false)
        let server = FakeServer(.modern) { _, message in
            guard case .request(let call) = message, call.method == "subscriptions/listen" else { return nil }
            if isSilent.withLock({ $0 }) { return .open(": x\n\n") }
            var subscription = try ServerSubscription(call)
            let acknowledged = subscription.acknowledge(ServerCapabilities(tools: true, listChanged: true))
            let change = subscription.message(for: JSONRPCNotification(method: "notifications/tools/list_changed"))
            let end = subscription.end()
            return .events([acknowledged.json, change?.json, end?.json].compactMap { $0?.event() }.joined())
        }
        try await withClient(server, clock: clock) { client in
            let filter = SubscriptionFilter(toolsListChanged: true, promptsListChanged: true)
            try await client.withChanges(filter) { changes in
                var seen: [MCPChange] = []
                for try await change in changes { seen.append(change) }
                #expect(seen.first == .listening(SubscriptionFilter(toolsListChanged: true)))
                #expect(seen.count == 2)
            }
            isSilent.withLock { $0 = true }
            let error = try await withThrowingTaskGroup(of: MCPClientError?.self, returning: MCPClientError?.self) {
                group in
                group.addTask {
                    await #expect(throws: MCPClientError.self) {
                        try await client.withChanges(filter) { for try await _ in $0 {} }
                    }
                }
                group.addTask {
                    // The first period may have begun before the last sign of life.
                    for _ in 0..<2 {
                        try await eventually("the time runs") { clock.remaining == [.seconds(300)] }
                        clock.advance(by: .seconds(300))
                    }
                    return nil
                }
                defer { group.cancelAll() }
                while let error = try await group.next() {
                    if let error { return error }
                }
                return nil
            }
            #expect(error?.code == .timedOut)
        }
    }

    @Test(
        "errors tell statuses apart, and carry what the server says",
        arguments: [
            (401, MCPClientError.Code.unauthorized), (403, .forbidden), (404, .notFound), (405, .methodNotAllowed),
            (503, .httpStatus), (302, .httpStatus), (200, .notMCP), (418, .notMCP),
        ]
    )
    func statuses(status: Int, code: MCPClientError.Code) async throws {
        let exchange = FakeServer(.modern) { _, _ in
            .bytes(
                Array("<html>".utf8),
                type: "text/html",
                status: status,
                headers: [.wwwAuthenticate: "Bearer x=\"y\""]
            )
        }
        let error = await #expect(throws: MCPClientError.self) {
            try await MCPClient.withConnection(to: fakeURL, exchange: exchange) { _ in }
        }
        #expect(error?.code == code)
        #expect(error?.httpStatus == status)
        #expect(error?.message.hasPrefix("http://fake.test/mcp: ") == true)
        if status == 401 { #expect(error?.wwwAuthenticate == ["Bearer x=\"y\""]) }
    }
}
