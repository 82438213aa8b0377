import MCPProtocol
import Testing

/// Requests from sending to answer, and sessions from start to end.
@Suite struct OutgoingRequestTests {
    private func progress(_ token: ProgressToken, _ value: Double) throws -> ProgressParams {
        try ProgressParams(of: ProgressParams(token: token, progress: value).notification)
    }

    private func request(_ id: RequestID, _ method: String = "tools/call", token: RawJSON? = nil) -> JSONRPCRequest {
        let meta: RawJSON? = token.map { ["_meta": ["progressToken": $0]] }
        return JSONRPCRequest(id: id, method: method, params: meta)
    }

    @Test("a response is delivered once, whatever the order")
    func deliver() throws {
        var table = OutgoingRequests(cancelling: .notification)
        try table.start(request(1))
        try table.start(request("1"))
        #expect(table.inFlight == [1, "1"])
        #expect(table.receive(JSONRPCResponse(id: "1", result: [:])) == .deliver(request("1")))
        #expect(table.receive(JSONRPCResponse(id: "1", result: [:])) == .unknown)
        #expect(
            table.receive(JSONRPCResponse(id: 1, error: JSONRPCError(code: .internalError, message: "")))
                == .deliver(request(1))
        )
        #expect(table.receive(JSONRPCResponse(id: 2, result: [:])) == .unknown)
        #expect(table.receive(Sample.error(.parseError, id: nil)) == .unknown)
        #expect(table.inFlight.isEmpty)
    }

    @Test("an id or progress token in use is refused, and so are too many requests")
    func refusals() throws {
        var table = OutgoingRequests(cancelling: .notification, maximumInFlight: 2)
        try table.start(request(1, token: "t"))
        #expect(throws: OutgoingRequests.Refusal.idInUse(1)) { try table.start(request(1)) }
        #expect(throws: OutgoingRequests.Refusal.progressTokenInUse("t")) { try table.start(request(2, token: "t")) }
        #expect(throws: OutgoingRequests.Refusal.self) { try table.start(request(2, token: true)) }
        try table.start(request(2, token: 1))
        #expect(throws: OutgoingRequests.Refusal.tooMany(limit: 2)) { try table.start(request(3)) }
        _ = table.receive(JSONRPCResponse(id: 1, result: [:]))
        try table.start(request(1, token: "t"))
    }

    @Test("legacy and stdio: cancelling and timing out send a notification, and a late answer is ignored")
    func cancelByNotification() throws {
        var table = OutgoingRequests(cancelling: .notification, maximumRemembered: 2)
        for id in 1...4 as ClosedRange<Int64> { try table.start(request(.integer(id))) }
        #expect(table.cancel(1, reason: "why") == .send(CancelledParams(requestID: 1, reason: "why").notification))
        #expect(table.cancel(1) == .nothing)
        #expect(table.timedOut(2) == .send(CancelledParams(requestID: 2, reason: "timed out").notification))
        #expect(table.timedOut(9) == .nothing)
        #expect(throws: OutgoingRequests.Refusal.idInUse(1)) { try table.start(request(1)) }
        #expect(table.receive(JSONRPCResponse(id: 1, result: [:])) == .late)
        #expect(table.receive(JSONRPCResponse(id: 1, result: [:])) == .unknown)
        // What is remembered of requests that were given up is bounded.
        _ = table.cancel(3)
        _ = table.cancel(4)
        #expect(table.receive(JSONRPCResponse(id: 2, result: [:])) == .unknown)
        #expect(table.receive(JSONRPCResponse(id: 4, result: [:])) == .late)
    }

    @Test("initialize is never cancelled by a message")
    func initialize() throws {
        var table = OutgoingRequests(cancelling: .notification)
        try table.start(request(1, "initialize"))
        #expect(table.timedOut(1) == .abandon)
        #expect(table.receive(JSONRPCResponse(id: 1, result: [:])) == .late)
    }

    @Test("M12: over HTTP the stream is closed, and no notification is sent")
    func cancelByClosing() throws {
        var table = OutgoingRequests(cancelling: .closingStream)
        try table.start(request(1))
        try table.start(request(2))
        #expect(table.cancel(1) == .closeStream)
        #expect(table.timedOut(2) == .closeStream)
    }

    @Test("progress is delivered while it grows and the request is in flight")
    func progressGrows() throws {
        var table = OutgoingRequests(cancelling: .notification)
        try table.start(request(1, token: "t"))
        #expect(try table.receive(progress("t", 0.5)) == .deliver(1))
        #expect(try table.receive(progress("t", 0.5)) == .notGrowing)
        #expect(try table.receive(progress("t", 0.4)) == .notGrowing)
        #expect(try table.receive(progress("t", 2)) == .deliver(1))
        #expect(try table.receive(progress("u", 1)) == .unknown)
        _ = table.receive(JSONRPCResponse(id: 1, result: [:]))
        #expect(try table.receive(progress("t", 3)) == .unknown)
    }

    @Test("a lost connection fails what is in flight")
    func lost() throws {
        var table = OutgoingRequests(cancelling: .notification)
        try table.start(request(1))
        try table.start(request(2))
        _ = table.cancel(2)
        #expect(table.connectionLost() == [request(1)])
        #expect(table.receive(JSONRPCResponse(id: 1, result: [:])) == .unknown)
        try table.start(request(2))
    }

    @Test("ids count up and stay exact in a double")
    func sequence() {
        var ids = RequestIDSequence()
        let first = [ids.next(), ids.next(), ids.next()]
        #expect(first == [1, 2, 3])
    }
}

@Suite struct IncomingRequestTests {
    private let request = JSONRPCRequest(id: 1, method: "tools/call")

    @Test("an id in use is refused without answering for the first request, and too many are refused")
    func refusals() throws {
        var table = IncomingRequests(era: .legacy, maximumInFlight: 1)
        try table.receive(request)
        let twice = #expect(throws: ProtocolError.self) { try table.receive(request) }
        #expect(twice?.code == .invalidRequest && twice?.id == nil)
        let many = #expect(throws: ProtocolError.self) { try table.receive(request.with(id: 2)) }
        #expect(many?.httpStatus == 503 && many?.id == 2)
        let isSent = table.complete(1)
        #expect(isSent)
        try table.receive(request)
    }

    @Test("a cancelled request is stopped once, and not answered")
    func cancelled() throws {
        var table = IncomingRequests(era: .legacy)
        try table.receive(request)
        #expect(table.mayNotify(about: 1))
        var stops = [table.cancel(1), table.cancel(1), table.cancel(2)]
        #expect(stops == [true, false, false])
        #expect(!table.mayNotify(about: 1))
        stops = [table.complete(1), table.complete(1), table.cancel(1)]
        #expect(stops == [false, false, false] && table.inFlight.isEmpty)
        try table.receive(JSONRPCRequest(id: 5, method: "initialize"))
        stops = [table.cancel(5), table.complete(5)]
        #expect(stops == [false, true])
    }

    @Test("M12: a closed stream cancels in the modern era, and does not in the legacy era")
    func closed() throws {
        var modern = IncomingRequests(era: .modern)
        try modern.receive(request)
        let modernSteps = [modern.streamClosed(1), modern.complete(1)]
        #expect(modernSteps == [true, false])
        var legacy = IncomingRequests(era: .legacy)
        try legacy.receive(request)
        let legacySteps = [legacy.streamClosed(1), legacy.complete(1)]
        #expect(legacySteps == [false, true])
    }
}

@Suite struct LegacySessionTests {
    private func notification(_ method: String) -> JSONRPCMessage { .notification(JSONRPCNotification(method: method)) }

    @Test("a session goes from initialize to its end")
    func server() throws {
        var session = LegacyServerSession()
        let list = JSONRPCMessage.request(JSONRPCRequest(id: 2, method: "tools/list"))
        let early = #expect(throws: ProtocolError.self) { try session.receive(list) }
        #expect(early?.code == .invalidRequest && early?.id == 2)
        #expect(try session.receive(.request(.ping(id: 9))) == .pong(9))
        #expect(try session.receive(notification("notifications/x")) == .ignore)
        #expect(try session.receive(.response(.pong(id: 1))) == .ignore)
        let initialize = Sample.initialize(.v2025_03_26)
        #expect(
            try session.receive(.request(initialize))
                == .initialize(initialize, InitializeParams(of: initialize), .v2025_03_26)
        )
        #expect(session.version == .v2025_03_26 && !session.isOpen)
        // A request before `notifications/initialized` is served.
        #expect(try session.receive(list) == .handle(JSONRPCRequest(id: 2, method: "tools/list")))
        #expect(try session.receive(notification("notifications/initialized")) == .opened)
        #expect(try session.receive(notification("notifications/initialized")) == .ignore)
        #expect(session.isOpen)
        #expect(throws: ProtocolError.self) { try session.receive(.request(initialize)) }
        #expect(
            try session.receive(notification("notifications/x"))
                == .notify(JSONRPCNotification(method: "notifications/x"))
        )
        #expect(try session.receive(.response(.pong(id: 1))) == .deliver(.pong(id: 1)))
        let ends = [session.end(), session.end()]
        #expect(ends == [true, false])
        for message in [list, notification("x"), .response(.pong(id: 1)), .request(initialize)] {
            let error = #expect(throws: ProtocolError.self) { try session.receive(message) }
            #expect(error?.httpStatus == 404)
        }
        #expect(session.version == nil && !session.isOpen)
    }

    @Test("initialize without what it needs is refused, and may be tried again")
    func invalidInitialize() throws {
        var session = LegacyServerSession()
        let error = #expect(throws: ProtocolError.self) {
            try session.receive(
                .request(JSONRPCRequest(id: 1, method: "initialize", params: ["protocolVersion": "2025-11-25"]))
            )
        }
        #expect(error?.code == .invalidParams && error?.id == 1)
        _ = try session.receive(.request(Sample.initialize()))
        #expect(session.version == .v2025_11_25)
        let resumed = LegacyServerSession(resuming: .v2025_06_18)
        #expect(resumed.version == .v2025_06_18 && resumed.isOpen)
    }

    @Test("a client opens its session again once, after a 404 for its id")
    func client() throws {
        var session = try LegacyClientSession(version: .v2025_11_25, headers: ["mcp-session-id": "one"])
        #expect(session.sessionID == "one")
        #expect(session.receive(status: 404, sentID: nil) == .unchanged)
        #expect(session.receive(status: 500, sentID: "one") == .unchanged)
        #expect(session.receive(status: 404, sentID: "one") == .openAgain)
        #expect(session.receive(status: 404, sentID: "one") == .unchanged)
        try session.opened(headers: ["Mcp-Session-Id": "two"])
        #expect(session.receive(status: 404, sentID: "one") == .retry)
        #expect(session.receive(status: 404, sentID: "zero") == .unchanged)
        #expect(session.receive(status: 404, sentID: "two") == .openAgain)
        #expect(try LegacyClientSession(version: .v2025_11_25, headers: [:]).sessionID == nil)
        for headers in [["Mcp-Session-Id": "a b"], ["Mcp-Session-Id": ""], ["Mcp-Session-Id": "ä"]] as [HeaderFields] {
            #expect(throws: MessageFieldError.self) { try LegacyClientSession(version: .v2025_11_25, headers: headers) }
        }
        let twice = HeaderFields([.init("Mcp-Session-Id", "a"), .init("Mcp-Session-Id", "b")])
        #expect(throws: MessageFieldError.self) { try session.opened(headers: twice) }
    }
}

@Suite struct AnswerStreamTests {
    private let answer = JSONRPCMessage.response(JSONRPCResponse(id: 1, result: [:]))
    private let progress = JSONRPCNotification(method: "notifications/progress")
    private let ping = JSONRPCRequest.ping(id: 1)

    @Test(
        "notifications come before the response, and nothing after it",
        arguments: [ProtocolVersion.Era.modern, .legacy]
    )
    func order(era: ProtocolVersion.Era) throws {
        var stream = AnswerStream(for: 1, era: era)
        #expect(try stream.receive(.notification(progress)) == .notification(progress))
        #expect(throws: ProtocolError.self) { try stream.receive(.response(JSONRPCResponse(id: 2, result: [:]))) }
        #expect(throws: ProtocolError.self) { try stream.receive(.response(JSONRPCResponse(id: "1", result: [:]))) }
        #expect(try stream.receive(answer) == .response(JSONRPCResponse(id: 1, result: [:])))
        #expect(throws: ProtocolError.self) { try stream.receive(answer) }
        #expect(stream.ended(lastEventID: "x") == .complete)
        var nameless = AnswerStream(for: 1, era: era)
        #expect(
            try nameless.receive(.response(Sample.error(.parseError, id: nil)))
                == .response(Sample.error(.parseError, id: nil))
        )
    }

    @Test("M11: a server sends no request in the modern era")
    func requests() throws {
        var modern = AnswerStream(for: 1, era: .modern)
        #expect(throws: ProtocolError.self) { try modern.receive(.request(ping)) }
        var legacy = AnswerStream(for: 1, era: .legacy)
        #expect(try legacy.receive(.request(ping)) == .request(ping))
    }

    @Test("a broken stream is resumed in the legacy era alone, and only with an event id")
    func broken() {
        #expect(AnswerStream(for: 1, era: .modern).ended(lastEventID: "e") == .lost)
        #expect(AnswerStream(for: 1, era: .legacy).ended(lastEventID: "e") == .resume(lastEventID: "e"))
        #expect(AnswerStream(for: 1, era: .legacy).ended(lastEventID: "") == .lost)
        #expect(AnswerStream(for: 1, era: .legacy).ended(lastEventID: nil) == .lost)
    }
}

@Suite struct SubscriptionTests {
    private let wanted = SubscriptionFilter(
        toolsListChanged: true,
        promptsListChanged: true,
        resourceSubscriptions: ["file:///a"]
    )
    private let changed = JSONRPCNotification(method: "notifications/tools/list_changed")

    private func updated(_ uri: String) -> JSONRPCNotification {
        JSONRPCNotification(method: "notifications/resources/updated", params: ["uri": .string(uri)])
    }

    @Test("M13: what a server sends, a client takes: acknowledgement, changes, end")
    func bothSides() throws {
        let request = wanted.request(id: "listen-1", metadata: Sample.metadata)
        var server = try ServerSubscription(request)
        var client = ClientSubscription(id: "listen-1", requested: wanted)
        #expect(server.message(for: changed) == nil)
        let capabilities = ServerCapabilities(tools: true, resources: true, listChanged: true, resourcesSubscribe: true)
        let acknowledgement = server.acknowledge(capabilities)
        let honored = SubscriptionFilter(toolsListChanged: true, resourceSubscriptions: ["file:///a"])
        #expect(try client.receive(.notification(acknowledgement)) == .acknowledged(honored))
        #expect(client.honored == honored)
        for notification in [changed, updated("file:///a")] {
            let message = try #require(server.message(for: notification))
            #expect(message.params?[path: ["_meta", MetadataKey.subscriptionID]]?.stringValue == "listen-1")
            #expect(client.owns(.notification(message)))
            #expect(try client.receive(.notification(message)) == .changed(message))
        }
        for other in [
            "notifications/prompts/list_changed", "notifications/resources/list_changed", "notifications/message",
        ] {
            #expect(server.message(for: JSONRPCNotification(method: other)) == nil)
        }
        #expect(server.message(for: updated("file:///b")) == nil)
        #expect(!client.streamClosed())
        let last = server.end(serverInfo: Implementation(name: "s", version: "1"))
        let end = try #require(last)
        #expect(end.result?["resultType"]?.stringValue == "complete")
        #expect(end.result?[path: ["_meta", MetadataKey.subscriptionID]]?.stringValue == "listen-1")
        #expect(try client.receive(.response(end)) == .ended)
        #expect(client.streamClosed())
        let second = server.end()
        #expect(second == nil && server.message(for: changed) == nil)
    }

    @Test("M13: a client refuses what a server must not send on a subscription")
    func refused() throws {
        func tagged(_ notification: JSONRPCNotification, _ id: RequestID) -> JSONRPCMessage {
            .notification(
                notification.with(
                    params: (notification.params ?? [:]).setting(
                        path: ["_meta", MetadataKey.subscriptionID],
                        to: id.json
                    )
                )
            )
        }
        let acknowledgement = JSONRPCNotification(
            method: "notifications/subscriptions/acknowledged",
            params: ["notifications": ["toolsListChanged": true, "resourcesListChanged": true]]
        )
        var client = ClientSubscription(id: 1, requested: wanted)
        #expect(throws: MessageFieldError.self) { try client.receive(tagged(changed, 1)) }
        #expect(throws: MessageFieldError.self) { try client.receive(.notification(acknowledgement)) }
        #expect(throws: MessageFieldError.self) { try client.receive(tagged(acknowledgement, "1")) }
        // More than was asked for is not taken.
        #expect(
            try client.receive(tagged(acknowledgement, 1)) == .acknowledged(SubscriptionFilter(toolsListChanged: true))
        )
        #expect(throws: MessageFieldError.self) { try client.receive(tagged(acknowledgement, 1)) }
        #expect(throws: MessageFieldError.self) { try client.receive(.notification(changed)) }
        #expect(throws: MessageFieldError.self) { try client.receive(tagged(changed, 2)) }
        let resources = JSONRPCNotification(method: "notifications/resources/list_changed")
        #expect(throws: MessageFieldError.self) { try client.receive(tagged(resources, 1)) }
        #expect(throws: MessageFieldError.self) { try client.receive(.request(.ping(id: 1))) }
        #expect(throws: MessageFieldError.self) { try client.receive(.response(JSONRPCResponse(id: 2, result: [:]))) }
        #expect(
            try client.receive(tagged(changed, 1))
                == .changed(changed.with(params: ["_meta": [MetadataKey.subscriptionID: 1]]))
        )
        #expect(try client.receive(.notification(CancelledParams(requestID: 1).notification)) == .ended)
        #expect(throws: MessageFieldError.self) { try client.receive(tagged(changed, 1)) }
    }

    @Test("M13: a refused subscription is over")
    func refusedByServer() throws {
        var client = ClientSubscription(id: 1, requested: wanted)
        let error = Sample.error(.methodNotFound)
        #expect(try client.receive(.response(error)) == .refused(JSONRPCError(code: .methodNotFound, message: "no")))
        #expect(client.streamClosed())
        #expect(throws: MessageFieldError.self) { try ServerSubscription(Sample.request("subscriptions/listen")) }
    }
}
