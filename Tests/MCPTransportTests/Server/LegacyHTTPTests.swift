import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

@Suite("Streamable HTTP server, legacy era")
struct LegacyHTTPTests {
    @Test("a session from initialize to DELETE", arguments: SupportedVersions.all.legacy)
    func session(version: ProtocolVersion) async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let connection = try await LegacyConnection.open(server, version)
            #expect(connection.sessionID.utf8.count == 64)
            let tools = try await connection.request("tools/list")
            #expect(tools.response?.result?["tools"]?.elements?.count == 7)
            #expect(tools.response?.result?["resultType"] == nil)
            #expect(try await connection.request("ping", id: 2).response?.result == [:])
            #expect(try await connection.request("server/discover", id: 3).response?.error?.code == .methodNotFound)
            #expect(try await connection.request("initialize", id: 4).status == 400)
            #expect(try await connection.delete().status == 204)
            let after = try await connection.request("tools/list", id: 5)
            #expect(after.status == 404)
            #expect(after.response?.id == 5)
            #expect(try await connection.delete().status == 404)
        }
    }

    @Test("a request without a session, of an unknown one, or with another version is refused")
    func sessionHeaders() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let connection = try await LegacyConnection.open(server)
            let list = Array(JSONRPCRequest(id: 1, method: "tools/list").bytes)
            let version = ProtocolVersion.v2025_11_25
            func status(_ version: ProtocolVersion?, _ id: String?) async throws -> Int {
                try await server.send("POST", .legacyPost(version: version, sessionID: id), list).status
            }
            #expect(try await status(version, nil) == 400)
            #expect(try await status(version, "unknown") == 404)
            #expect(try await status(.v2025_06_18, connection.sessionID) == 400)
            #expect(try await status(nil, connection.sessionID) == 200)
            let bad = try await LegacyConnection(server: server, version: version, sessionID: "é").request("ping")
            #expect(bad.status == 400)
        }
    }

    @Test("initialize that is not valid leaves no session")
    func badInitialize() async throws {
        let handler = ScriptedHandler { _ in [:] }
        try await RunningServer.run(handler) { server in
            let request = JSONRPCRequest(id: 1, method: "initialize", params: ["protocolVersion": "2025-11-25"])
            let answer = try await server.send("POST", .legacyPost(version: nil, sessionID: nil), Array(request.bytes))
            #expect(answer.status == 400)
            #expect(answer.response?.error?.code == .invalidParams)
            #expect(server.metricsText.contains("mcp_server_sessions 0"))
        }
    }

    @Test("a session ends when it is idle for too long, and not while its stream is open")
    func idle() async throws {
        let clock = SteppedClock()
        let handler = ScriptedHandler { _ in [:] }
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.sessionIdleTime = .seconds(100)
        configuration.limits.keepAliveInterval = .seconds(1_000_000)
        try await RunningServer.run(handler, configuration, clock: clock) { server in
            let connection = try await LegacyConnection.open(server)
            try await server.stream(connection.getting()) { stream in
                #expect(try await stream.status() == 200)
                for _ in 0..<12 { try await clock.pass(.seconds(10)) }
            }
            try await eventually("the stream is closed") { server.metricsText.contains("mcp_server_streams 0") }
            #expect(try await connection.request("ping").status == 200)
            for _ in 0..<10 { try await clock.pass(.seconds(10)) }
            try await eventually("the session ends") { handler.events.contains("ended") }
            #expect(try await connection.request("ping").status == 404)
        }
    }

    @Test("as many sessions as allowed, and no more")
    func sessionLimit() async throws {
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.maximumSessions = 2
        try await RunningServer.run(try DemoService.make(), configuration) { server in
            let first = try await LegacyConnection.open(server)
            _ = try await LegacyConnection.open(server)
            let initialize = JSONRPCRequest(id: 1, method: "initialize", params: [:])
            let refused = try await server.send(
                "POST",
                .legacyPost(version: nil, sessionID: nil),
                Array(initialize.bytes)
            )
            #expect(refused.status == 503)
            #expect(refused.headers[all: "Retry-After"] == ["1"])
            _ = try await first.delete()
            _ = try await LegacyConnection.open(server)
        }
    }

    @Test("GET carries what belongs to no request, one stream a session, kept alive by comments")
    func standaloneStream() async throws {
        let clock = SteppedClock()
        let service = try DemoService.make()
        try await RunningServer.run(service, clock: clock) { server in
            let connection = try await LegacyConnection.open(server)
            try await server.stream(connection.getting()) { stream in
                #expect(try await stream.status() == 200)
                let second = try await server.send("GET", .legacyGet(version: nil, sessionID: connection.sessionID))
                #expect(second.status == 409)
                service.update { $0.tools.removeLast() }
                guard case .notification(let changed) = try await stream.next() else { throw ModernHTTPTests.Wrong() }
                #expect(changed.method == "notifications/tools/list_changed")
                try await clock.pass(.seconds(15))
                try await eventually("a comment") { stream.bytes.suffix(3) == Array(":\n\n".utf8)[...] }
                _ = try await connection.delete()
                try await stream.end()
            }
        }
    }

    @Test("resource subscriptions notify only the session that asked")
    func resourceSubscription() async throws {
        let service = try DemoService.make()
        try await RunningServer.run(service) { server in
            let connection = try await LegacyConnection.open(server)
            let unknown = try await connection.request("resources/subscribe", params: ["uri": "memo://x"])
            #expect(unknown.response?.error?.code == .legacyResourceNotFound)
            let uri: RawJSON = ["uri": "memo://notes/3"]
            #expect(try await connection.request("resources/subscribe", params: uri).response?.result == [:])
            service.resourceUpdated("memo://notes/4")
            service.resourceUpdated("memo://notes/3")
            try await server.stream(connection.getting()) { stream in
                guard case .notification(let updated) = try await stream.next() else { throw ModernHTTPTests.Wrong() }
                #expect(updated.params == uri)
            }
        }
    }

    @Test("disconnecting does not cancel: the client comes back with Last-Event-ID and gets what it missed, once")
    func resume() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let handler = ScriptedHandler { request in
            for number in 1...2 { try await request.report(progress: Double(number)) }
            for await _ in gate { break }
            try await request.report(progress: 3)
            return ["content": []]
        }
        try await RunningServer.run(handler) { server in
            let connection = try await LegacyConnection.open(server)
            let call = CallToolParams(name: "x").request(id: 9).with(metadataFields: [("progressToken", "p")])
            let lastEventID = try await server.stream(connection.posting(call)) { stream in
                _ = try await stream.next()
                return stream.lastEventID ?? ""
            }
            try await eventually("the stream is without a reader") {
                try await server.send("GET", .legacyGet(version: nil, sessionID: "nobody")).status == 404
            }
            open.finish()
            let rest = try await server.stream(connection.getting(after: lastEventID)) { stream in
                var methods: [String] = []
                while methods.last?.hasPrefix("answer") != true {
                    switch try await stream.next() {
                    case .notification(let notification): methods.append(notification.params?["progress"]?.text ?? "")
                    case .response(let response): methods.append("answer \(response.id?.description ?? "")")
                    case .request: methods.append("request")
                    }
                }
                try await stream.end()
                return methods
            }
            // It had read the first or both.
            let read = try #require(["2-1": 1, "2-2": 2][lastEventID])
            #expect(rest == Array(["1", "2", "3", "answer 9"].dropFirst(read)))
            #expect(!handler.events.contains { $0.hasPrefix("cancelled") })
            let unknown = try await server.send(
                "GET",
                .legacyGet(version: nil, sessionID: connection.sessionID, lastEventID: "77-1")
            )
            #expect(unknown.status == 400)
        }
    }

    @Test(
        "an answer stream of 2025-11-25 begins with an id to come back with and the time to wait before that",
        arguments: [ProtocolVersion.v2025_11_25, .v2025_06_18]
    )
    func firstEvent(version: ProtocolVersion) async throws {
        let handler = ScriptedHandler { request in
            try await request.report(progress: 1)
            return ["content": []]
        }
        var configuration = StreamableHTTPConfiguration()
        configuration.limits.reconnectionTime = .milliseconds(1_500)
        try await RunningServer.run(handler, configuration) { server in
            let connection = try await LegacyConnection.open(server, version)
            let call = CallToolParams(name: "x").request(id: 9).with(metadataFields: [("progressToken", "p")])
            let text = try await server.stream(connection.posting(call)) { stream in
                try await stream.end()
                return String(decoding: stream.bytes, as: UTF8.self)
            }
            let begins =
                version == .v2025_11_25 ? "id: 2-0\nretry: 1500\ndata: \n\nid: 2-1\ndata: {" : "id: 2-1\ndata: {"
            #expect(text.hasPrefix(begins), "\(text)")
        }
    }

    @Test("notifications/cancelled stops the request, which gets no response")
    func cancelled() async throws {
        let handler = ScriptedHandler { request in
            try await request.report(progress: 1)
            try await untilCancelled()
            return [:]
        }
        try await RunningServer.run(handler) { server in
            let connection = try await LegacyConnection.open(server)
            let call = CallToolParams(name: "x").request(id: 9).with(metadataFields: [("progressToken", "p")])
            try await server.stream(connection.posting(call)) { stream in
                _ = try await stream.next()
                let twice = try await connection.post(.request(call))
                #expect(twice.status == 400)
                #expect(twice.response?.id == nil)
                let cancel = CancelledParams(requestID: 9).notification
                #expect(try await connection.post(.notification(cancel)).status == 202)
                try await stream.end()
            }
            try await eventually("the handler stops") { handler.events.contains("cancelled 9") }
            #expect(handler.events.contains("notification notifications/cancelled"))
        }
    }

    @Test("a request of the server goes out on the stream of the client's request, and its response comes by POST")
    func serverRequest() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let connection = try await LegacyConnection.open(server)
            let call = CallToolParams(name: "ask").request(id: 5)
            try await server.stream(connection.posting(call)) { stream in
                for value in ["Ada", "blue"] {
                    guard case .request(let request) = try await stream.next() else { throw ModernHTTPTests.Wrong() }
                    #expect(request.method == "elicitation/create")
                    let field = try #require(
                        request.params?[path: ["requestedSchema", "required"]]?.elements?.first?.stringValue
                    )
                    let content = RawJSON.object([(field, .string(value))])
                    let response = JSONRPCResponse(id: request.id, result: ["action": "accept", "content": content])
                    #expect(try await connection.post(.response(response)).status == 202)
                }
                guard case .response(let answer) = try await stream.next() else { throw ModernHTTPTests.Wrong() }
                #expect(answer.result?[path: ["structuredContent", "said"]] == "Ada likes blue")
            }
        }
    }

    @Test("messages that a handler sends as they are go through unchanged, in both directions")
    func passedThrough() async throws {
        let handler = ScriptedHandler { _ in [:] }
        try await RunningServer.run(handler) { server in
            let connection = try await LegacyConnection.open(server)
            let text = #"{"id":"raw-1",  "jsonrpc":"2.0","method":"roots/list","x-other":1.0}"#
            try await handler.session?.send(JSONRPCMessage(parsing: Array(text.utf8)))
            try await server.stream(connection.getting()) { stream in
                let message = try await stream.next()
                #expect(String(decoding: message.bytes, as: UTF8.self) == text)
            }
            _ = try await connection.post(.response(JSONRPCResponse(id: "raw-1", result: ["roots": []])))
            #expect(handler.events.contains(#"response "raw-1""#))
        }
    }

    @Test("log messages follow the level of the session")
    func logLevels() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let connection = try await LegacyConnection.open(server)
            func logs() async throws -> Int {
                let answer = try await connection.post(
                    .request(CallToolParams(name: "count", arguments: ["to": 2]).request(id: 1))
                )
                return answer.messages.count - 1
            }
            #expect(try await logs() == 2)
            #expect(try await connection.request("logging/setLevel", params: ["level": "error"]).status == 200)
            #expect(try await logs() == 0)
            let wrong = try await connection.request("logging/setLevel", params: ["level": "loud"])
            #expect(wrong.response?.error?.code == .invalidParams)
        }
    }

    @Test("a handler closes a session: requests in flight get their answers, and new ones 404")
    func closedByHandler() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let handler = ScriptedHandler { request in
            request.session?.close()
            for await _ in gate { break }
            throw ProtocolError(.internalError, "The process has ended")
        }
        try await RunningServer.run(handler) { server in
            let connection = try await LegacyConnection.open(server)
            async let answer = connection.request("tools/call", id: 3, params: ["name": "x"])
            try await eventually("the session is closing") { try await connection.request("ping").status == 404 }
            #expect(!handler.events.contains("ended"))
            open.finish()
            #expect(try await answer.response?.error?.message == "The process has ended")
            try await eventually("the session has ended") { handler.events.contains("ended") }
        }
    }
}
