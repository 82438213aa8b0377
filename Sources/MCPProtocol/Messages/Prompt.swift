/// The definition of a prompt, with the fields that this library does not know.
public struct Prompt: Sendable, Hashable {
    /// One argument of a prompt.
    public struct Argument: Sendable, Hashable {
        /// The whole definition.
        public let raw: RawJSON
        /// The name, for programs.
        public let name: String
        /// What it is for, or `nil`.
        public let description: String?
        /// Whether it must be given.
        public let isRequired: Bool

        init(raw: RawJSON, name: String, description: String?, isRequired: Bool) {
            self.raw = raw
            self.name = name
            self.description = description
            self.isRequired = isRequired
        }

        /// Makes a definition.
        public init(name: String, description: String? = nil, isRequired: Bool = false) {
            self.init(
                raw: [
                    "name": .string(name), "description": description.map(RawJSON.string),
                    "required": isRequired ? true : nil,
                ],
                name: name,
                description: description,
                isRequired: isRequired
            )
        }
    }

    /// The whole definition.
    public let raw: RawJSON
    /// The name, for programs.
    public let name: String
    /// A name for people, or `nil`.
    public let title: String?
    /// What it is for, or `nil`.
    public let description: String?
    /// What the prompt is filled in with.
    public let arguments: [Argument]

    /// Reads a definition.
    ///
    /// - Throws: `MessageFieldError` if the name is missing, or a field has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "prompt")
        self.raw = raw
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        var arguments: [Argument] = []
        for (index, value) in (try reader.optionalArray("arguments") ?? []).enumerated() {
            let argument = try ObjectReader(value, at: "prompt.arguments[\(index)]")
            arguments.append(
                Argument(
                    raw: value,
                    name: try argument.string("name"),
                    description: try argument.optionalString("description"),
                    isRequired: try argument.optionalBool("required") ?? false
                )
            )
        }
        self.arguments = arguments
    }

    /// Makes a definition.
    public init(name: String, title: String? = nil, description: String? = nil, arguments: [Argument] = []) {
        self.name = name
        self.title = title
        self.description = description
        self.arguments = arguments
        raw = [
            "name": .string(name), "title": title.map(RawJSON.string), "description": description.map(RawJSON.string),
            "arguments": arguments.isEmpty ? nil : .array(arguments.map(\.raw)),
        ]
    }

    /// This prompt under another name. All other bytes stay.
    public func with(name: String) throws(MessageFieldError) -> Prompt {
        try Prompt(raw.setting("name", to: .string(name)))
    }
}
