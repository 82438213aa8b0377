public import KubernetesAPI

/// The use of a class.
public struct MCPServerClassStatus: Sendable, Hashable, Codable {
    /// The generation of the class that this status describes.
    public var observedGeneration: Int64?
    /// How many servers use the class, and how many are outdated.
    public var servers: ClassServers?

    /// Creates a value from its fields.
    public init(observedGeneration: Int64? = nil, servers: ClassServers? = nil) {
        self.observedGeneration = observedGeneration
        self.servers = servers
    }
}

extension MCPServerClassStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerClassStatus.self,
        "The use of the class.",
        [
            "observedGeneration": .integer64("The generation of the class that this status describes."),
            "servers": ClassServers.schema.described("How many servers use the class, and how many are outdated."),
        ]
    )
}

/// How many servers use a class, and how many are outdated.
public struct ClassServers: Sendable, Hashable, Codable {
    /// How many servers use the class.
    public var using: Int
    /// How many of them still run with an older revision of the class.
    public var behind: Int

    /// Creates a value from its fields.
    public init(using: Int, behind: Int) {
        self.using = using
        self.behind = behind
    }
}

extension ClassServers: SchemaProviding {
    public static let schema = Schema.object(
        ClassServers.self,
        "How many servers use the class, and how many are outdated.",
        [
            "using": .integer("How many servers use the class.").range(0...1000000).required(),
            "behind": .integer("How many of them still run with an older revision of the class.")
                .range(0...1000000)
                .required(),
        ]
    )
}
