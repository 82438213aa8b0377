import HTTPTypes
import MCPProtocol
import MCPTransport
import Synchronization
import Testing

@Suite("A client of the legacy era over HTTP")
struct LegacyClientTests {
    private let echo = Method(rawValue: "echo")

    private func withClient<Result: Sendable>(
        _ server: FakeServer,
        handlers: MCPClientHandlers = MCPClientHandlers(),
        capabilities: ClientCapabilities = ClientCapabilities(),
        limits: ClientLimits = ClientLimits(),
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: @escaping @Sendable (MCPClient) async throws -> Result
    ) async throws -> Result {
        var options = MCPClientOptions()
        options.capabilities = capabilities
        options.versions = SupportedVersions([.v2025_11_25])
        options.limits = limits
        let result = try await MCPClient.withConnection(
            to: fakeURL,
            options: options,
            handlers: handlers,
            exchange: server,
            clock: clock,
            body
        )
        try await expectValid(
            server.bodies.filter { !String(decoding: $0, as: UTF8.self).contains("echo") },
            .v2025_11_25
        )
        return result
    }

    @Test("a session is opened, used with its id and version, and ended")
    func session() async throws {
        let server = FakeServer(.legacy)
        try await withClient(server) { client in
            _ = try await client.request(Method(rawValue: "echo"))
        }
        #expect(
            server.log == ["POST initialize", "POST notifications/initialized", "POST echo", "DELETE"]
        )
        #expect(server.requests[0].headers[.sessionID] == nil)
        for request in server.requests.dropFirst() {
            #expect(request.headers[.sessionID] == "session-1")
            #expect(HeaderFields(request.headers)[all: "MCP-Protocol-Version"] == ["2025-11-25"])
        }
    }

    @Test("a session is ended when the body throws, and when the task is cancelled")
    func sessionAfterFailure() async throws {
        let server = FakeServer(.legacy)
        await #expect(throws: NeverHappened.self) {
            try await withClient(server) { _ in throw NeverHappened(description: "x") }
        }
        #expect(server.log.last == "DELETE")
        let second = FakeServer(.legacy)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await withClient(second) { _ in
                    for await _ in AsyncStream<Void>.makeStream().stream {}
                }
            }
            try? await eventually("connected") { second.log.count == 2 }
            group.cancelAll()
        }
        #expect(second.log.last == "DELETE")
    }

    @Test("several requests whose session has ended open it again once, and succeed")
    func reopening() async throws {
        let server = FakeServer(.legacy)
        try await withClient(server) { [echo] client in
            server.forgetSessions()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await client.request(echo) } }
                try await group.waitForAll()
            }
        }
        #expect(server.log.count { $0 == "POST initialize" } == 2)
        #expect(server.requests.last?.headers[.sessionID] == "session-2")
    }

    @Test("a session that ends at once again is an error, not a loop")
    func reopeningOnce() async throws {
        let server = FakeServer(.legacy) { request, message in
            guard case .request(let call) = message, call.method == "echo" else { return nil }
            return .status(404)
        }
        let error = await #expect(throws: MCPClientError.self) {
            try await withClient(server) { [echo] client in _ = try await client.request(echo) }
        }
        #expect(error?.code == .notFound)
        #expect(server.log.count { $0 == "POST initialize" } == 2)
    }

    @Test("if opening a session again fails, the next request tries again")
    func reopeningAfterFailure() async throws {
        let log = Recorded<String>()
        let server = FakeServer(.legacy) { _, message in
            guard case .request(let call) = message, call.method == "initialize" else { return nil }
            log.append(call.method)
            return log.values.count == 2 ? .status(503) : nil
        }
        try await withClient(server) { [echo] client in
            server.forgetSessions()
            let error = await #expect(throws: MCPClientError.self) { try await client.request(echo) }
            #expect(error?.httpStatus == 503)
            _ = try await client.request(echo)
        }
        #expect(log.values.count == 3)
    }

    @Test("a flood of requests from the server does not become a flood of answers")
    func flood() async throws {
        let answers = Recorded<RawJSON>()
        let server = FakeServer(.legacy) { _, message in
            switch message {
            case .response(let response):
                answers.append(response.json)
                for await _ in AsyncStream<Void>.makeStream().stream {}
                return .status(202)
            case .request(let call) where call.method == "echo":
                let requests = (0..<2_000).map { JSONRPCRequest(id: .integer($0), method: "roots/list").json.event() }
                return .events(requests.joined() + JSONRPCResponse(id: call.id, result: [:]).json.event())
            default: return nil
            }
        }
        var limits = ClientLimits()
        limits.requestsInFlight = 5
        limits.closeTime = .zero
        try await withClient(server, limits: limits) { [echo] client in
            _ = try await client.request(echo)
            try await eventually("answers") { !answers.values.isEmpty }
        }
        #expect(answers.values.count <= 15)
    }

    @Test("an answer stream that breaks is resumed after the last event, and what came before is delivered once")
    func resumption() async throws {
        let note = JSONRPCNotification(method: "notifications/message", params: ["level": "info", "data": "x"]).json
        let server = FakeServer(.legacy) { request, message in
            if request.method == .get {
                #expect(request.headers[.lastEventID] == "7")
                return .events(JSONRPCResponse(id: 2, result: ["late": true]).json.event(id: "8"))
            }
            guard case .request(let call) = message, call.method == "echo" else { return nil }
            #expect(call.id == 2)
            return .events("retry: 0\n" + note.event(id: "7"))
        }
        let notes = Recorded<String>()
        let result = try await withClient(
            server,
            handlers: MCPClientHandlers(notification: { notes.append($0.method) })
        ) { [echo] client in try await client.request(echo) }
        #expect(result["late"]?.boolValue == true)
        #expect(notes.values == ["notifications/message"])
    }

    @Test("an answer stream that breaks without an end is given up")
    func endlessResumption() async throws {
        let server = FakeServer(.legacy) { request, message in
            if request.method == .get { return .events("retry: 0\nid: 1\ndata:\n\n") }
            guard case .request(let call) = message, call.method == "echo" else { return nil }
            return .events("retry: 0\nid: 1\ndata:\n\n")
        }
        let error = await #expect(throws: MCPClientError.self) {
            try await withClient(server) { [echo] client in _ = try await client.request(echo) }
        }
        #expect(error?.code == .limitExceeded(.resumptions))
        #expect(server.log.count { $0 == "GET" } == 5)
    }

    @Test("ping is answered, other requests go to the handler, and by default their method does not exist")
    func serverRequests() async throws {
        let replies = Recorded<RawJSON>()
        let server = FakeServer(.legacy) { _, message in
            switch message {
            case .response(let response):
                replies.append(response.json)
                return .status(202)
            case .request(let call) where call.method == "echo":
                let requests = [
                    JSONRPCRequest.ping(id: "p").json,
                    JSONRPCRequest(id: "r", method: "roots/list").json,
                ]
                // The answer comes after the answers of the client.
                let answer = JSONRPCResponse(id: call.id, result: [:]).json
                return HTTPExchangeResponse(
                    status: 200,
                    headers: [.contentType: "text/event-stream"],
                    body: HTTPExchangeBody(
                        AsyncThrowingStream<[UInt8], any Error> { continuation in
                            continuation.yield(Array(requests.map { $0.event() }.joined().utf8))
                            Task {
                                try? await eventually("answers") { replies.values.count == 2 }
                                continuation.yield(Array(answer.event().utf8))
                                continuation.finish()
                            }
                        }
                    )
                )
            default: return nil
            }
        }
        try await withClient(server) { [echo] client in _ = try await client.request(echo) }
        let byID = Dictionary(uniqueKeysWithValues: replies.values.map { ($0["id"]?.stringValue ?? "", $0) })
        #expect(byID["p"]?["result"] == [:])
        #expect(byID["r"]?[path: ["error", "code"]]?.integerValue == -32601)
    }

    @Test("a request that takes too long is cancelled with a notification")
    func timeout() async throws {
        let clock = ManualClock()
        let server = FakeServer(.legacy) { _, message in
            guard case .request(let call) = message, call.method == "tools/call" else { return nil }
            return .open(": nothing\n\n")
        }
        let error = try await withClient(server, clock: clock) { client in
            await withTaskGroup(of: MCPClientError?.self) { group in
                group.addTask {
                    await #expect(throws: MCPClientError.self) {
                        try await client.request(.toolsCall, params: CallToolParams(name: "x").raw)
                    }
                }
                try? await eventually("the time of the request runs") { clock.remaining == [.seconds(60)] }
                clock.advance(by: .seconds(60))
                let error = await group.next() ?? nil
                try? await eventually("it is cancelled") { server.log.contains("POST notifications/cancelled") }
                return error
            }
        }
        #expect(error?.code == .timedOut)
        let body = try #require(server.bodies.last)
        let params = try RawJSON(parsing: body)["params"]
        #expect(params?["requestId"]?.integerValue == 2)
    }

    @Test("the stream of the session is resumed, and a server without one ends the changes at once")
    func changes() async throws {
        let changed = JSONRPCNotification(method: "notifications/tools/list_changed").json
        let gets = Mutex(0)
        let server = FakeServer(.legacy) { request, _ in
            guard request.method == .get else { return nil }
            switch gets.withLock({
                $0 += 1; return $0
            }) {
            case 1: return .events("retry: 0\n" + changed.event(id: "a"))
            case 2:
                #expect(request.headers[.lastEventID] == "a")
                return .open(changed.event(id: "b"))
            default: return .status(405)
            }
        }
        try await withClient(server) { client in
            let filter = SubscriptionFilter(toolsListChanged: true)
            try await client.withChanges(filter) { changes in
                var seen: [MCPChange] = []
                for try await change in changes {
                    seen.append(change)
                    if seen.count == 4 { break }
                }
                #expect(seen.count { $0 == .listening(filter) } == 2)
            }
            try await client.withChanges(filter) { changes in
                for try await change in changes { Issue.record("\(change)") }
            }
        }
    }

    @Test(
        "a client that offers elicitation is asked on the stream of the session, too, which is resumed when it breaks"
    )
    func sessionStream() async throws {
        let asked = JSONRPCRequest(
            id: "ask",
            method: "elicitation/create",
            params: ["message": "Sure?", "requestedSchema": ["type": "object", "properties": [:]]]
        )
        let gets = Mutex(0)
        let server = FakeServer(.legacy) { request, _ in
            guard request.method == .get else { return nil }
            let number = gets.withLock {
                $0 += 1
                return $0
            }
            if number == 1 { return .events("retry: 0\nid: a\ndata: \n\n") }
            #expect(request.headers[.lastEventID] == "a")
            return .open(asked.json.event(id: "b"))
        }
        let handlers = MCPClientHandlers(request: { request in
            #expect(request.method == "elicitation/create")
            return .result(["action": "decline"])
        })
        try await withClient(server, handlers: handlers, capabilities: ClientCapabilities(elicitation: true)) { _ in
            try await eventually("the request is answered") { server.log.contains("POST response") }
        }
        #expect(server.log.last == "DELETE")
        #expect(gets.withLock { $0 } == 2)
        let answer = try #require(server.bodies.first { String(decoding: $0, as: UTF8.self).contains("decline") })
        #expect(try RawJSON(parsing: answer)["id"] == "ask")
    }

    @Test("changes come from the stream that is open already, and a server without one ends them at once")
    func sharedSessionStream() async throws {
        let changed = JSONRPCNotification(method: "notifications/tools/list_changed").json
        let (later, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        let server = FakeServer(.legacy) { request, _ in
            if request.method == .delete {
                // The stream ends with the session, and is not opened again.
                continuation.finish()
                try await Task.sleep(for: .milliseconds(50))
            }
            guard request.method == .get else { return nil }
            continuation.yield(Array("retry: 0\n\n".utf8))
            return HTTPExchangeResponse(
                status: 200,
                headers: [.contentType: "text/event-stream"],
                body: HTTPExchangeBody(later)
            )
        }
        let filter = SubscriptionFilter(toolsListChanged: true)
        try await withClient(server, capabilities: ClientCapabilities(roots: true)) { client in
            try await client.withChanges(filter) { changes in
                var iterator = changes.makeAsyncIterator()
                #expect(try await iterator.next() == .listening(filter))
                continuation.yield(Array(changed.event().utf8))
                guard case .changed = try await iterator.next() else { throw NeverHappened(description: "a change") }
            }
        }
        #expect(server.log.count { $0 == "GET" } == 1)
        let broken = FakeServer(.legacy) { request, _ in request.method == .get ? .status(500) : nil }
        await #expect(throws: MCPClientError.self) {
            try await withClient(broken, capabilities: ClientCapabilities(roots: true)) { client in
                try await client.withChanges(filter) { for try await _ in $0 {} }
            }
        }
        let without = FakeServer(.legacy)
        try await withClient(without, capabilities: ClientCapabilities(roots: true)) { client in
            try await client.withChanges(filter) { changes in
                for try await change in changes { Issue.record("\(change)") }
            }
        }
    }
}
