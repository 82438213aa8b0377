/// The definition of a tool. Changes keep what is not changed byte for byte, fields that this library does not know included.
public struct Tool: Sendable, Hashable {
    public let raw: RawJSON
    public let name: String
    /// A name for people, or `nil`.
    public let title: String?
    public let description: String?
    /// The JSON Schema of the arguments.
    public let inputSchema: RawJSON
    /// The JSON Schema of structured results, or `nil`.
    public let outputSchema: RawJSON?
    /// What the server says of the tool's behaviour, or `nil`. It is not to be trusted.
    public let annotations: RawJSON?

    /// Reads a definition.
    ///
    /// - Throws: `MessageFieldError` if a field is missing or has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "tool")
        self.raw = raw
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        inputSchema = try reader.object("inputSchema")
        outputSchema = try reader.optionalObject("outputSchema")
        annotations = try reader.optionalObject("annotations")
    }

    /// Makes a definition.
    ///
    /// - Parameters:
    ///   - inputSchema: an object with `"type": "object"`.
    public init(
        name: String,
        title: String? = nil,
        description: String? = nil,
        inputSchema: RawJSON,
        outputSchema: RawJSON? = nil,
        annotations: RawJSON? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.annotations = annotations
        raw = [
            "name": .string(name), "title": title.map(RawJSON.string), "description": description.map(RawJSON.string),
            "inputSchema": inputSchema, "outputSchema": outputSchema, "annotations": annotations,
        ]
    }

    /// This tool under another name. Its `x-mcp-header` annotations, which its clients rely on, stay (M15).
    public func with(name: String) throws(MessageFieldError) -> Tool {
        try Tool(raw.setting("name", to: .string(name)))
    }

    /// This tool with another title; `nil` removes it.
    public func with(title: String?) throws(MessageFieldError) -> Tool {
        try Tool(raw.setting("title", to: title.map(RawJSON.string)))
    }

    /// This tool with another description; `nil` removes it.
    public func with(description: String?) throws(MessageFieldError) -> Tool {
        try Tool(raw.setting("description", to: description.map(RawJSON.string)))
    }

    /// Whether the server says that the tool changes nothing. It is not to be trusted.
    public var isReadOnlyByItsOwnAccount: Bool { annotations?["readOnlyHint"]?.boolValue ?? false }

    /// Whether a name is as the specification recommends (M18): 1 to 128 of `[A-Za-z0-9_.-]`.
    public static func isRecommendedName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// The parameters of `tools/call`.
public struct CallToolParams: Sendable, Hashable {
    public let raw: RawJSON
    public let name: String
    /// An object, or `nil` for none.
    public let arguments: RawJSON?

    /// Reads the parameters of a `tools/call` request.
    ///
    /// - Throws: `MessageFieldError` if the name is missing, or a field has the wrong form.
    public init(of request: JSONRPCRequest) throws(MessageFieldError) {
        let reader = try ObjectReader(request.params ?? [:], at: "params")
        raw = reader.raw
        name = try reader.string("name")
        arguments = try reader.optionalObject("arguments")
    }

    public init(name: String, arguments: RawJSON? = nil) {
        self.name = name
        self.arguments = arguments
        raw = ["name": .string(name), "arguments": arguments]
    }

    /// The request.
    public func request(id: RequestID) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: Method.toolsCall.rawValue, params: raw)
    }
}

/// The complete result of `tools/call`.
public struct CallToolResult: Sendable, Hashable {
    public let raw: RawJSON
    /// The content blocks, which are not looked into.
    public let content: [RawJSON]
    /// Any JSON value since 2026-07-28, an object before; `nil` for none.
    public let structuredContent: RawJSON?
    /// Whether the tool failed, which the model is to see.
    public let isError: Bool

    /// Reads a result.
    ///
    /// - Throws: `MessageFieldError` if a field is missing or has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "result")
        self.raw = raw
        content = try reader.array("content")
        structuredContent = try reader.value("structuredContent")
        isError = try reader.optionalBool("isError") ?? false
    }

    /// A result of one text.
    ///
    /// - Parameter version: of the session or request; since 2026-07-28 results have a type.
    public init(text: String, isError: Bool = false, version: ProtocolVersion) {
        content = [["type": "text", "text": .string(text)]]
        structuredContent = nil
        self.isError = isError
        raw = [
            "resultType": version.era == .modern ? .string(ResultType.complete.rawValue) : nil,
            "content": .array(content),
            "isError": isError ? true : nil,
        ]
    }
}
