/// The parameters of `tools/call`.
public struct CallToolParams: Sendable, Hashable {
    /// All of it, with the fields that this library does not know.
    public let raw: RawJSON
    /// The name of the tool.
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
    /// All of it, with the fields that this library does not know.
    public let raw: RawJSON
    /// The content blocks, which are not parsed.
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
