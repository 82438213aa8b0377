import MCPProtocol
import Testing

/// Rules M7 to M20 about what messages contain.
@Suite struct RuleTests {
    @Test("M7: a missing capability is an object in the error")
    func missingCapability() {
        let error = ProtocolError.missingClientCapability(ClientCapabilities(elicitation: true), id: 4)
        #expect(
            error.response.json.text
                == #"{"jsonrpc":"2.0","id":4,"error":{"code":-32021,"message":"The request needs a client with these capabilities: elicitation","#
                + #""data":{"requiredCapabilities":{"elicitation":{}}}}}"#
        )
        #expect(error.httpStatus == 400)
    }

    @Test("M7: which capability a request for input needs")
    func neededCapabilities() throws {
        func client(_ text: String) throws -> ClientCapabilities { try ClientCapabilities(RawJSON(parsing: text)) }
        func missing(_ text: String, _ method: Method, _ params: RawJSON? = nil) throws -> String? {
            try client(text).missing(for: method, params: params)?.raw.text
        }
        #expect(try missing("{}", .rootsList) == #"{"roots":{}}"#)
        #expect(try missing(#"{"roots":{}}"#, .rootsList) == nil)
        #expect(try missing("{}", .samplingCreateMessage) == #"{"sampling":{}}"#)
        #expect(try missing(#"{"elicitation":{}}"#, .elicitationCreate, ["mode": "form"]) == nil)
        #expect(try missing(#"{"elicitation":{"url":{}}}"#, .elicitationCreate) == #"{"elicitation":{}}"#)
        #expect(
            try missing(#"{"elicitation":{}}"#, .elicitationCreate, ["mode": "url"]) == #"{"elicitation":{"url":{}}}"#
        )
        #expect(try missing(#"{"elicitation":{"url":{}}}"#, .elicitationCreate, ["mode": "url"]) == nil)
        #expect(throws: MessageFieldError.self) { try client(#"{"roots":true}"#) }
        #expect(throws: MessageFieldError.self) { try client("[]") }
    }

    @Test("M8: results have a type; none means complete, an unknown one is invalid")
    func resultTypes() throws {
        func type(_ result: RawJSON, _ method: Method = .toolsCall) throws -> ResultType {
            try ResultType(of: result, to: method)
        }
        #expect(try type([:]) == .complete)
        #expect(try type(["resultType": "complete"]) == .complete)
        #expect(try type(["resultType": "input_required"]) == .inputRequired)
        for bad: RawJSON in ["task", "", "Complete", 1, .null] {
            #expect(throws: MessageFieldError.self) { try type(["resultType": bad]) }
        }
        #expect(
            try ResultType(of: ["resultType": "task"], to: .toolsCall, extensions: [ResultType(rawValue: "task")])
                .rawValue == "task"
        )
        #expect(try RawJSON(parsing: #"{"a" : 1}"#).withResultType().text == #"{"a" : 1,"resultType":"complete"}"#)
        #expect(
            (["resultType": "input_required"] as RawJSON).withResultType().text == #"{"resultType":"input_required"}"#
        )
    }

    @Test("M9: hints are read as what is safe, only where a result may be cached")
    func cachingHints() {
        func hints(_ result: RawJSON, _ request: JSONRPCRequest = Sample.request()) -> CachingHints? {
            CachingHints(of: result, to: request)
        }
        let right: RawJSON = ["resultType": "complete", "ttlMs": 5, "cacheScope": "public"]
        #expect(hints(right) == CachingHints(timeToLiveMilliseconds: 5, scope: .public))
        #expect(
            hints(["ttlMs": -5, "cacheScope": "PUBLIC"]) == CachingHints(timeToLiveMilliseconds: 0, scope: .private)
        )
        #expect(hints([:]) == CachingHints(timeToLiveMilliseconds: 0, scope: .private))
        #expect(hints(["ttlMs": "5", "cacheScope": 1]) == CachingHints(timeToLiveMilliseconds: 0, scope: .private))
        #expect(hints(["resultType": "input_required", "ttlMs": 5, "cacheScope": "public"]) == nil)
        #expect(hints(right, Sample.request("tools/call")) == nil)
        for field in ["inputResponses", "requestState"] {
            let retry = Sample.request("resources/read", params: RawJSON.object([("uri", "a"), (field, "x")]))
            #expect(hints(right, retry) == nil)
        }
        for method in [
            "server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list",
            "resources/read",
        ] {
            #expect(hints(right, Sample.request(method)) != nil)
        }
    }

    @Test("M9: hints are written on complete results alone, and one answer has one scope")
    func writtenHints() {
        let hints = CachingHints(timeToLiveMilliseconds: -1, scope: .private)
        #expect(hints.applied(to: ["tools": []]).text == #"{"tools":[],"ttlMs":0,"cacheScope":"private"}"#)
        #expect(
            hints.applied(to: ["resultType": "input_required", "ttlMs": 1]).text == #"{"resultType":"input_required"}"#
        )
        let open = CachingHints(timeToLiveMilliseconds: 9, scope: .public)
        #expect(
            CachingHints.combined([open, CachingHints(timeToLiveMilliseconds: 3, scope: .public)])?
                .timeToLiveMilliseconds == 3
        )
        #expect(CachingHints.combined([open, hints]) == hints)
        #expect(CachingHints.combined([hints, open]) == hints)
        #expect(CachingHints.combined([]) == nil)
    }

    @Test("M10: the server's identity goes into the _meta of a result, beside what is there")
    func serverInfo() {
        let result: RawJSON = ["_meta": ["a": 1], "b": 2]
        let info = Implementation(name: "s", version: "1")
        #expect(
            result.withServerInfo(info).text
                == #"{"_meta":{"a":1,"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}},"b":2}"#
        )
        #expect(result.withServerInfo(nil) == result)
        #expect(Sample.discoverResult.raw[path: ["_meta", MetadataKey.serverInfo, "name"]]?.stringValue == "server")
    }

    @Test("M11: only three requests may be answered with a request for input")
    func inputRequiredMethods() throws {
        let allowed: Set<Method> = [.toolsCall, .promptsGet, .resourcesRead]
        for method in Method.clientRequests(in: .v2026_07_28) {
            let type = try? ResultType(of: ["resultType": "input_required"], to: method)
            #expect((type == .inputRequired) == allowed.contains(method), "\(method)")
        }
    }

    @Test("M11: a request for input has requests or a state, and only requests that are allowed")
    func inputRequired() throws {
        func read(_ text: String) throws -> InputRequiredResult { try InputRequiredResult(RawJSON(parsing: text)) }
        let both = try read(
            #"{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"mode":"url"}},"b":{"method":"roots/list"}},"requestState":"\u0061"}"#
        )
        #expect(
            both.inputRequests.map(\.key) == ["a", "b"]
                && both.inputRequests.map(\.method) == [.elicitationCreate, .rootsList]
        )
        #expect(
            both.missingCapabilities(of: ClientCapabilities(roots: true))?.raw.text == #"{"elicitation":{"url":{}}}"#
        )
        #expect(both.missingCapabilities(of: ClientCapabilities(elicitation: true))?.elicitationByURL == true)
        let all = try ClientCapabilities(["roots": [:], "elicitation": ["url": [:]]])
        #expect(both.missingCapabilities(of: all) == nil)
        for text in [
            #"{"resultType":"input_required"}"#, #"{"resultType":"complete","requestState":"x"}"#,
            #"{"resultType":"input_required","requestState":1}"#,
            #"{"resultType":"input_required","inputRequests":{"a":{"method":"tools/call"}}}"#,
            #"{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":[]}}}"#,
            #"{"resultType":"input_required","inputRequests":[]}"#,
        ] {
            #expect(throws: MessageFieldError.self) { try read(text) }
        }
    }

    @Test("M11: a retry has a new id, and the state byte for byte")
    func retry() throws {
        let call = Sample.call("x", arguments: try RawJSON(parsing: #"{"n": 1.0}"#))
        let interim = try InputRequiredResult(
            RawJSON(parsing: #"{"resultType":"input_required","requestState":"\u0061\/\ud83d\ude00"}"#)
        )
        #expect(call.retry(id: call.id, after: interim, responses: []) == nil)
        let retry = try #require(
            call.retry(id: 2, after: interim, responses: [(key: "k", result: ["action": "accept"])])
        )
        #expect(retry.id == 2)
        #expect(retry.params?["requestState"]?.text == #""\u0061\/\ud83d\ude00""#)
        #expect(retry.params?["inputResponses"]?.text == #"{"k":{"action":"accept"}}"#)
        #expect(retry.params?["arguments"]?.text == #"{"n": 1.0}"#)
        // Without a state or requests the next retry has neither of the last one.
        let other = try InputRequiredResult(["resultType": "input_required", "inputRequests": [:]])
        let second = try #require(retry.retry(id: 3, after: other, responses: []))
        #expect(second.params?["requestState"] == nil && second.params?["inputResponses"] == nil)
    }

    @Test("M18: recommended names of tools")
    func toolNames() {
        for name in ["a", "getUser", "DATA_EXPORT_v2", "admin.tools.list", "a-b", String(repeating: "x", count: 128)] {
            #expect(Tool.isRecommendedName(name))
        }
        for name in ["", "a b", "a,b", "a/b", "ä", "a\u{0}", String(repeating: "x", count: 129)] {
            #expect(!Tool.isRecommendedName(name))
        }
    }

    @Test("M18: lists keep their order, and end")
    func lists() throws {
        var collector = ListCollector(.tools, maximumPages: 3, maximumItems: 5)
        #expect(collector.first == .request(cursor: nil))
        func page(_ names: [String], _ cursor: String?, scope: CachingHints.Scope = .public) -> RawJSON {
            ListPage(
                of: .tools,
                items: names.map { Tool(name: $0, inputSchema: ["type": "object"]).raw },
                nextCursor: cursor,
                caching: CachingHints(timeToLiveMilliseconds: 10, scope: scope)
            ).raw
        }
        let request = Listing.tools.request(id: 1, cursor: nil)
        #expect(try collector.receive(page(["b", "a"], "1"), to: request) == .request(cursor: "1"))
        guard
            case .complete(let items, let hints) = try collector.receive(page(["c"], nil, scope: .private), to: request)
        else {
            Issue.record("not complete")
            return
        }
        #expect(items.compactMap { $0["name"]?.stringValue } == ["b", "a", "c"])
        #expect(hints == CachingHints(timeToLiveMilliseconds: 10, scope: .private))

        var loop = ListCollector(.tools)
        _ = try loop.receive(page([], "same"), to: request)
        #expect(throws: MessageFieldError.self) { try loop.receive(page([], "same"), to: request) }
        var long = ListCollector(.tools, maximumPages: 2)
        _ = try long.receive(page([], "1"), to: request)
        #expect(throws: MessageFieldError.self) { try long.receive(page([], "2"), to: request) }
        var large = ListCollector(.tools, maximumItems: 3)
        _ = try large.receive(page(["a", "b"], "1"), to: request)
        #expect(throws: MessageFieldError.self) { try large.receive(page(["c", "d"], nil), to: request) }
        for bad: RawJSON in [[:], ["tools": [:]], ["tools": [1]], ["tools": [], "nextCursor": 1]] {
            var collector = ListCollector(.tools)
            #expect(throws: MessageFieldError.self) { try collector.receive(bad, to: request) }
        }
    }

    @Test("a server knows which list and page are asked for", arguments: Listing.allCases)
    func requestedPages(listing: Listing) throws {
        for cursor in [nil, "", "é"] {
            let request = listing.request(id: 1, cursor: cursor)
            #expect(Listing(requestedBy: Method(rawValue: request.method)) == listing)
            #expect(try Listing.cursor(of: request) == cursor)
        }
        #expect(Listing(requestedBy: .toolsCall) == nil)
        let bad = JSONRPCRequest(id: 1, method: listing.method.rawValue, params: ["cursor": 1])
        #expect(throws: MessageFieldError.self) { try Listing.cursor(of: bad) }
    }

    @Test("M19: schemas refer only to themselves, and are bounded")
    func schemas() throws {
        let bounds = SchemaBounds(maximumBytes: 2_000, maximumDepth: 10, maximumObjects: 20)
        for good in [
            ##"{"type":"object","properties":{"a":{"$ref":"#/$defs/b"},"$ref":{"type":"string"}},"$defs":{"b":{}}}"##,
            "{}",
        ] {
            #expect(throws: Never.self) { try bounds.check(RawJSON(parsing: good)) }
        }
        for bad in [
            #"{"$ref":"https://evil.example/schema"}"#,
            #"{"properties":{"default":{"$ref":"http://169.254.169.254/"}}}"#,
            #"{"items":[{"$dynamicRef":"other.json"}]}"#, #"{"a":{"\u0024ref":"//evil.example"}}"#,
            #"{"$ref":"file:///etc/passwd"}"#,
            String(repeating: #"{"not":"#, count: 11) + "{}" + String(repeating: "}", count: 11),
            "{\"anyOf\":[" + [String](repeating: "{}", count: 20).joined(separator: ",") + "]}",
            "{\"description\":\"" + String(repeating: "x", count: 2_000) + "\"}",
        ] {
            #expect(throws: MessageFieldError.self) { try bounds.check(RawJSON(parsing: bad)) }
        }
    }

    @Test("M20: trace context is read from _meta and replaced there")
    func traceContext() throws {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"
        let request = JSONRPCRequest(
            id: 1,
            method: "x",
            params: ["_meta": ["traceparent": .string(parent), "tracestate": "a=1", "baggage": "k=v", "own": 1]]
        )
        let context = try #require(TraceContext(of: request))
        #expect(context.traceparent == parent && context.tracestate == "a=1" && context.baggage == "k=v")
        let own = try #require(
            TraceContext(traceparent: parent.replacing("00f067aa0ba902b7", with: "1111111111111111"))
        )
        let sent = request.with(traceContext: own)
        #expect(sent.params?["_meta"]?.text == #"{"traceparent":"\#(own.traceparent)","own":1}"#)
        #expect(request.with(traceContext: nil).params?["_meta"]?.text == #"{"own":1}"#)
        let bare = JSONRPCRequest(id: 1, method: "x")
        #expect(TraceContext(of: bare) == nil && bare.with(traceContext: nil) == bare)
        for bad in [
            "", "x", parent.uppercased(), parent + "-x", "ff" + parent.dropFirst(2),
            "00-" + String(repeating: "0", count: 32) + "-00f067aa0ba902b7-01",
            parent.replacing("00f067aa0ba902b7", with: "0000000000000000"), String(parent.dropLast()),
        ] {
            #expect(TraceContext(traceparent: bad) == nil, "\(bad)")
        }
        #expect(TraceContext(traceparent: "01" + parent.dropFirst(2) + "-later") != nil)
        #expect(TraceContext(traceparent: parent, tracestate: "a\r\nX: y") == nil)
    }

    @Test("crossing the eras: modern metadata is added and removed, the rest stays byte for byte")
    func eras() throws {
        let text =
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"n":1.0},"_meta":{"progressToken":7}}}"#
        guard case .request(let legacy) = try JSONRPCMessage(text) else {
            Issue.record("not a request")
            return
        }
        let modern = legacy.with(metadata: Sample.metadata)
        #expect(try RequestMetadata(of: modern) == Sample.metadata)
        #expect(try modern.progressToken() == 7)
        #expect(modern.params?["arguments"]?.text == #"{"n":1.0}"#)
        #expect(modern.withoutModernMetadata().json.text == text)
        let bare = JSONRPCRequest(id: 1, method: "tools/list", params: [:])
        #expect(bare.with(metadata: Sample.metadata).withoutModernMetadata() == bare)
        #expect(bare.withoutModernMetadata() == bare)
    }
}

/// What a client makes of HTTP responses.
@Suite struct ResponseTests {
    @Test(
        "a response has a message, a stream, nothing, or only a status",
        arguments: [
            (200, "application/json", true, .message), (200, "Application/JSON; charset=utf-8", true, .message),
            (200, "text/event-stream", true, .eventStream), (202, "", false, .accepted),
            (204, "text/plain", false, .accepted),
            (400, "application/json", true, .message), (404, "application/json", false, .message),
            (404, "text/html", true, .status(404)),
            (200, "text/html", true, .status(200)), (202, "", true, .status(202)),
            (301, "application/json", true, .status(301)),
            (500, "text/event-stream", true, .status(500)), (200, "", true, .status(200)),
        ] as [(Int, String, Bool, ResponseForm)]
    )
    func forms(status: Int, type: String, isRequest: Bool, expected: ResponseForm) {
        #expect(ResponseForm(status: status, headers: ["content-type": type], toRequest: isRequest) == expected)
    }

    @Test("an HTTP response is an outcome: the response in its body, or its status")
    func outcomes() {
        func outcome(_ status: Int, _ body: String) -> ClientNegotiation.Outcome {
            ClientNegotiation.Outcome(httpStatus: status, body: Array(body.utf8), id: 1)
        }
        #expect(
            outcome(200, #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
                == .response(JSONRPCResponse(id: 1, result: [:]), httpStatus: 200)
        )
        let nameless = #"{"jsonrpc":"2.0","error":{"code":-32022,"message":"no"}}"#
        #expect(
            outcome(400, nameless) == .response(Sample.error(.unsupportedProtocolVersion, id: nil), httpStatus: 400)
        )
        for body in [
            "", "<html>", "{}", #"{"jsonrpc":"2.0","id":2,"result":{}}"#, #"{"jsonrpc":"2.0","id":1,"method":"x"}"#,
        ] {
            #expect(outcome(400, body) == .httpStatus(400))
        }
    }

    @Test("M3, M5, M6, M7: the status that an error is sent with")
    func statuses() {
        let expected: [(ErrorCode, Int)] = [
            (.headerMismatch, 400), (.unsupportedProtocolVersion, 400), (.missingRequiredClientCapability, 400),
            (.methodNotFound, 404), (.invalidParams, 200), (.internalError, 200), (ErrorCode(rawValue: 429), 200),
        ]
        for (code, status) in expected { #expect(code.httpStatusInModernEra == status) }
    }
}
