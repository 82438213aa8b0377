public import MCPProtocol

/// The result of a tool, a prompt or a resource. What the revision of the client adds, such as the type of the result, the service adds.
public struct ServiceResult: Sendable {
    let raw: RawJSON

    /// A result as it is, with the fields that its method prescribes.
    public init(_ raw: RawJSON) { self.raw = raw }

    /// A tool's text.
    public static func text(_ text: String) -> ServiceResult {
        ServiceResult(["content": [["type": "text", "text": .string(text)]]])
    }

    /// A tool's content blocks.
    public static func content(_ blocks: [RawJSON], structured: RawJSON? = nil) -> ServiceResult {
        ServiceResult(["content": .array(blocks), "structuredContent": structured])
    }

    /// A tool's structured content, and beside it the same as text for clients that do not know it.
    public static func structured(_ value: RawJSON) -> ServiceResult {
        content([["type": "text", "text": .string(value.text)]], structured: value)
    }

    /// A prompt's messages, each from `user` or `assistant`.
    public static func messages(_ messages: [(role: String, text: String)], description: String? = nil) -> ServiceResult
    {
        ServiceResult([
            "description": description.map(RawJSON.string),
            "messages": .array(
                messages.map { ["role": .string($0.role), "content": ["type": "text", "text": .string($0.text)]] }
            ),
        ])
    }

    /// The text of a resource.
    public static func contents(uri: String, mimeType: String? = nil, text: String) -> ServiceResult {
        ServiceResult([
            "contents": [
                ["uri": .string(uri), "mimeType": mimeType.map(RawJSON.string), "text": .string(text)]
            ]
        ])
    }
}

/// A tool cannot do what it is called for. The message is for the model, which may call again with other arguments.
public struct ToolFailure: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}

/// A resource does not exist.
public struct ResourceNotFound: Error, Sendable {
    /// The URI.
    public let uri: String

    public init(uri: String) { self.uri = uri }
}
