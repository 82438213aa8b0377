import MCPProtocol
import Testing

/// M15: arguments of tools that headers repeat.
@Suite struct ParameterHeaderTests {
    static let schema: RawJSON = [
        "type": "object",
        "properties": [
            "region": ["type": "string", "x-mcp-header": "Region"],
            "limit": ["type": "integer", "x-mcp-header": "Limit"],
            "dry": ["type": "boolean", "x-mcp-header": "Dry-Run"],
            "nested": ["type": "object", "properties": ["zone": ["type": "string", "x-mcp-header": "Zone"]]],
            "query": ["type": "string"],
        ],
    ]

    @Test("M15: annotations are found through properties alone, in order")
    func found() throws {
        let headers = try ParameterHeaders(inputSchema: Self.schema)
        #expect(headers.annotations.map(\.header) == ["Region", "Limit", "Dry-Run", "Zone"])
        #expect(headers.annotations.map(\.path) == [["region"], ["limit"], ["dry"], ["nested", "zone"]])
        #expect(try ParameterHeaders(inputSchema: ["type": "object"]).annotations.isEmpty)
        // A property of that name is not an annotation.
        let named: RawJSON = ["type": "object", "properties": ["x-mcp-header": ["type": "string"]]]
        #expect(try ParameterHeaders(inputSchema: named).annotations.isEmpty)
    }

    @Test(
        "M15: an annotation that is not allowed makes the tool invalid",
        arguments: [
            ["properties": ["a": ["type": "string", "x-mcp-header": ""]]],
            ["properties": ["a": ["type": "string", "x-mcp-header": "a b"]]],
            ["properties": ["a": ["type": "string", "x-mcp-header": "ä"]]],
            ["properties": ["a": ["type": "string", "x-mcp-header": "a\r\nX"]]],
            ["properties": ["a": ["type": "string", "x-mcp-header": 1]]],
            ["properties": ["a": ["type": "number", "x-mcp-header": "A"]]],
            ["properties": ["a": ["type": "object", "x-mcp-header": "A"]]],
            ["properties": ["a": ["type": ["string", "null"], "x-mcp-header": "A"]]],
            ["properties": ["a": ["x-mcp-header": "A"]]],
            ["type": "object", "x-mcp-header": "A"],
            [
                "properties": [
                    "a": ["type": "string", "x-mcp-header": "Same"], "b": ["type": "string", "x-mcp-header": "sAME"],
                ]
            ],
            ["properties": ["a": ["type": "array", "items": ["type": "string", "x-mcp-header": "A"]]]],
            ["oneOf": [["properties": ["a": ["type": "string", "x-mcp-header": "A"]]]]],
            ["$defs": ["d": ["type": "string", "x-mcp-header": "A"]]],
            ["if": ["properties": ["a": ["type": "string", "x-mcp-header": "A"]]]],
            ["additionalProperties": ["type": "string", "x-mcp-header": "A"]],
        ] as [RawJSON]
    )
    func invalid(schema: RawJSON) {
        #expect(throws: MessageFieldError.self) { try ParameterHeaders(inputSchema: schema) }
    }

    @Test("M15: clients send a header for each value that is there")
    func sent() throws {
        let headers = try ParameterHeaders(inputSchema: Self.schema)
        let call = Sample.call(
            "query",
            arguments: ["region": "zürich", "limit": -7, "dry": true, "nested": ["zone": .null], "query": "x"]
        )
        let fields = try HeaderFields.modern(for: call, parameterHeaders: headers)
        #expect(fields[all: "mcp-param-region"] == ["=?base64?esO8cmljaA==?="])
        #expect(fields[all: "Mcp-Param-Limit"] == ["-7"] && fields[all: "Mcp-Param-Dry-Run"] == ["true"])
        #expect(fields[all: "Mcp-Param-Zone"].isEmpty && fields[all: "Mcp-Param-query"].isEmpty)
        #expect(headers.values(for: nil).isEmpty)
        let whole = try RawJSON(parsing: #"{"limit":42.0}"#)
        #expect(headers.values(for: whole).map(\.value) == ["42"])
        #expect(throws: Never.self) { try headers.check(fields, arguments: call.params?["arguments"], id: 1) }
    }

    @Test(
        "M15: servers refuse a header that is missing, different, malformed or without a value",
        arguments: [
            ["Mcp-Param-Limit": "5"], ["Mcp-Param-Region": "us", "Mcp-Param-Limit": "5"],
            ["Mcp-Param-Region": "EU", "Mcp-Param-Limit": "5"], ["Mcp-Param-Region": "eu"],
            ["Mcp-Param-Region": "=?base64?!?=", "Mcp-Param-Limit": "5"],
            ["Mcp-Param-Region": "eu", "Mcp-Param-Limit": "6"],
            ["Mcp-Param-Region": "eu", "Mcp-Param-Limit": "5", "Mcp-Param-Zone": "z"],
            ["Mcp-Param-Region": "eu\u{0}", "Mcp-Param-Limit": "5"],
            ["Mcp-Param-Region": "eu", "Mcp-Param-Limit": "0x5"],
        ] as [HeaderFields]
    )
    func refused(fields: HeaderFields) throws {
        let headers = try ParameterHeaders(inputSchema: Self.schema)
        let error = #expect(throws: ProtocolError.self) {
            try headers.check(fields, arguments: ["region": "eu", "limit": 5], id: 3)
        }
        #expect(error?.code == .headerMismatch && error?.httpStatus == 400 && error?.id == 3)
    }

    @Test("M15: right headers pass, unknown ones are ignored, and integers compare by value")
    func accepted() throws {
        let headers = try ParameterHeaders(inputSchema: Self.schema)
        let arguments = try RawJSON(parsing: #"{"region":"eu","limit":42}"#)
        for limit in ["42", "42.0", "=?base64?NDI=?="] {
            let fields: HeaderFields = ["mcp-param-REGION": "eu", "Mcp-Param-Limit": limit, "Mcp-Param-Other": "é"]
            #expect(throws: Never.self) { try headers.check(fields, arguments: arguments, id: 1) }
        }
        let twice = HeaderFields([
            .init("Mcp-Param-Region", "eu"), .init("Mcp-Param-Region", "eu"), .init("Mcp-Param-Limit", "42"),
        ])
        #expect(throws: ProtocolError.self) { try headers.check(twice, arguments: arguments, id: 1) }
        // A value of a type that no header can carry is for the tool's own validation to refuse.
        let wrongType = try RawJSON(parsing: #"{"region":{"a":1},"limit":42}"#)
        #expect(throws: Never.self) { try headers.check(["Mcp-Param-Limit": "42"], arguments: wrongType, id: 1) }
    }

    @Test("M15: renaming a tool keeps its annotations")
    func renamed() throws {
        let tool = Tool(name: "query", description: "d", inputSchema: Self.schema)
        let renamed = try tool.with(name: "db.query").with(description: "e").with(title: nil)
        #expect(renamed.name == "db.query" && renamed.description == "e")
        #expect(renamed.inputSchema == tool.inputSchema)
        #expect(
            try ParameterHeaders(inputSchema: renamed.inputSchema) == ParameterHeaders(inputSchema: tool.inputSchema)
        )
    }
}
