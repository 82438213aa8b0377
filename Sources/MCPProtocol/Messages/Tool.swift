/// The definition of a tool. Changes keep what is not changed byte for byte, fields that this library does not know included.
public struct Tool: Sendable, Hashable {
    /// The whole definition, with the fields that this library does not know.
    public let raw: RawJSON
    /// The name by which the tool is called.
    public let name: String
    /// A name for people, or `nil`.
    public let title: String?
    /// What the tool does, for a model, or `nil`.
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
    public var claimsToBeReadOnly: Bool { annotations?["readOnlyHint"]?.boolValue ?? false }

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
