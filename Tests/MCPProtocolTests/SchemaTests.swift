import Foundation
import MCPProtocol
import Subprocess
import Testing

/// Every message that this library writes is valid under the JSON schema of its revision. Python's `jsonschema` judges.
@Suite("Written messages", .enabled(if: Vectors.areThere, Vectors.comment))
struct SchemaTests {
    /// A message, and the definition that it must match.
    struct Written: Sendable {
        let definition: String
        let json: RawJSON

        init(_ definition: String, _ json: RawJSON) {
            self.definition = definition
            self.json = json
        }
    }

    /// Reads `schema.json`, and from standard input lines of `DEFINITION TAB JSON`; prints a line for each that is not valid, and how many
    /// it has judged.
    private static let judge = """
        import json, sys
        from jsonschema import Draft7Validator, Draft202012Validator
        schema = json.load(open(sys.argv[1]))
        key = "definitions" if "definitions" in schema else "$defs"
        kind = Draft7Validator if key == "definitions" else Draft202012Validator
        kind.check_schema(schema)
        count = 0
        for line in sys.stdin:
            definition, text = line.rstrip("\\n").split("\\t", 1)
            assert definition in schema[key], definition
            value = json.loads(text)
            # The schema as a whole, so that its references resolve.
            whole = dict(schema, **{"$ref": "#/%s/%s" % (key, definition)})
            for error in kind(whole).iter_errors(value):
                print("%s: %s in %s" % (definition, error.message, text))
            count += 1
        print("judged %d" % count)
        """

    /// What the judge prints.
    private func judged(_ messages: [Written], _ version: ProtocolVersion) async throws -> String {
        let schema = try #require(Vectors.folder).appending(path: "\(version)/schema.json")
        let result = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", Self.judge, schema.path()],
            input: .string(messages.map { "\($0.definition)\t\($0.json.onOneLine.text)\n" }.joined()),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        #expect(
            result.terminationStatus.isSuccess,
            "python3 with the package jsonschema is needed: \(result.standardError)"
        )
        return result.standardOutput
    }

    private func check(_ messages: [Written], _ version: ProtocolVersion) async throws {
        #expect(try await judged(messages, version) == "judged \(messages.count)\n", "\(version)")
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
        let output = try await judged([wrong], .v2026_07_28)
        #expect(output.contains("DiscoverRequest: 'params' is a required property"))
    }
}
