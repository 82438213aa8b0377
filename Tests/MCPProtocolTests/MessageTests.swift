import MCPProtocol
import Testing

/// What is a message of JSON-RPC in MCP, and what is refused.
@Suite struct MessageTests {
    static func parse(_ text: String, limits: MessageLimits = MessageLimits()) throws(ProtocolError) -> JSONRPCMessage {
        try JSONRPCMessage(parsing: Array(text.utf8), limits: limits)
    }

    @Test("requests, notifications and responses are distinguished, and keep their bytes")
    func kinds() throws {
        let request =
            #" {"jsonrpc":"2.0", "id" : 1, "method":"tools/call","params":{"name":"x","n":1.0e0},"extra":[ ] } "#
        guard case .request(let parsed) = try Self.parse(request) else {
            Issue.record("not a request")
            return
        }
        #expect(parsed.id == 1 && parsed.method == "tools/call")
        #expect(parsed.params?.text == #"{"name":"x","n":1.0e0}"#)
        #expect(parsed.json.text == request.dropFirst().dropLast())

        guard
            case .notification(let notification) = try Self.parse(
                #"{"method":"notifications/initialized","jsonrpc":"2.0"}"#
            )
        else {
            Issue.record("not a notification")
            return
        }
        #expect(notification.method == "notifications/initialized" && notification.params == nil)

        guard case .response(let result) = try Self.parse(#"{"jsonrpc":"2.0","id":"a","result":{"x":[1]}}"#) else {
            Issue.record("not a response")
            return
        }
        #expect(result.id == "a" && result.result?.text == #"{"x":[1]}"#)

        guard
            case .response(let error) = try Self.parse(
                #"{"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"m","data":null}}"#
            )
        else {
            Issue.record("not a response")
            return
        }
        #expect(error.error?.code == .methodNotFound && error.error?.data?.isNull == true)
    }

    @Test("an escaped name of a member is that name")
    func escapedNames() throws {
        guard case .request(let request) = try Self.parse(#"{"jsonrpc":"2.0","\u0069d":1,"m\u0065thod":"ping"}"#) else {
            Issue.record("not a request")
            return
        }
        #expect(request.method == "ping")
    }

    @Test(
        "what is not a message of MCP is refused as an invalid request",
        arguments: [
            "[]", #"[{"jsonrpc":"2.0","method":"x"}]"#, "1", "null", #""x""#, "{}", #"{"jsonrpc":"2.0"}"#,
            #"{"jsonrpc":"1.0","method":"x"}"#, #"{"jsonrpc":2.0,"method":"x"}"#, #"{"method":"x","id":1}"#,
            #"{"jsonrpc":"2.0","method":1}"#, #"{"jsonrpc":"2.0","method":null,"id":1}"#,
            #"{"jsonrpc":"2.0","method":"x","params":[]}"#, #"{"jsonrpc":"2.0","method":"x","params":null,"id":1}"#,
            #"{"jsonrpc":"2.0","method":"x","id":null}"#, #"{"jsonrpc":"2.0","method":"x","id":1.5}"#,
            #"{"jsonrpc":"2.0","method":"x","id":1e2}"#, #"{"jsonrpc":"2.0","method":"x","id":true}"#,
            #"{"jsonrpc":"2.0","method":"x","id":[1]}"#, #"{"jsonrpc":"2.0","method":"x","id":{}}"#,
            #"{"jsonrpc":"2.0","method":"x","id":"\ud800"}"#, #"{"jsonrpc":"2.0","method":"x","id":1,"result":{}}"#,
            #"{"jsonrpc":"2.0","method":"x","id":1,"error":{"code":1,"message":""}}"#, #"{"jsonrpc":"2.0","id":1}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
            #"{"jsonrpc":"2.0","id":1,"result":null}"#,
            #"{"jsonrpc":"2.0","id":1,"result":[]}"#, #"{"jsonrpc":"2.0","result":{}}"#,
            #"{"jsonrpc":"2.0","id":null,"result":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"error":{}}"#, #"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}"#,
            #"{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}}"#,
            #"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#,
            #"{"jsonrpc":"2.0","id":1,"error":"x"}"#,
        ]
    )
    func invalid(text: String) {
        let error = #expect(throws: ProtocolError.self) { try Self.parse(text) }
        #expect(error?.code == .invalidRequest && error?.httpStatus == 400)
    }

    @Test("what is not JSON is a parse error without an id")
    func parseErrors() {
        for text in [
            "", "{", #"{"jsonrpc":"2.0","id":1,"method":"x"}x"#, #"{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}"#,
        ] {
            let error = #expect(throws: ProtocolError.self) { try Self.parse(text) }
            #expect(error?.code == .parseError)
            #expect(error?.response.json["id"] == nil)
        }
        let large = #expect(throws: ProtocolError.self) {
            try Self.parse("{    }", limits: MessageLimits(maximumBytes: 5))
        }
        #expect(large?.httpStatus == 413)
    }

    @Test("a refused request's id is in the error, a response's is not")
    func idOfErrors() throws {
        let request = #expect(throws: ProtocolError.self) {
            try Self.parse(#"{"jsonrpc":"2.0","id":9,"method":"x","params":1}"#)
        }
        #expect(request?.id == 9)
        let response = #expect(throws: ProtocolError.self) { try Self.parse(#"{"jsonrpc":"2.0","id":9,"result":1}"#) }
        #expect(response?.id == nil)
    }

    @Test(
        "members that a parser which ignores case would take for ours are refused",
        arguments: [
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"tools/call"}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list","METHOD":"tools/call"}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list","paramſ":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list","param\u017f":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"ID":2,"method":"tools/list"}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"x","Result":{}}"#,
            #"{"JSONRPC":"2.0","jsonrpc":"2.0","id":1,"method":"x"}"#,
        ]
    )
    func ambiguous(text: String) {
        let error = #expect(throws: ProtocolError.self) { try Self.parse(text) }
        #expect(error?.code == .invalidRequest)
    }

    @Test("a parameter with a twin that differs by case is refused where it is acted on")
    func ambiguousParameters() throws {
        let limits = MessageLimits(allowsDuplicateNames: true)
        for name in [
            "Name", "NAME", #"n\u0041me"#, #"nam\u0065"#, "name", "argument\u{17F}", "Arguments", #"argument\u017F"#,
        ] {
            let text =
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","arguments":{},"\#(name)":"secret"}}"#
            guard case .request(let request) = try Self.parse(text, limits: limits) else {
                Issue.record("not a request")
                return
            }
            #expect(throws: MessageFieldError.self, "\(name)") { try CallToolParams(of: request) }
        }
        let kelvin = RawJSON.object([("name", "safe"), ("arguments", [:]), ("na\u{212A}e", "no twin")])
        #expect(throws: Never.self) {
            try CallToolParams(of: JSONRPCRequest(id: 1, method: "tools/call", params: kelvin))
        }
    }

    @Test("ids keep their value, whatever their size")
    func ids() throws {
        func id(_ text: String) throws -> RequestID { try RequestID(RawJSON(parsing: text)) }
        #expect(try id("9007199254740993") == .integer(9_007_199_254_740_993))
        #expect(try id("9007199254740993") != id("9007199254740992"))
        #expect(try id("-9223372036854775808") == .integer(.min))
        #expect(try id("9223372036854775808") == .largeInteger("9223372036854775808"))
        #expect(try id("123456789012345678901234567890").json.text == "123456789012345678901234567890")
        #expect(try id("7.00") == 7)
        #expect(try id("-0") == 0)
        #expect(try id("7") != id("\"7\""))
        #expect(try id(#""\u0061""#) == "a")
        #expect(try id("\"\"") == "")
        // One character in two spellings is two ids, and two members.
        #expect(try id("\"\u{E9}\"") != id("\"e\u{301}\""))
        #expect(Set([RequestID.string("\u{E9}"), .string("e\u{301}"), .string("\u{E9}")]).count == 2)
        #expect(RawJSON.object([("\u{E9}", 1), ("e\u{301}", 2)]).members?.count == 2)
    }

    @Test("another id, everything else byte for byte")
    func rewrittenIDs() throws {
        let text = #"{"jsonrpc": "2.0", "id": 12345678901234567890, "method": "x", "params": { "a": 1.0 }}"#
        guard case .request(let request) = try Self.parse(text) else {
            Issue.record("not a request")
            return
        }
        #expect(request.with(id: "q").json.text == text.replacing("12345678901234567890", with: "\"q\""))
        #expect(request.with(id: "q").with(id: request.id).json.text == text)
    }

    @Test("long ids and methods are refused")
    func longIdentifiers() {
        let limits = MessageLimits(maximumIdentifierBytes: 10)
        let long = String(repeating: "x", count: 9)
        for text in [#"{"jsonrpc":"2.0","id":"\#(long)","method":"x"}"#, #"{"jsonrpc":"2.0","method":"\#(long)"}"#] {
            let error = #expect(throws: ProtocolError.self) { try Self.parse(text, limits: limits) }
            #expect(error?.code == .invalidRequest)
        }
    }

    @Test("an error response may have no id, or a null one")
    func errorsWithoutID() throws {
        for text in [
            #"{"jsonrpc":"2.0","error":{"code":1,"message":"m"}}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}"#,
        ] {
            guard case .response(let response) = try Self.parse(text) else {
                Issue.record("not a response")
                return
            }
            #expect(response.id == nil && response.error?.code.rawValue == 1)
        }
    }

    @Test("M17: our errors have no null id, and codes are in their ranges")
    func errorCodes() {
        let error = ProtocolError(.parseError, "x")
        #expect(error.response.json.text == #"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#)
        #expect(ErrorCode.headerMismatch.rawValue == -32020)
        #expect(ErrorCode.missingRequiredClientCapability.rawValue == -32021)
        #expect(ErrorCode.unsupportedProtocolVersion.rawValue == -32022)
        func code(_ value: Int64) -> ErrorCode { ErrorCode(rawValue: value) }
        #expect(code(-32020).isReservedForSpecification && code(-32099).isReservedForSpecification)
        #expect(!code(-32019).isReservedForSpecification && !code(-32100).isReservedForSpecification)
        #expect(code(-32000).isLegacy && code(-32019).isLegacy && !code(-32020).isLegacy && !code(-31999).isLegacy)
        #expect(code(429).isForApplications && code(-31999).isForApplications && code(-32769).isForApplications)
        #expect(!code(-32768).isForApplications && !code(-32000).isForApplications)
        #expect(code(-32020).isAllowedInModernEra && !code(-32023).isAllowedInModernEra)
        #expect(
            !ErrorCode.legacyResourceNotFound.isAllowedInModernEra
                && !ErrorCode.legacyURLElicitationRequired.isAllowedInModernEra
        )
        #expect(code(429).isAllowedInModernEra && code(-32603).isAllowedInModernEra)
    }
}
