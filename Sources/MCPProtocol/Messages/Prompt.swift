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

    /// This prompt under another name. All other bytes stay.
    public func with(name: String) throws(MessageFieldError) -> Prompt {
        try Prompt(raw.setting("name", to: .string(name)))
    }
}
