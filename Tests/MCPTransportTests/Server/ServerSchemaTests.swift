import MCPProtocol
import MCPTestSupport
import MCPTransport
import Testing

/// Every message that the server sends is valid under the JSON schema of its revision.
@Suite("Messages of the server", .enabled(if: SchemaJudge.folder != nil, "MOORAGE_VECTORS is not set"))
struct ServerSchemaTests {
    /// The definition of a result.
    private static let results = [
        "server/discover": "DiscoverResult", "initialize": "InitializeResult", "tools/list": "ListToolsResult",
        "tools/call": "CallToolResult", "prompts/list": "ListPromptsResult", "prompts/get": "GetPromptResult",
        "resources/list": "ListResourcesResult", "resources/templates/list": "ListResourceTemplatesResult",
        "resources/read": "ReadResourceResult", "completion/complete": "CompleteResult", "ping": "EmptyResult",
        "logging/setLevel": "EmptyResult", "resources/subscribe": "EmptyResult",
        "resources/unsubscribe": "EmptyResult", "subscriptions/listen": "SubscriptionsListenResult",
    ]
    private static let messages = [
        "notifications/progress": "ProgressNotification", "notifications/message": "LoggingMessageNotification",
        "notifications/tools/list_changed": "ToolListChangedNotification",
        "notifications/prompts/list_changed": "PromptListChangedNotification",
        "notifications/resources/list_changed": "ResourceListChangedNotification",
        "notifications/resources/updated": "ResourceUpdatedNotification",
        "notifications/subscriptions/acknowledged": "SubscriptionsAcknowledgedNotification",
        "elicitation/create": "ElicitRequest",
    ]

    /// What the schema says of a message that answers a request, or comes before the answer.
    private func written(_ message: JSONRPCMessage, to method: String) throws -> [SchemaJudge.Written] {
        let whole = SchemaJudge.Written("JSONRPCMessage", message.json)
        switch message {
        case .request(let request):
            return [whole, SchemaJudge.Written(try #require(Self.messages[request.method]), message.json)]
        case .notification(let notification):
            return [whole, SchemaJudge.Written(try #require(Self.messages[notification.method]), message.json)]
        case .response(let response):
            guard let result = response.result else { return [whole] }
            let isInterim = result["resultType"] == "input_required"
            return [
                whole,
                SchemaJudge.Written(isInterim ? "InputRequiredResult" : Self.results[method] ?? "Result", result),
            ]
        }
    }

    private func check(_ sent: [(JSONRPCMessage, String)], _ version: ProtocolVersion) async throws {
        let messages = try sent.flatMap { try written($0.0, to: $0.1) }
        #expect(try await SchemaJudge.judged(messages, version) == "judged \(messages.count)\n", "\(version)")
    }

    private static let requests: [(String, RawJSON?)] = [
        ("tools/list", nil), ("tools/call", ["name": "add", "arguments": ["a": 1, "b": 2]]),
        ("tools/call", ["name": "fail"]), ("tools/call", ["name": "nothing"]),
        ("tools/call", ["name": "count", "arguments": ["to": 2], "_meta": ["progressToken": "p"]]),
        ("prompts/list", nil), ("prompts/get", ["name": "greet", "arguments": ["name": "Bob"]]),
        ("prompts/get", ["name": "greet"]), ("resources/list", nil), ("resources/templates/list", nil),
        ("resources/read", ["uri": "memo://readme"]), ("resources/read", ["uri": "memo://notes/1"]),
        ("resources/read", ["uri": "memo://none"]), ("nothing", nil),
        (
            "completion/complete",
            ["ref": ["type": "ref/prompt", "name": "greet"], "argument": ["name": "name", "value": "A"]]
        ),
    ]

    @Test("2026-07-28")
    func modern() async throws {
        let service = try DemoService.make(pageSize: 5)
        try await RunningServer.run(service) { server in
            var sent: [(JSONRPCMessage, String)] = []
            for (method, params) in Self.requests + [("server/discover", nil), ("tools/call", ["name": "ask"])] {
                let request = Modern.request(method, params: params)
                sent += try await server.modern(request).messages.map { ($0, method) }
            }
            let filter = SubscriptionFilter(
                toolsListChanged: true,
                promptsListChanged: true,
                resourcesListChanged: true,
                resourceSubscriptions: ["memo://readme"]
            )
            let listen = Modern.listen(filter)
            let request = server.request("POST", try .modern(for: listen), Array(listen.bytes))
            sent += try await server.stream(request) { stream in
                var messages = [try await stream.next()]
                service.resourceUpdated("memo://readme")
                service.update { content in
                    content.tools.removeLast()
                    content.prompts.removeLast()
                    content.resources.removeLast()
                }
                for _ in 0..<4 { messages.append(try await stream.next()) }
                await server.stop()
                messages.append(try await stream.next())
                return messages
            }.map { ($0, "subscriptions/listen") }
            #expect(sent.count == Self.requests.count + 2 + 2 + 6)
            try await check(sent, .v2026_07_28)
        }
    }

    @Test("the legacy revisions", arguments: SupportedVersions.all.legacy)
    func legacy(version: ProtocolVersion) async throws {
        let service = try DemoService.make(pageSize: 5)
        try await RunningServer.run(service) { server in
            let initialize = InitializeParams(
                protocolVersion: version,
                capabilities: ClientCapabilities(),
                clientInfo: Implementation(name: "client", version: "1")
            ).request(id: 1)
            let opened = try await server.send(
                "POST",
                .legacyPost(version: nil, sessionID: nil),
                Array(initialize.bytes)
            )
            var sent = opened.messages.map { ($0, "initialize") }
            let connection = try await LegacyConnection.open(server, version)
            let more: [(String, RawJSON?)] = [
                ("ping", nil), ("logging/setLevel", ["level": "info"]),
                ("resources/subscribe", ["uri": "memo://readme"]),
            ]
            for (method, params) in Self.requests + more {
                sent += try await connection.request(method, params: params).messages.map { ($0, method) }
            }
            service.resourceUpdated("memo://readme")
            service.update { content in
                content.tools.removeLast()
                content.prompts.removeLast()
                content.resources.removeLast()
            }
            sent += try await server.stream(connection.getting()) { stream in
                var messages: [JSONRPCMessage] = []
                for _ in 0..<4 { messages.append(try await stream.next()) }
                return messages
            }.map { ($0, "") }
            // Elicitation is there since 2025-06-18.
            if version >= .v2025_06_18 {
                let ask = connection.posting(CallToolParams(name: "ask").request(id: 99))
                sent.append((try await server.stream(ask) { stream in try await stream.next() }, ""))
            }
            #expect(sent.count >= 1 + Self.requests.count + 3 + 4 + 4)
            try await check(sent, version)
        }
    }
}

extension ProtocolVersion {
    /// Versions are dates.
    fileprivate static func >= (left: ProtocolVersion, right: ProtocolVersion) -> Bool {
        left.rawValue >= right.rawValue
    }
}
