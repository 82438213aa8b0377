import KubernetesAPI
import MCPProtocol
import Testing

/// Hostile input: it is read or refused, and never ends the process or takes long. Cases are seeded; the seed is printed.
@Suite struct FuzzTests {
    private static let documents = [
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":[1,2.5,null,true,"é\u00e9\ud83d\ude00"]},"_meta":{"progressToken":"t"}}}"#,
        #"{"jsonrpc":"2.0","id":"abc","result":{"tools":[{"name":"a","inputSchema":{"type":"object"}}],"nextCursor":"c"}}"#,
        #"{"jsonrpc":"2.0","id":9007199254740993,"error":{"code":-32602,"message":"m","data":{"x":[[[]]]}}}"#,
        #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":0.5}}"#,
    ].map { Array($0.utf8) }

    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "1e999", "-", "0", "00", ".", "e",
        "\"id\":1,",
        "\"method\":\"x\",", "\"Method\":\"x\",", "\u{FEFF}", "\n", "\0", "é", "\"jsonrpc\":\"2.0\",",
        String(repeating: "[", count: 200),
    ]

    @Test(
        "JSON: accepted is what an independent parser accepts, with the same meaning",
        arguments: Fuzz.seeds(0xF001, 0xF002)
    )
    func json(seed: UInt64) throws {
        var random = Fuzz.generator(seed)
        var accepted = 0
        for number in 0..<Fuzz.cases {
            let document = Self.documents.randomElement(using: &random) ?? []
            let bytes = Fuzz.damaged(document, pieces: Self.pieces, &random)
            let limits = MessageLimits(allowsDuplicateNames: true)
            let ours = try? RawJSON(parsing: bytes, limits: limits)
            let theirs = try? JSONValue(parsing: bytes, maximumDepth: limits.maximumDepth)
            if ours == nil || theirs == nil {
                // Only a number that no double holds divides the two: it is JSON, and passes through us as it is.
                let isHuge = ours.map(Self.hasHugeNumber) ?? false
                #expect(ours == nil && theirs == nil || isHuge && theirs == nil, "case \(number) of seed \(seed)")
                continue
            }
            accepted += 1
            if let ours { #expect(value(ours) == theirs, "case \(number) of seed \(seed): \(ours.text)") }
            if let ours, (try? RawJSON(parsing: bytes)) == nil {
                #expect(throws: JSONSyntaxError.self) { try RawJSON(parsing: bytes) }
                #expect(ours.members != nil || ours.elements != nil)
            }
        }
        #expect((Fuzz.cases / 20..<Fuzz.cases).contains(accepted), "\(accepted) accepted")
    }

    private static func hasHugeNumber(_ json: RawJSON) -> Bool {
        if let members = json.members { return members.contains { hasHugeNumber($0.value) } }
        if let elements = json.elements { return elements.contains(where: hasHugeNumber) }
        return json.kind == .number && json.doubleValue == nil
    }

    /// Our value as the other parser's type, which replaces half of a surrogate pair.
    private func value(_ json: RawJSON) -> JSONValue {
        if let members = json.members {
            return .object(Dictionary(members.map { ($0.name.repaired, value($0.value)) }, uniquingKeysWith: { $1 }))
        }
        if let elements = json.elements { return .array(elements.map(value)) }
        switch json.kind {
        case .string:
            return .string(json.stringValue ?? ((try? JSONValue(parsing: Array(json.bytes)))?.stringValue ?? ""))
        case .number:
            if !json.text.contains(where: { ".eE".contains($0) }), let integer = json.integerValue {
                return .integer(integer)
            }
            return .number(json.doubleValue ?? 0)
        case .boolean: return .bool(json.boolValue == true)
        default: return .null
        }
    }

    @Test(
        "JSON-RPC: a message that is accepted is unambiguous and comes out byte for byte",
        arguments: Fuzz.seeds(0xF101, 0xF102)
    )
    func messages(seed: UInt64) {
        var random = Fuzz.generator(seed)
        var accepted = 0
        for number in 0..<Fuzz.cases {
            let document = Self.documents.randomElement(using: &random) ?? []
            let bytes = Fuzz.damaged(document, pieces: Self.pieces, &random)
            do throws(ProtocolError) {
                let message = try JSONRPCMessage(parsing: bytes)
                accepted += 1
                #expect(Array(message.bytes) == bytes.trimmedOfSpace, "case \(number) of seed \(seed)")
                let names = (message.json.members ?? []).map { $0.name.lowercased() }
                #expect(names.count { $0 == "method" } + names.count { $0 == "result" || $0 == "error" } == 1)
                exercise(message)
            } catch {
                #expect([.parseError, .invalidRequest].contains(error.code), "case \(number) of seed \(seed)")
                #expect((try? JSONRPCMessage(parsing: Array(error.response.bytes))) != nil)
            }
        }
        #expect((Fuzz.cases / 20..<Fuzz.cases).contains(accepted), "\(accepted) accepted")
    }

    /// Reads a message in every way that there is.
    private func exercise(_ message: JSONRPCMessage) {
        switch message {
        case .request(let request):
            _ = try? request.progressToken()
            _ = try? CallToolParams(of: request)
            _ = try? InitializeParams(of: request)
            _ = try? SubscriptionFilter(params: request.params)
            _ = TraceContext(of: request)
            let rewritten = request.with(metadata: Sample.metadata).with(id: "other")
            #expect((try? JSONRPCMessage(parsing: Array(rewritten.bytes))) == .request(rewritten))
            #expect((try? ServerRules().check(.request(request))) != nil || request.params?["_meta"] != nil)
        case .notification(let notification):
            _ = try? CancelledParams(of: notification)
            _ = try? ProgressParams(of: notification)
        case .response(let response):
            guard let result = response.result else { return }
            _ = try? InitializeResult(result)
            _ = try? DiscoverResult(result)
            _ = try? InputRequiredResult(result)
            _ = try? CallToolResult(result)
            if let page = try? ListPage(result, of: .tools) {
                for item in page.items {
                    guard let tool = try? Tool(item) else { continue }
                    _ = try? ParameterHeaders(inputSchema: tool.inputSchema)
                    _ = try? SchemaBounds().check(tool.inputSchema)
                }
            }
            let rewritten = response.with(id: 5).with(result: result.withResultType())
            #expect((try? JSONRPCMessage(parsing: Array(rewritten.bytes))) == .response(rewritten))
        }
    }

    @Test("typed messages: random values in every field are read or refused", arguments: Fuzz.seeds(0xF201))
    func fields(seed: UInt64) throws {
        var random = Fuzz.generator(seed)
        let names = [
            "name", "inputSchema", "properties", "type", "x-mcp-header", "_meta", "progressToken", "requestId",
            "notifications", "content",
            "resultType", "inputRequests", "requestState", "tools", "nextCursor", "supportedVersions", "capabilities",
            "serverInfo",
            "version", "protocolVersion", "clientInfo", "$ref", "method", "elicitation", MetadataKey.protocolVersion,
            MetadataKey.clientCapabilities, MetadataKey.subscriptionID, "traceparent", "uri", "Name",
        ]
        func value(_ depth: Int, _ random: inout SplitMix64) -> RawJSON {
            switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
            case 0: return .null
            case 1: return .bool(Bool.random(using: &random))
            case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
            case 3: return .string(Fuzz.text(&random))
            case 4:
                return .string(
                    ["object", "string", "input_required", "complete", "2026-07-28"].randomElement(using: &random) ?? ""
                )
            case 5: return .number(Double.random(in: -1e20...1e20, using: &random))
            case 6: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth - 1, &random) })
            default:
                return .object(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in
                        (names.randomElement(using: &random) ?? "", value(depth - 1, &random))
                    }
                )
            }
        }
        for _ in 0..<Fuzz.cases {
            let body = value(4, &random)
            let object = body.kind == .object ? body : ["name": body]
            for method in ["tools/call", "initialize", "subscriptions/listen", "server/discover"] {
                exercise(.request(JSONRPCRequest(id: 1, method: method, params: object)))
            }
            exercise(.notification(JSONRPCNotification(method: "notifications/progress", params: object)))
            exercise(.response(JSONRPCResponse(id: 1, result: object)))
            #expect(try RawJSON(parsing: Array(object.bytes)) == object)
        }
    }

    @Test(
        "headers: a request passes only with headers that say what the body says",
        arguments: Fuzz.seeds(0xF301, 0xF302)
    )
    func headers(seed: UInt64) throws {
        var random = Fuzz.generator(seed)
        let rules = [ServerRules(), ServerRules(versions: SupportedVersions([.v2026_07_28]))]
        let names = [
            "MCP-Protocol-Version", "mcp-method", "Mcp-Name", "Mcp-Session-Id", "Accept", "Content-Type", "Origin",
            "Last-Event-ID",
            "Mcp-Param-Region",
        ]
        var accepted = 0
        for number in 0..<Fuzz.cases {
            let name = Fuzz.text(&random)
            let request = Sample.call(name, arguments: ["region": .string(Fuzz.text(&random))])
            var headers = try HeaderFields.modern(for: request)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let header = names.randomElement(using: &random) ?? ""
                let values = [
                    Fuzz.text(&random), "2026-07-28", "tools/call", "2025-11-25", HeaderValue.encode(name), "*/*",
                ]
                let value = values.randomElement(using: &random) ?? ""
                if Bool.random(using: &random) {
                    headers.set(header, value)
                } else {
                    headers = HeaderFields(headers.fields + [.init(header, value)])
                }
            }
            let method = Int.random(in: 0..<10, using: &random) == 0 ? "GET" : "POST"
            let rule = rules.randomElement(using: &random) ?? ServerRules()
            guard let result = try? rule.check(httpMethod: method, headers: headers, body: Array(request.bytes)),
                case .modern(let post) = result
            else { continue }
            accepted += 1
            #expect(post.request == request)
            #expect(headers[all: "MCP-Protocol-Version"] == ["2026-07-28"], "case \(number) of seed \(seed)")
            #expect(headers[all: "Mcp-Method"] == ["tools/call"], "case \(number) of seed \(seed)")
            let sent = headers[all: "Mcp-Name"].map { HeaderValue.decode($0) }
            #expect(sent == [name], "case \(number) of seed \(seed)")
            #expect(headers[all: "Origin"].isEmpty, "case \(number) of seed \(seed)")
        }
        #expect((Fuzz.cases / 10..<Fuzz.cases).contains(accepted), "\(accepted) accepted")
    }

    @Test("event streams: any bytes are read or refused", arguments: Fuzz.seeds(0xF401))
    func eventStreams(seed: UInt64) {
        var random = Fuzz.generator(seed)
        for _ in 0..<Fuzz.cases {
            var parser = EventStreamParser(limits: EventStreamParser.Limits(maximumBytes: 64, maximumFieldBytes: 8))
            for _ in 0..<3 {
                let piece = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                    Bool.random(using: &random)
                        ? UInt8.random(in: 0...255, using: &random)
                        : Array("data:\n\r id".utf8).randomElement(using: &random) ?? 0
                }
                for event in (try? parser.feed(piece)) ?? [] { #expect(event.data.count <= 64 && !event.data.isEmpty) }
            }
        }
    }
}

extension String {
    /// The name of a member as a parser gives it that replaces half of a surrogate pair by one U+FFFD: ours gives one for each byte.
    fileprivate var repaired: String { replacing("\u{FFFD}\u{FFFD}\u{FFFD}", with: "\u{FFFD}") }
}

extension [UInt8] {
    fileprivate var trimmedOfSpace: [UInt8] {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return []
        }
        return Array(self[first...last])
    }
}
