import MCPProtocol
import Testing

/// What a server checks of each HTTP request: rules M1 to M6 of 2026-07-28, and those of the legacy era.
@Suite struct ServerRulesTests {
    static let modernOnly = ServerRules(versions: SupportedVersions([.v2026_07_28]))
    static let both = ServerRules()

    private func refusal(_ headers: HeaderFields, _ body: RawJSON) -> ProtocolError? {
        refusal(Self.modernOnly, "POST", headers, body)
    }

    private func refusal(
        _ rules: ServerRules,
        _ method: String,
        _ headers: HeaderFields,
        _ body: RawJSON? = nil
    ) -> ProtocolError? {
        do throws(ProtocolError) {
            _ = try rules.check(httpMethod: method, headers: headers, body: body.map { Array($0.bytes) } ?? [])
            return nil
        } catch { return error }
    }

    /// The right headers of a request, and changes to them; `nil` removes a header.
    private func headers(_ request: JSONRPCRequest, _ changes: [String: String?] = [:]) throws -> HeaderFields {
        var headers = try HeaderFields.modern(for: request)
        for (name, value) in changes {
            if let value { headers.set(name, value) } else { headers.remove(name) }
        }
        return headers
    }

    @Test("a request whose headers match its body passes", arguments: [modernOnly, both])
    func accepted(rules: ServerRules) throws {
        for request in [
            Sample.request(), Sample.call("get_weather"),
            Sample.request("resources/read", params: ["uri": "file:///ä b"]),
            Sample.request("prompts/get", params: ["name": " padded "]), Sample.request("server/discover"),
        ] {
            let accepted = try rules.check(
                httpMethod: "POST",
                headers: HeaderFields.modern(for: request),
                body: Array(request.bytes)
            )
            guard case .modern(let post) = accepted else {
                Issue.record("\(accepted)")
                continue
            }
            #expect(post.request == request && post.metadata == Sample.metadata)
            #expect(post.accepts.json && post.accepts.eventStream)
        }
    }

    @Test("M1: only POST; session ids and event ids are ignored")
    func onlyPost() throws {
        for method in ["GET", "DELETE", "PUT", "HEAD", "OPTIONS", "post"] {
            #expect(refusal(Self.modernOnly, method, [:])?.httpStatus == 405)
        }
        for method in ["GET", "DELETE"] {
            let modern: HeaderFields = ["MCP-Protocol-Version": "2026-07-28", "Mcp-Session-Id": "a"]
            #expect(refusal(Self.both, method, modern)?.httpStatus == 405)
        }
        #expect(Self.modernOnly.allowedHTTPMethods == "POST")
        #expect(Self.both.allowedHTTPMethods == "GET, POST, DELETE")
        let request = Sample.request()
        for value in ["x", "\u{1}", ""] {
            let headers = try headers(request, ["Mcp-Session-Id": value, "Last-Event-ID": value])
            #expect(refusal(headers, request.json) == nil)
        }
    }

    @Test("M2: a body is one request or notification, never a response or a batch")
    func oneMessage() throws {
        let headers = try headers(Sample.request())
        #expect(refusal(headers, [])?.code == .invalidRequest)
        #expect(refusal(headers, [Sample.request().json])?.httpStatus == 400)
        let response = JSONRPCResponse(id: 1, result: [:])
        #expect(refusal(headers, response.json)?.code == .invalidRequest)
        #expect(refusal(Self.both, "POST", headers, response.json)?.code == .invalidRequest)
        let notification = JSONRPCNotification(method: "notifications/x")
        for rules in [Self.modernOnly, Self.both] {
            let accepted = try rules.check(httpMethod: "POST", headers: headers, body: Array(notification.bytes))
            #expect(accepted == .modernNotification(notification))
        }
    }

    @Test(
        "M3: a header that is missing, different, repeated or malformed is a mismatch",
        arguments: [
            ["MCP-Protocol-Version": nil], ["MCP-Protocol-Version": "2026-01-01"],
            ["MCP-Protocol-Version": "2025-11-25"],
            ["MCP-Protocol-Version": ""], ["Mcp-Method": nil], ["Mcp-Method": "tools/list"],
            ["Mcp-Method": "TOOLS/CALL"],
            ["Mcp-Method": "=?base64?dG9vbHMvY2FsbA==?="], ["Mcp-Method": "tools/c\u{e4}ll"], ["Mcp-Name": nil],
            ["Mcp-Name": ""],
            ["Mcp-Name": "other"], ["Mcp-Name": "Get_Weather"], ["Mcp-Name": "get_weather\u{0}"],
            ["Mcp-Name": "=?base64?b3RoZXI=?="], ["Mcp-Name": "=?base64?!!!!?="],
            ["Mcp-Name": "=?BASE64?Z2V0X3dlYXRoZXI=?="],
        ] as [[String: String?]]
    )
    func mismatch(changes: [String: String?]) throws {
        let request = Sample.call("get_weather")
        for rules in [Self.modernOnly, Self.both] {
            let error = refusal(rules, "POST", try headers(request, changes), request.json)
            #expect(error?.code == .headerMismatch && error?.httpStatus == 400 && error?.id == 1)
        }
    }

    @Test("M3: a header that is there twice is a mismatch, even with the same value")
    func repeated() throws {
        let request = Sample.call("get_weather")
        for name in ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"] {
            let right = try headers(request)
            let value = try #require(right[all: name].first)
            let twice = HeaderFields(right.fields + [.init(name.lowercased(), value)])
            #expect(refusal(twice, request.json)?.code == .headerMismatch)
        }
    }

    @Test("M3: names of headers compare without case, and white space around values does not count")
    func headerNames() throws {
        let request = Sample.call("get_weather")
        let fields = try headers(request).fields.map { HeaderFields.Field($0.name.uppercased(), " \t\($0.value) ") }
        #expect(refusal(HeaderFields(fields), request.json) == nil)
    }

    @Test("M4: an encoded name is decoded before it is compared")
    func encodedName() throws {
        let request = Sample.call("get_weather")
        #expect(refusal(try headers(request, ["Mcp-Name": "=?base64?Z2V0X3dlYXRoZXI=?="]), request.json) == nil)
        let literal = Sample.call("=?base64?Z2V0X3dlYXRoZXI=?=")
        #expect(try headers(literal)[all: "Mcp-Name"] == ["=?base64?PT9iYXNlNjQ/WjJWMFgzZGxZWFJvWlhJPT89?="])
        #expect(refusal(try headers(literal), literal.json) == nil)
        #expect(
            refusal(try headers(literal, ["Mcp-Name": "=?base64?Z2V0X3dlYXRoZXI=?="]), literal.json)?.code
                == .headerMismatch
        )
    }

    @Test("M3, M4: a name in another spelling of the same characters is a mismatch")
    func otherSpelling() throws {
        let request = Sample.call("caf\u{E9}")
        let value = HeaderValue.encode("cafe\u{301}")
        #expect(refusal(try headers(request, ["Mcp-Name": value]), request.json)?.code == .headerMismatch)
        #expect(refusal(try headers(request, ["Mcp-Name": HeaderValue.encode("caf\u{E9}")]), request.json) == nil)
    }

    @Test("M5: an unknown version is refused with the versions that are supported")
    func unknownVersion() throws {
        var metadata = Sample.metadata
        metadata.protocolVersion = ProtocolVersion(rawValue: "1900-01-01")
        let request = JSONRPCRequest(id: "a", method: "tools/list").with(metadata: metadata)
        let error = refusal(Self.both, "POST", try headers(request), request.json)
        #expect(error?.code == .unsupportedProtocolVersion && error?.httpStatus == 400 && error?.id == "a")
        #expect(error?.data?["requested"]?.stringValue == "1900-01-01")
        #expect(
            error?.data?["supported"]?.elements?.compactMap(\.stringValue)
                == ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
        )
        // A version that needs a handshake is not offered to a request that has none.
        metadata.protocolVersion = .v2025_11_25
        let legacy = JSONRPCRequest(id: 1, method: "tools/list").with(metadata: metadata)
        let refused = refusal(Self.both, "POST", try headers(legacy), legacy.json)
        #expect(refused?.code == .unsupportedProtocolVersion)
        #expect(refused?.data?["supported"]?.text == #"["2026-07-28"]"#)
    }

    @Test("M5: a body without version or capabilities is refused; client information is optional")
    func missingMetadata() throws {
        let request = Sample.request()
        let headers = try headers(request)
        for key in [MetadataKey.protocolVersion, MetadataKey.clientCapabilities] {
            let broken = request.with(metadataFields: [(key, nil)])
            for rules in [Self.modernOnly, Self.both] {
                let error = refusal(rules, "POST", headers, broken.json)
                #expect(error?.code == .invalidParams && error?.httpStatus == 400 && error?.id == 1, "\(key)")
            }
            let wrong = request.with(metadataFields: [(key, 1)])
            #expect(refusal(headers, wrong.json)?.code == .invalidParams)
        }
        #expect(refusal(headers, JSONRPCRequest(id: 1, method: "tools/list").json)?.code == .invalidParams)
        #expect(refusal(headers, request.with(metadataFields: [(MetadataKey.clientInfo, nil)]).json) == nil)
        let halfInfo = request.with(metadataFields: [(MetadataKey.clientInfo, ["name": "x"])])
        #expect(refusal(headers, halfInfo.json)?.code == .invalidParams)
    }

    @Test(
        "M6: an unknown method is 404, with the id",
        arguments: ["initialize", "ping", "logging/setLevel", "x", "Tools/List"]
    )
    func unknownMethod(method: String) throws {
        let request = Sample.request(method)
        for rules in [Self.modernOnly, Self.both] {
            let error = refusal(rules, "POST", try headers(request), request.json)
            #expect(error?.code == .methodNotFound && error?.httpStatus == 404 && error?.id == 1)
        }
        var open = Self.modernOnly
        open.methods = nil
        #expect(refusal(open, "POST", try headers(request), request.json) == nil)
    }

    @Test("M6: the error to a legacy client's initialize names the supported versions")
    func initializeOfModernServer() {
        let request = Sample.initialize(id: "i")
        let error = refusal(HeaderFields.legacyPost(version: nil, sessionID: nil), request.json)
        #expect(error?.code == .methodNotFound && error?.httpStatus == 404 && error?.id == "i")
        #expect(error?.data?["supported"]?.text == #"["2026-07-28"]"#)
        #expect(error?.message.contains("2026-07-28") == true)
    }

    @Test("a modern-only server refuses legacy requests in a way that their clients can show")
    func legacyRequestOfModernServer() {
        let request = JSONRPCRequest(id: 1, method: "tools/list")
        let old = refusal(HeaderFields.legacyPost(version: .v2025_11_25, sessionID: "s"), request.json)
        #expect(old?.code == .unsupportedProtocolVersion)
        let older = refusal(HeaderFields.legacyPost(version: .v2025_03_26, sessionID: "s"), request.json)
        #expect(older?.code == .headerMismatch && older?.httpStatus == 400)
    }

    @Test("an Origin that is not allowed is 403, whatever else is wrong")
    func origin() throws {
        let request = Sample.request()
        var rules = Self.both
        rules.origins = OriginPolicy(allowed: ["https://App.example.com"])
        #expect(
            refusal(rules, "POST", try headers(request, ["Origin": "https://app.example.com"]), request.json) == nil
        )
        for origin in ["https://evil.example", "null", "https://app.example.com:8443", "http://app.example.com", ""] {
            for method in ["POST", "GET", "DELETE", "PUT"] {
                let error = refusal(rules, method, try headers(request, ["Origin": origin]), [1])
                #expect(error?.httpStatus == 403 && error?.response.json["id"] == nil)
            }
        }
        let twice = HeaderFields(
            try headers(request).fields + [.init("Origin", "https://app.example.com"), .init("origin", "x")]
        )
        #expect(refusal(rules, "POST", twice, request.json)?.httpStatus == 403)
        rules.origins = OriginPolicy(allowsAll: true)
        #expect(refusal(rules, "POST", try headers(request, ["Origin": "null"]), request.json) == nil)
    }

    @Test("the body must be JSON, and the client must accept JSON or an event stream")
    func contentTypes() throws {
        let request = Sample.request()
        for type in ["text/plain", "", "application/jsonp", "application/json, text/plain"] {
            #expect(refusal(try headers(request, ["Content-Type": type]), request.json)?.httpStatus == 415)
        }
        #expect(refusal(try headers(request, ["Content-Type": nil]), request.json)?.httpStatus == 415)
        for type in ["Application/JSON", "application/json; charset=utf-8", "application/json ;x"] {
            #expect(refusal(try headers(request, ["Content-Type": type]), request.json) == nil)
        }
        for accept in ["text/html", "application/json;q=0, text/event-stream; q=0.0"] {
            #expect(refusal(try headers(request, ["Accept": accept]), request.json)?.httpStatus == 406)
        }
        let some = try Self.modernOnly.check(
            httpMethod: "POST",
            headers: try headers(request, ["Accept": "text/*, application/xml"]),
            body: Array(request.bytes)
        )
        guard case .modern(let post) = some else {
            Issue.record("\(some)")
            return
        }
        #expect(!post.accepts.json && post.accepts.eventStream)
    }

    @Test("legacy messages pass with their session, responses included")
    func legacy() throws {
        let messages: [JSONRPCMessage] = [
            .request(JSONRPCRequest(id: 1, method: "tools/list")), .notification(.initialized),
            .response(JSONRPCResponse(id: 5, result: [:])),
        ]
        for message in messages {
            for version: ProtocolVersion? in [.v2025_06_18, .v2025_11_25, nil] {
                let headers = HeaderFields.legacyPost(version: version, sessionID: "abc")
                let accepted = try Self.both.check(httpMethod: "POST", headers: headers, body: Array(message.bytes))
                guard case .legacy(let post) = accepted else {
                    Issue.record("\(accepted)")
                    continue
                }
                #expect(post.message == message && post.session.version == version && post.session.sessionID == "abc")
            }
        }
        let initialize = Sample.initialize()
        let accepted = try Self.both.check(
            httpMethod: "POST",
            headers: .legacyPost(version: nil, sessionID: nil),
            body: Array(initialize.bytes)
        )
        guard case .legacy(let post) = accepted else {
            Issue.record("\(accepted)")
            return
        }
        #expect(post.message == .request(initialize) && post.session.sessionID == nil)
    }

    @Test("legacy: an unknown version and a session id that is not visible ASCII are 400")
    func legacyHeaders() {
        let request = JSONRPCRequest(id: 1, method: "tools/list")
        var headers = HeaderFields.legacyPost(version: nil, sessionID: nil)
        headers.set("MCP-Protocol-Version", "1999-01-01")
        #expect(refusal(Self.both, "POST", headers, request.json)?.httpStatus == 400)
        for id in ["a b", "\u{7F}", "ä", "", String(repeating: "x", count: 4_097)] {
            let headers = HeaderFields.legacyPost(version: .v2025_11_25, sessionID: id)
            #expect(refusal(Self.both, "POST", headers, request.json)?.httpStatus == 400, "\(id)")
            #expect(refusal(Self.both, "GET", headers)?.httpStatus == 400)
        }
        #expect(
            refusal(Self.both, "POST", .legacyPost(version: nil, sessionID: nil), [request.json])?.code
                == .invalidRequest
        )
    }

    @Test("legacy: GET opens or resumes a stream, DELETE ends the session")
    func legacyStreams() throws {
        let get = HeaderFields.legacyGet(version: .v2025_11_25, sessionID: "s", lastEventID: "e-7")
        guard
            case .legacyStream(let session, let lastEventID) = try Self.both.check(
                httpMethod: "GET",
                headers: get,
                body: []
            )
        else {
            Issue.record("no stream")
            return
        }
        #expect(session.sessionID == "s" && session.version == .v2025_11_25 && lastEventID == "e-7")
        let fresh = HeaderFields.legacyGet(version: nil, sessionID: "s")
        guard case .legacyStream(_, nil) = try Self.both.check(httpMethod: "GET", headers: fresh, body: []) else {
            Issue.record("no stream")
            return
        }
        var html = fresh
        html.set("Accept", "text/html")
        #expect(refusal(Self.both, "GET", html)?.httpStatus == 406)
        guard case .legacyEnd(let ended) = try Self.both.check(httpMethod: "DELETE", headers: fresh, body: []) else {
            Issue.record("no end")
            return
        }
        #expect(ended.sessionID == "s")
    }

    @Test("over stdio the body alone decides")
    func channels() throws {
        let modern = Sample.request()
        #expect(try Self.both.check(.request(modern)) == .modern(modern, Sample.metadata))
        let initialize = JSONRPCMessage.request(Sample.initialize())
        #expect(try Self.both.check(initialize) == .legacy(initialize))
        #expect(throws: ProtocolError.self) { try Self.modernOnly.check(initialize) }
        let cancelled = CancelledParams(requestID: 1).notification
        #expect(try Self.modernOnly.check(.notification(cancelled)) == .notification(cancelled))
        let bare = #expect(throws: ProtocolError.self) {
            try Self.modernOnly.check(.request(JSONRPCRequest(id: 1, method: "tools/list")))
        }
        #expect(bare?.code == .invalidParams)
        let unknown = #expect(throws: ProtocolError.self) { try Self.both.check(.request(Sample.request("ping"))) }
        #expect(unknown?.code == .methodNotFound)
        #expect(throws: ProtocolError.self) { try Self.modernOnly.check(.response(.pong(id: 1))) }
    }
}
