public import KubernetesAPI

/// What a server offered, item by item.
public struct RevisionContract: Sendable, Hashable, Codable {
    /// The tools, by name.
    public var tools: [RevisionTool]?
    /// The prompts, by name.
    public var prompts: [RevisionItem]?
    /// The resources, by URI.
    public var resources: [RevisionItem]?
    /// The resource templates, by URI template.
    public var resourceTemplates: [RevisionItem]?

    /// Creates a value from its fields.
    public init(
        tools: [RevisionTool]? = nil,
        prompts: [RevisionItem]? = nil,
        resources: [RevisionItem]? = nil,
        resourceTemplates: [RevisionItem]? = nil
    ) {
        self.tools = tools
        self.prompts = prompts
        self.resources = resources
        self.resourceTemplates = resourceTemplates
    }
}

extension RevisionContract: SchemaProviding {
    public static let schema = Schema.object(
        RevisionContract.self,
        "What the server offered, item by item.",
        [
            "tools": .array("The tools, by name.", of: RevisionTool.schema).items(0...10000).atomic(),
            "prompts": .array("The prompts, by name.", of: RevisionItem.schema).items(0...10000).atomic(),
            "resources": .array("The resources, by URI.", of: RevisionItem.schema).items(0...10000).atomic(),
            "resourceTemplates": .array("The resource templates, by URI template.", of: RevisionItem.schema)
                .items(0...10000)
                .atomic(),
        ]
    )
}

/// A tool of a revision.
public struct RevisionTool: Sendable, Hashable, Codable {
    /// The tool's name.
    public var name: String
    /// Its definition, as the server gave it, in canonical JSON.
    public var definition: String
    /// The SHA-256 digest of the definition.
    public var digest: String
    /// Whether the server's curation publishes the tool.
    public var published: Bool
    /// The OAuth scope that a caller needs.
    public var scope: String?
    /// The title that replaces the tool's own.
    public var title: String?
    /// The description that replaces the tool's own.
    public var description: String?

    /// Creates a value from its fields.
    public init(
        name: String,
        definition: String,
        digest: String,
        published: Bool,
        scope: String? = nil,
        title: String? = nil,
        description: String? = nil
    ) {
        self.name = name
        self.definition = definition
        self.digest = digest
        self.published = published
        self.scope = scope
        self.title = title
        self.description = description
    }
}

extension RevisionTool: SchemaProviding {
    public static let schema = Schema.object(
        RevisionTool.self,
        "A tool.",
        [
            "name": .string("The tool's name.").required(),
            "definition": .string("Its definition, as the server gave it, in canonical JSON (RFC 8785).").required(),
            "digest": .sha256("The SHA-256 digest of the definition.").required(),
            "published": .boolean("Whether the server's curation publishes the tool.").required(),
            "scope": .string("The OAuth scope that a caller needs.").length(0...256),
            "title": .string("The title that replaces the tool's own.").length(0...256),
            "description": .string("The description that replaces the tool's own.").length(0...8192),
        ]
    )
}

/// A prompt, resource or resource template of a revision.
public struct RevisionItem: Sendable, Hashable, Codable {
    /// What identifies it: the name of a prompt, the URI of a resource, the URI template of a resource template.
    public var identity: String
    /// Its definition, as the server gave it, in canonical JSON.
    public var definition: String
    /// The SHA-256 digest of the definition.
    public var digest: String

    /// Creates a value from its fields.
    public init(identity: String, definition: String, digest: String) {
        self.identity = identity
        self.definition = definition
        self.digest = digest
    }
}

extension RevisionItem: SchemaProviding {
    public static let schema = Schema.object(
        RevisionItem.self,
        "A prompt, resource or resource template.",
        [
            "identity": .string(
                """
                What identifies it: the name of a prompt, the URI of a resource, the URI template of a resource template.
                """
            )
            .required(),
            "definition": .string("Its definition, as the server gave it, in canonical JSON (RFC 8785).").required(),
            "digest": .sha256("The SHA-256 digest of the definition.").required(),
        ]
    )
}
