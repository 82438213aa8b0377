import MCPProtocol
import Testing

/// Every example of the specification parses and comes out equal.
@Suite("The specification's examples", .enabled(if: Vectors.areThere, Vectors.comment))
struct ExampleTests {
    @Test("there are as many as the specification has")
    func complete() {
        #expect(Vectors.examples.count >= 124)
    }

    @Test("JSON comes out byte for byte, and means what Foundation reads", arguments: Vectors.examples)
    func json(example: Vectors.Example) throws {
        let json = try RawJSON(parsing: example.bytes)
        let trimmed = example.bytes.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed()
        #expect(Array(json.bytes) == Array(trimmed))
        #expect(try foundationValue(rebuilt(json).bytes) == foundationValue(example.bytes))
    }

    /// A value taken apart to its scalars and put together again.
    private func rebuilt(_ json: RawJSON) -> RawJSON {
        if let members = json.members { return .object(members.map { ($0.name, rebuilt($0.value)) }) }
        if let elements = json.elements { return .array(elements.map(rebuilt)) }
        if let text = json.stringValue { return .string(text) }
        if let value = json.integerValue { return .integer(value) }
        if let value = json.doubleValue { return .number(value) }
        return json
    }

    @Test("messages are messages, and come out byte for byte", arguments: Vectors.examples)
    func messages(example: Vectors.Example) throws {
        let json = try RawJSON(parsing: example.bytes)
        guard json["jsonrpc"] != nil else { return }
        let message = try JSONRPCMessage(parsing: example.bytes)
        #expect(message.json == json)
        // Taken apart and made anew, it means the same.
        let remade: JSONRPCMessage =
            switch message {
            case .request(let request):
                .request(JSONRPCRequest(id: request.id, method: request.method, params: request.params))
            case .notification(let notification):
                .notification(JSONRPCNotification(method: notification.method, params: notification.params))
            case .response(let response):
                switch response.outcome {
                case .result(let result): .response(JSONRPCResponse(id: try #require(response.id), result: result))
                case .error(let error):
                    .response(
                        JSONRPCResponse(
                            id: response.id,
                            error: JSONRPCError(code: error.code, message: error.message, data: error.data)
                        )
                    )
                }
            }
        #expect(try foundationValue(remade.bytes) == foundationValue(example.bytes))
        switch (example.type, message) {
        case (let type, .request): #expect(type.hasSuffix("Request"))
        case (let type, .notification): #expect(type.hasSuffix("Notification"))
        case (let type, .response(let response)): #expect(type.hasSuffix(response.error == nil ? "Response" : "Error"))
        }
    }

    @Test(
        "requests over HTTP pass a server's rules with the headers that a client derives",
        arguments: Vectors.examples
    )
    func requests(example: Vectors.Example) throws {
        guard let message = try? JSONRPCMessage(parsing: example.bytes), case .request(let request) = message,
            Method.clientRequests(in: .v2026_07_28).contains(Method(rawValue: request.method))
        else { return }
        let rules = ServerRules(versions: SupportedVersions([.v2026_07_28]))
        let accepted = try rules.check(
            httpMethod: "POST",
            headers: HeaderFields.modern(for: request),
            body: example.bytes
        )
        guard case .modern(let post) = accepted else {
            Issue.record("\(accepted)")
            return
        }
        #expect(post.request == request && post.metadata.clientInfo?.name == "ExampleClient")
    }

    @Test("typed messages keep their bytes, and made anew from their fields mean the same")
    func typed() throws {
        func check(_ type: String, _ read: (RawJSON) throws -> [RawJSON]) throws {
            let examples = Vectors.examples(of: type)
            #expect(!examples.isEmpty, "\(type)")
            for example in examples {
                let json = try RawJSON(parsing: example.bytes)
                for value in try read(json) {
                    #expect(
                        try foundationValue(value.bytes) == foundationValue(example.bytes),
                        "\(example.testDescription)"
                    )
                }
            }
        }
        try check("Tool") { json in
            let tool = try Tool(json)
            #expect(try SchemaBounds().check(tool.inputSchema) == ())
            #expect(try ParameterHeaders(inputSchema: tool.inputSchema).annotations.isEmpty)
            let remade = Tool(
                name: tool.name,
                title: tool.title,
                description: tool.description,
                inputSchema: tool.inputSchema,
                outputSchema: tool.outputSchema,
                annotations: tool.annotations
            )
            return [tool.raw, remade.raw, try tool.with(name: "other").with(name: tool.name).raw]
        }
        try check("Resource") { [try Resource($0).raw] }
        try check("ListPromptsResult") { json in
            let prompts = try ListPage(json, of: .prompts).items.map { item in try Prompt(item) }
            #expect(prompts.allSatisfy { !$0.arguments.isEmpty })
            return [
                json.setting("prompts", to: .array(try prompts.map { try $0.with(name: "x").with(name: $0.name).raw }))
            ]
        }
        try check("ListResourceTemplatesResult") { json in
            let templates = try ListPage(json, of: .resourceTemplates).items.map { item in try ResourceTemplate(item) }
            return [json.setting("resourceTemplates", to: .array(templates.map(\.raw)))]
        }
        try check("CallToolResult") { [try CallToolResult($0).raw] }
        try check("ClientCapabilities") { [try ClientCapabilities($0).raw] }
        try check("ServerCapabilities") { [try ServerCapabilities($0).raw] }
        try check("DiscoverResult") { json in
            let result = try DiscoverResult(json)
            let caching = try #require(CachingHints(of: json, to: Sample.request("server/discover")))
            #expect(result.supportedVersions == [.v2026_07_28] && result.serverInfo?.name == "ExampleServer")
            let remade = DiscoverResult(
                supportedVersions: result.supportedVersions,
                capabilities: result.capabilities,
                serverInfo: result.serverInfo,
                instructions: result.instructions,
                caching: caching
            )
            return [result.raw, remade.raw]
        }
        try check("InputRequiredResult") { [try InputRequiredResult($0).raw] }
        try check("CancelledNotificationParams") { json in
            let read = try CancelledParams(of: JSONRPCNotification(method: "notifications/cancelled", params: json))
            return [read.raw, CancelledParams(requestID: read.requestID, reason: read.reason).raw]
        }
        try check("ProgressNotificationParams") { json in
            let read = try ProgressParams(of: JSONRPCNotification(method: "notifications/progress", params: json))
            return [
                read.raw,
                ProgressParams(token: read.token, progress: read.progress, total: read.total, message: read.message)
                    .raw,
            ]
        }
        for (type, listing) in [
            ("ListToolsResult", Listing.tools), ("ListPromptsResult", .prompts), ("ListResourcesResult", .resources),
            ("ListResourceTemplatesResult", .resourceTemplates),
        ] {
            try check(type) { json in
                let page = try ListPage(json, of: listing)
                let caching = CachingHints(of: json, to: listing.request(id: 1, cursor: nil))
                return [
                    page.raw,
                    ListPage(of: listing, items: page.items, nextCursor: page.nextCursor, caching: caching).raw,
                ]
            }
        }
        try check("SubscriptionsListenRequest") { json in
            guard case .request(let request) = try JSONRPCMessage(parsing: Array(json.bytes)) else { return [] }
            let filter = try SubscriptionFilter(params: request.params)
            return [filter.request(id: request.id, metadata: try RequestMetadata(of: request)).json]
        }
        try check("SubscriptionsAcknowledgedNotification") { json in
            let listen = try #require(Vectors.examples(of: "SubscriptionsListenRequest").first)
            guard case .request(let request) = try JSONRPCMessage(parsing: listen.bytes) else { return [] }
            var subscription = try ServerSubscription(request)
            let capabilities = ServerCapabilities(
                tools: true,
                resources: true,
                listChanged: true,
                resourcesSubscribe: true
            )
            return [subscription.acknowledge(capabilities).json]
        }
        try check("SubscriptionsListenResultResponse") { json in
            let listen = try #require(Vectors.examples(of: "SubscriptionsListenRequest").first)
            guard case .request(let request) = try JSONRPCMessage(parsing: listen.bytes) else { return [] }
            var subscription = try ServerSubscription(request)
            let response = subscription.end()
            return [try #require(response).json]
        }
    }
}
