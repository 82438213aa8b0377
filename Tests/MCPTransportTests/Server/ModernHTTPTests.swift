import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

@Suite("Streamable HTTP server, 2026-07-28")
struct ModernHTTPTests {
    @Test("an answer is plain JSON when nothing is sent before it, with its type, hints and the server's identity")
    func plain() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let answer = try await server.modern(Modern.request("tools/list"))
            #expect(answer.status == 200)
            #expect(answer.headers[all: "Content-Type"] == ["application/json"])
            #expect(answer.headers[all: "Mcp-Session-Id"].isEmpty)
            let result = try #require(answer.response?.result)
            #expect(result["resultType"] == "complete")
            #expect(result["ttlMs"] == 5_000)
            #expect(result["cacheScope"] == "public")
            #expect(result[path: ["_meta", MetadataKey.serverInfo, "name"]] == "demo")
            #expect(result["tools"]?.elements?.count == 7)
        }
    }

    @Test("an answer is an event stream as soon as there is a message before it, in the order in which they were sent")
    func streamed() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let answer = try await server.modern(Modern.call("count", ["to": 3], progressToken: "p"))
            #expect(answer.isEventStream)
            #expect(answer.headers[all: "X-Accel-Buffering"] == ["no"])
            let progress = answer.messages.compactMap { message -> RawJSON? in
                if case .notification(let notification) = message { notification.params?["progress"] } else { nil }
            }
            #expect(progress == [1, 2, 3])
            #expect(answer.messages.count == 4)
            #expect(answer.events.allSatisfy { $0.id == nil })
            #expect(answer.final?.result?[path: ["structuredContent", "said"]] == "counted to 3")
        }
    }

    @Test("a client that accepts only JSON gets only the answer, and one that accepts only event streams gets one")
    func accepts() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let call = Modern.call("count", ["to": 3], progressToken: 1)
            let json = try await server.modern(call, [.init("Accept", "application/json")])
            #expect(json.response?.id == 1)
            let events = try await server.modern(Modern.request("tools/list"), [.init("Accept", "text/event-stream")])
            #expect(events.isEventStream)
            #expect(events.messages.count == 1)
            let none = try await server.modern(call, [.init("Accept", "text/html")])
            #expect(none.status == 406)
        }
    }

    @Test("closing the connection cancels the request, before any message and after one")
    func cancelled() async throws {
        let handler = ScriptedHandler { request in
            if request.id == 2 {
                let params: RawJSON = ["level": "info", "data": 1]
                try await request.notify(JSONRPCNotification(method: "notifications/message", params: params))
            }
            try await untilCancelled()
            return [:]
        }
        try await RunningServer.run(handler) { server in
            for id: RequestID in [1, 2] {
                let call = Modern.call("wait", id: id)
                let request = server.request("POST", try .modern(for: call), Array(call.bytes))
                try await server.stream(request) { stream in
                    if id == 2 {
                        _ = try await stream.next()
                    } else {
                        try await eventually("the request runs") {
                            server.metricsText.contains("mcp_server_requests 1")
                        }
                    }
                }
                try await eventually("the request is cancelled") { handler.events.contains("cancelled \(id)") }
            }
        }
    }

    @Test("subscriptions: acknowledged first, only what was asked for, the id on everything, and a graceful end")
    func subscriptions() async throws {
        let service = try DemoService.make()
        try await RunningServer.run(service) { server in
            let listen = Modern.listen(
                SubscriptionFilter(toolsListChanged: true, resourceSubscriptions: ["memo://notes/1"])
            )
            try await server.stream(server.request("POST", try .modern(for: listen), Array(listen.bytes))) { stream in
                guard case .notification(let acknowledged) = try await stream.next() else { throw Wrong() }
                #expect(acknowledged.method == Method.subscriptionsAcknowledged.rawValue)
                service.update { $0.prompts.removeLast() }
                service.resourceUpdated("memo://notes/2")
                service.resourceUpdated("memo://notes/1")
                service.update { $0.tools.removeLast() }
                guard case .notification(let updated) = try await stream.next() else { throw Wrong() }
                #expect(updated.params?["uri"] == "memo://notes/1")
                #expect(updated.params?[path: ["_meta", MetadataKey.subscriptionID]] == "listen")
                guard case .notification(let changed) = try await stream.next() else { throw Wrong() }
                #expect(changed.method == "notifications/tools/list_changed")
                await server.stop()
                guard case .response(let end) = try await stream.next() else { throw Wrong() }
                #expect(end.id == "listen")
                #expect(end.result?["resultType"] == "complete")
                try await stream.end()
            }
        }
    }

    @Test("input that a call needs is asked for in rounds, each with what was answered before")
    func rounds() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            var request = Modern.call("ask")
            var answers = ["name": "Ada", "color": "blue"]
            for round in 2...3 {
                let result = try #require(try await server.modern(request).response?.result)
                let interim = try InputRequiredResult(result)
                #expect(result["ttlMs"] == nil)
                let key = interim.inputRequests.first?.key ?? ""
                let value = answers.removeValue(forKey: key) ?? ""
                let content = RawJSON.object([(key, .string(value))])
                let retry = request.retry(
                    id: .integer(Int64(round)),
                    after: interim,
                    responses: [(key, ["action": "accept", "content": content])]
                )
                request = try #require(retry)
            }
            let final = try await server.modern(request).response
            #expect(final?.id == 3)
            #expect(final?.result?[path: ["structuredContent", "said"]] == "Ada likes blue")
            let forged = request.with(params: request.params?.setting("requestState", to: "[1"))
            #expect(try await server.modern(forged).response?.error?.code == .invalidParams)
            let unable = try await server.modern(Modern.call("ask", capabilities: ClientCapabilities()))
            #expect(unable.status == 400)
            #expect(unable.response?.error?.code == .missingRequiredClientCapability)
        }
    }

    @Test(
        "answers that are not what was asked for are refused, with the field that is wrong",
        arguments: [
            ("null", "params.inputResponses must be an object"), ("[]", "params.inputResponses must be an object"),
            (#"{"name": 12345}"#, "params.inputResponses.name must be an object"),
            (#"{"name": {}}"#, "params.inputResponses.name.action is missing"),
            (#"{"name": {"action": "agree"}}"#, "params.inputResponses.name.action must be one of"),
            (#"{"name": {"action": "accept", "content": "Ada"}}"#, "params.inputResponses.name.content must be"),
            (#"{"other": 1}"#, "params.inputResponses.other must be an object"),
        ]
    )
    func wrongAnswers(responses: String, problem: String) async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let call = Modern.call("ask")
            let retry = call.with(params: call.params?.setting("inputResponses", to: try RawJSON(parsing: responses)))
            let answer = try await server.modern(retry)
            #expect(answer.response?.error?.code == .invalidParams)
            #expect(answer.response?.error?.message.contains(problem) == true, "\(answer)")
        }
    }

    @Test("several inputs are asked for at once in the modern era, and one after the other before")
    func severalInputs() async throws {
        let form: RawJSON = ["message": "Who?", "requestedSchema": ["type": "object", "properties": [:]]]
        let tool = try ServiceTool(Tool(name: "both", inputSchema: ["type": "object"])) { call in
            let answers = try await call.inputs([
                .init("user", .elicitationCreate, params: form), .init("roots", .rootsList),
            ])
            let roots = answers["roots"]?["roots"]?.elements ?? []
            return .text("\(answers["user"]?["action"]?.stringValue ?? "") \(roots.count)")
        }
        let service = MCPService(
            info: Implementation(name: "inputs", version: "1"),
            content: ServiceContent(tools: [tool])
        )
        let able = ClientCapabilities(roots: true, elicitation: true)
        let accepted: RawJSON = ["action": "accept", "content": [:]]
        let roots: RawJSON = ["roots": [["uri": "file:///home"]]]
        try await RunningServer.run(service) { server in
            let call = Modern.call("both", capabilities: able)
            let first = try InputRequiredResult(#require(try await server.modern(call).response?.result))
            #expect(first.inputRequests.map(\.key) == ["user", "roots"])
            #expect(first.inputRequests.map(\.method) == [.elicitationCreate, .rootsList])
            // What is missing in an answer is asked for again, alone.
            let half = try #require(call.retry(id: 2, after: first, responses: [("roots", roots)]))
            let second = try InputRequiredResult(#require(try await server.modern(half).response?.result))
            #expect(second.inputRequests.map(\.key) == ["user"])
            let rest = try #require(call.retry(id: 3, after: second, responses: [("user", accepted)]))
            let final = try await server.modern(rest).response?.result
            #expect(final?["content"]?.elements?.first?["text"] == "accept 1")
            let unable = try await server.modern(Modern.call("both"))
            #expect(unable.response?.error?.code == .missingRequiredClientCapability)

            let connection = try await LegacyConnection.open(server, capabilities: able)
            try await server.stream(connection.posting(CallToolParams(name: "both").request(id: 5))) { stream in
                for answer in [accepted, roots] {
                    guard case .request(let request) = try await stream.next() else { throw Wrong() }
                    let response = JSONRPCResponse(id: request.id, result: answer)
                    #expect(try await connection.post(.response(response)).status == 202)
                }
                guard case .response(let end) = try await stream.next() else { throw Wrong() }
                #expect(end.result?["content"]?.elements?.first?["text"] == "accept 1")
            }
            try await server.stream(connection.posting(CallToolParams(name: "both").request(id: 6))) { stream in
                guard case .request(let request) = try await stream.next() else { throw Wrong() }
                _ = try await connection.post(.response(JSONRPCResponse(id: request.id, result: ["action": 1])))
                guard case .response(let end) = try await stream.next() else { throw Wrong() }
                #expect(end.error?.message.contains("result.action must be a string") == true, "\(end)")
            }
        }
    }

    @Test("a tool that asks for input in its own way gets its own state back")
    func ownState() async throws {
        let tool = try ServiceTool(Tool(name: "own", inputSchema: ["type": "object"])) { call in
            if let state = call.request.message.params?["requestState"]?.stringValue { return .text(state) }
            return ServiceResult(["resultType": "input_required", "requestState": "not JSON"])
        }
        let service = MCPService(
            info: Implementation(name: "state", version: "1"),
            content: ServiceContent(tools: [tool])
        )
        try await RunningServer.run(service) { server in
            let call = Modern.call("own")
            let interim = try InputRequiredResult(#require(try await server.modern(call).response?.result))
            let retry = try #require(call.retry(id: 2, after: interim, responses: []))
            let final = try await server.modern(retry).response
            #expect(final?.result?["content"]?.elements?.first?["text"] == "not JSON", "\(String(describing: final))")
        }
    }

    @Test("an answer in a state that the server did not write is refused")
    func wrongState() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let call = Modern.call("ask")
            for state in [#"{"name": 1}"#, #"{"name": {"action": "agree"}}"#, "{}-", "1"] {
                let retry = call.with(params: call.params?.setting("requestState", to: .string(state)))
                let answer = try await server.modern(retry)
                #expect(answer.response?.error?.code == .invalidParams, "\(state)")
            }
        }
    }

    @Test("a header that repeats an argument must match it")
    func parameterHeaders() async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let call = Modern.call("region", ["region": "eu"])
            let missing = try await server.modern(call)
            #expect(missing.status == 400)
            #expect(missing.response?.error?.code == .headerMismatch)
            let right = try await server.modern(call, [.init("Mcp-Param-Region", "eu")])
            #expect(right.response?.result?[path: ["structuredContent", "said"]] == "eu")
        }
    }

    @Test("lists come in pages, in a stable order, and a cursor of somebody else is refused")
    func pages() async throws {
        try await RunningServer.run(DemoService.make(pageSize: 3)) { server in
            var names: [String] = []
            var cursor: RawJSON?
            repeat {
                let result = try #require(
                    try await server.modern(Modern.request("tools/list", params: ["cursor": cursor])).response?.result
                )
                names += (result["tools"]?.elements ?? []).compactMap { $0["name"]?.stringValue }
                cursor = result["nextCursor"]
            } while cursor != nil
            #expect(names == ["add", "echo", "count", "region", "ask", "fail", "wait"])
            for cursor: RawJSON in ["after:0", "after:03", "x", "after:-1", 7] {
                let answer = try await server.modern(Modern.request("tools/list", params: ["cursor": cursor]))
                #expect(answer.response?.error?.code == .invalidParams, "\(cursor)")
            }
        }
    }

    struct Wrong: Error {}

    @Test(
        "errors of methods",
        arguments: [
            ("tools/call", ["name": "nothing"], -32602, 200), ("prompts/get", ["name": "greet"], -32602, 200),
            ("resources/read", ["uri": "memo://nothing"], -32602, 200), ("tools/call", [:], -32602, 400),
            ("completion/complete", ["ref": ["type": "ref/tool"]], -32602, 200), ("ping", [:], -32601, 404),
            ("initialize", [:], -32601, 404), ("logging/setLevel", ["level": "info"], -32601, 404),
            ("resources/subscribe", ["uri": "memo://readme"], -32601, 404),
        ] as [(String, RawJSON, Int64, Int)]
    )
    func errors(method: String, params: RawJSON, code: Int64, status: Int) async throws {
        try await RunningServer.run(DemoService.make()) { server in
            let request = Modern.request(method, id: "x", params: params)
            var headers = try HeaderFields.modern(for: Modern.request("tools/list"))
            headers.set("Mcp-Method", method)
            if let name = params["name"]?.stringValue ?? params["uri"]?.stringValue { headers.set("Mcp-Name", name) }
            let answer = try await server.send("POST", headers, Array(request.bytes))
            #expect(answer.response?.error?.code.rawValue == code)
            #expect(answer.response?.id == "x")
            #expect(answer.status == status)
        }
    }
}
