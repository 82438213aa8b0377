public import KubernetesAPI

/// What is published of one tool, and under which terms.
public struct ToolCuration: Sendable, Hashable, Codable {
    /// The tool's name, as the server lists it.
    public var name: String
    /// Whether the tool is published. Defaults to toolPolicy.default.
    public var enabled: Bool?
    /// The title that clients see instead of the tool's own.
    public var title: String?
    /// The description that clients and models see instead of the tool's own.
    public var description: String?
    /// The OAuth scope that a caller needs for this tool.
    public var scope: String?
    /// How many calls of this tool the gateway allows per minute, of all callers together. No limit of its own by default.
    public var callsPerMinute: Int?

    /// Creates a value from its fields.
    public init(
        name: String,
        enabled: Bool? = nil,
        title: String? = nil,
        description: String? = nil,
        scope: String? = nil,
        callsPerMinute: Int? = nil
    ) {
        self.name = name
        self.enabled = enabled
        self.title = title
        self.description = description
        self.scope = scope
        self.callsPerMinute = callsPerMinute
    }
}

extension ToolCuration: SchemaProviding {
    public static let schema = Schema.object(
        ToolCuration.self,
        "What is published of one tool, and under which terms.",
        [
            "name": .string("The tool's name, as the server lists it.").length(1...256).required(),
            "enabled": .boolean("Whether the tool is published. Defaults to toolPolicy.default."),
            "title": .string("The title that clients see instead of the tool's own.").length(1...256),
            "description": .string("The description that clients and models see instead of the tool's own.")
                .length(1...8192),
            // RFC 6749, section 3.3: the characters of a scope.
            "scope": .string("The OAuth scope that a caller needs for this tool, such as search:write.")
                .length(1...256)
                .pattern("^[!#-\\[\\]-~]+$"),
            "callsPerMinute": .integer(
                """
                How many calls of this tool the gateway allows per minute, of all callers together. No limit of its \
                own by default.
                """
            )
            .range(0...100000000),
        ]
    )
}

/// What is published of the tools that `tools` does not list, and how calls are checked.
public struct ToolPolicy: Sendable, Hashable, Codable {
    /// Whether a tool is published if tools does not say so. Defaults to Enabled.
    public var `default`: ToolDefault?
    /// Whether a tool that can change something needs a scope to be published. Defaults to false.
    public var requireScopeForWrites: Bool?
    /// Whether the gateway checks the arguments of calls against the schemas in the contract. Defaults to false.
    public var validateArguments: Bool?

    /// Creates a value from its fields.
    public init(default: ToolDefault? = nil, requireScopeForWrites: Bool? = nil, validateArguments: Bool? = nil) {
        self.default = `default`
        self.requireScopeForWrites = requireScopeForWrites
        self.validateArguments = validateArguments
    }
}

/// Whether tools are published that `tools` does not mention.
public enum ToolDefault: String, Sendable, Hashable, Codable, CaseIterable {
    /// They are published.
    case enabled = "Enabled"
    /// They are not published.
    case disabled = "Disabled"
}

extension ToolPolicy: SchemaProviding {
    public static let schema = Schema.object(
        ToolPolicy.self,
        "What is published of the tools that tools does not list, and how calls are checked.",
        [
            "default": .string("Whether a tool is published if tools does not say so. Defaults to Enabled.")
                .values(of: ToolDefault.self),
            "requireScopeForWrites": .boolean(
                """
                Whether a tool that can change something needs a scope to be published: every tool without the \
                annotation readOnlyHint: true. Defaults to false.
                """
            ),
            "validateArguments": .boolean(
                """
                Whether the gateway checks the arguments of calls against the input schemas in the contract, and answers \
                those that do not match itself. A tool whose schema cannot be used for that, such as one with a pattern \
                that has lookaround, cannot be called. Defaults to false.
                """
            ),
        ]
    )
}
