import MCPProtocol
import MCPTestSupport
import Testing

/// Every message that this library writes is valid under the JSON schema of its revision. Python's `jsonschema` judges.
@Suite("Written messages", .enabled(if: Vectors.areThere, Vectors.comment))
struct SchemaTests {
    typealias Written = SchemaJudge.Written

    private func check(_ messages: [Written], _ version: ProtocolVersion) async throws {
        #expect(try await SchemaJudge.judged(messages, version) == "judged \(messages.count)\n", "\(version)")
    }

    @Test("messages of 2026-07-28 match their schema")
    func modern() async throws {
        let version = ProtocolVersion.v2026_07_28
        let everything = RequestMetadata(
            clientCapabilities: ClientCapabilities(roots: true, sampling: true, elicitation: true),
            clientInfo: Implementation(name: "client", version: "1", title: "Client"),
            logLevel: "debug"
        )
        let bare = RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil)
        let info = Implementation(name: "server", version: "2")
        let call = CallToolParams(name: "x", arguments: ["a": 1]).request(id: 1).with(metadata: everything)
        let interim = try InputRequiredResult([
            "resultType": "input_required", "requestState": "s",
            "inputRequests": [
                "k": [
                    "method": "elicitation/create",
                    "params": [
                        "message": "m",
                        "requestedSchema": [
                            "type": "object", "properties": [:],
                        ],
                    ],
                ]
            ],
        ])
        let retry = try #require(
            call.retry(id: 2, after: interim, responses: [(key: "k", result: ["action": "decline"])])
        )
        let filter = SubscriptionFilter(
            toolsListChanged: true,
            promptsListChanged: true,
            resourcesListChanged: true,
            resourceSubscriptions: ["file:///a"]
        )
        let listen = filter.request(id: "l", metadata: everything)
        var subscription = try ServerSubscription(listen)
        let capabilities = ServerCapabilities(
            tools: true,
            prompts: true,
            resources: true,
            listChanged: true,
            resourcesSubscribe: true
        )
        let acknowledged = subscription.acknowledge(capabilities)
        let changes =
            [
                ("ToolListChangedNotification", "notifications/tools/list_changed", nil),
                ("PromptListChangedNotification", "notifications/prompts/list_changed", nil),
                ("ResourceListChangedNotification", "notifications/resources/list_changed", nil),
                ("ResourceUpdatedNotification", "notifications/resources/updated", ["uri": "file:///a"]),
            ] as [(String, String, RawJSON?)]
        var messages = try changes.map { definition, method, params in
            let message = subscription.message(for: JSONRPCNotification(method: method, params: params))
            return Written(definition, try #require(message).json)
        }
        let end = subscription.end(serverInfo: info)
        let caching = CachingHints(timeToLiveMilliseconds: 5, scope: .private)
        let tool = Tool(
            name: "t",
            title: "T",
            description: "d",
            inputSchema: ["type": "object"],
            outputSchema: ["type": "object"],
            annotations: ["readOnlyHint": true]
        )
        messages += [
            Written("DiscoverRequest", DiscoverResult.request(id: 1, metadata: everything).json),
            Written("DiscoverRequest", DiscoverResult.request(id: "1", metadata: bare).json),
            Written("DiscoverResult", Sample.discoverResult.raw),
            Written("CallToolRequest", call.json), Written("CallToolRequest", retry.json),
            Written(
                "CallToolResult",
                CallToolResult(text: "x", isError: true, version: version).raw.withServerInfo(info)
            ),
            Written("CallToolResult", (["content": []] as RawJSON).withResultType().withServerInfo(info)),
            Written("SubscriptionsListenRequest", listen.json),
            Written("SubscriptionsAcknowledgedNotification", acknowledged.json),
            Written("SubscriptionsListenResultResponse", try #require(end).json),
            Written("CancelledNotification", CancelledParams(requestID: 1, reason: "r").notification.json),
            Written(
                "ProgressNotification",
                ProgressParams(token: "t", progress: 0.5, total: 1, message: "m").notification.json
            ),
            Written("ListToolsResult", ListPage(of: .tools, items: [tool.raw], nextCursor: "c", caching: caching).raw),
            Written("ListPromptsResult", ListPage(of: .prompts, items: [], caching: caching).raw),
            Written("ListResourcesResult", ListPage(of: .resources, items: [], caching: caching).raw),
            Written("ListResourceTemplatesResult", ListPage(of: .resourceTemplates, items: [], caching: caching).raw),
            Written(
                "UnsupportedProtocolVersionError",
                ProtocolError.unsupportedProtocolVersion("x", supported: [version], id: 1).response.json
            ),
            Written(
                "MissingRequiredClientCapabilityError",
                ProtocolError.missingClientCapability(ClientCapabilities(sampling: true), id: "a").response.json
            ),
            Written("HeaderMismatchError", ProtocolError.headerMismatch("x", id: nil).response.json),
            Written("JSONRPCErrorResponse", ProtocolError.methodNotFound("x", id: 1).response.json),
            Written("JSONRPCErrorResponse", ProtocolError(.parseError, "x").response.json),
        ]
        for listing in Listing.allCases {
            let names = [
                Listing.tools: "ListToolsRequest", .prompts: "ListPromptsRequest", .resources: "ListResourcesRequest",
                .resourceTemplates: "ListResourceTemplatesRequest",
            ]
            let name = try #require(names[listing])
            messages.append(Written(name, listing.request(id: 1, cursor: nil).with(metadata: bare).json))
            messages.append(Written(name, listing.request(id: 2, cursor: "c").with(metadata: everything).json))
        }
        try await check(messages + messages.compactMap(Self.asMessage), version)
    }

    @Test("messages of the legacy revisions match their schemas", arguments: SupportedVersions.all.legacy)
    func legacy(version: ProtocolVersion) async throws {
        let isNew = version == .v2025_11_25
        let modernCall = CallToolParams(name: "x", arguments: ["a": 1]).request(id: 1).with(metadata: Sample.metadata)
        var messages = [
            Written("InitializeRequest", Sample.initialize(version).json),
            Written("InitializeResult", Sample.initializeResult(version).raw),
            Written("InitializedNotification", JSONRPCNotification.initialized.json),
            Written("PingRequest", JSONRPCRequest.ping(id: 1).json), Written("EmptyResult", [:]),
            Written(isNew ? "JSONRPCResultResponse" : "JSONRPCResponse", JSONRPCResponse.pong(id: "p").json),
            Written("CallToolRequest", modernCall.withoutModernMetadata().json),
            Written("CallToolResult", CallToolResult(text: "x", version: version).raw),
            Written("CallToolResult", CallToolResult(text: "x", isError: true, version: version).raw),
            Written("CancelledNotification", CancelledParams(requestID: 1, reason: "r").notification.json),
            Written("ProgressNotification", ProgressParams(token: 7, progress: 0.5, total: 1).notification.json),
            Written(
                isNew ? "JSONRPCErrorResponse" : "JSONRPCError",
                ProtocolError(.invalidRequest, "x", id: 1).response.json
            ),
            Written("ListToolsRequest", Listing.tools.request(id: 1, cursor: "c").json),
            Written(
                "ListToolsResult",
                ListPage(
                    of: .tools,
                    items: [Tool(name: "t", inputSchema: ["type": "object"]).raw],
                    nextCursor: "c",
                    caching: nil
                ).raw
            ),
            Written("ListPromptsRequest", Listing.prompts.request(id: 1, cursor: nil).json),
            Written("ListPromptsResult", ListPage(of: .prompts, items: [], caching: nil).raw),
            Written("ListResourcesRequest", Listing.resources.request(id: 1, cursor: nil).json),
            Written("ListResourcesResult", ListPage(of: .resources, items: [], caching: nil).raw),
            Written("ListResourceTemplatesRequest", Listing.resourceTemplates.request(id: 1, cursor: nil).json),
            Written("ListResourceTemplatesResult", ListPage(of: .resourceTemplates, items: [], caching: nil).raw),
            Written(
                "ToolListChangedNotification",
                JSONRPCNotification(method: Listing.tools.changedNotification.rawValue).json
            ),
        ]
        // Before 2025-11-25 the schema has no error without an id, though the text of the transports has.
        if isNew { messages.append(Written("JSONRPCErrorResponse", ProtocolError(.parseError, "x").response.json)) }
        try await check(messages + messages.compactMap(Self.asMessage), version)
    }

    /// What is a whole message must also be one for the schema's `JSONRPCMessage`.
    private static func asMessage(_ written: Written) -> Written? {
        written.json["jsonrpc"] == nil ? nil : Written("JSONRPCMessage", written.json)
    }

    @Test("the judge finds what is wrong")
    func judge() async throws {
        let wrong = Written("DiscoverRequest", JSONRPCRequest(id: 1, method: "server/discover").json)
        let output = try await SchemaJudge.judged([wrong], .v2026_07_28)
        #expect(output.contains("DiscoverRequest: 'params' is a required property"))
    }
}
