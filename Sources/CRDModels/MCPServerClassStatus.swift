public import KubernetesAPI

/// Who uses a class.
public struct MCPServerClassStatus: Sendable, Hashable, Codable {
    /// The generation of the class that this status is about.
    public var observedGeneration: Int64?
    /// How many servers use the class, and how many are behind.
    public var servers: ClassServers?

    /// Makes one from its fields.
    public init(observedGeneration: Int64? = nil, servers: ClassServers? = nil) {
        self.observedGeneration = observedGeneration
        self.servers = servers
    }
}

extension MCPServerClassStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerClassStatus.self,
        "Who uses the class.",
        [
            "observedGeneration": .integer64("The generation of the class that this status is about."),
            "servers": ClassServers.schema.described("How many servers use the class, and how many are behind."),
        ]
    )
}

/// How many servers use a class, and how many are behind it.
public struct ClassServers: Sendable, Hashable, Codable {
    /// How many servers use the class.
    public var using: Int
    /// How many of them still run with an older state of the class.
    public var behind: Int

    /// Makes one from its fields.
    public init(using: Int, behind: Int) {
        self.using = using
        self.behind = behind
    }
}

extension ClassServers: SchemaProviding {
    public static let schema = Schema.object(
        ClassServers.self,
        "How many servers use the class, and how many are behind.",
        [
            "using": .integer("How many servers use the class.").range(0...1000000).required(),
            "behind": .integer("How many of them still run with an older state of the class.")
                .range(0...1000000)
                .required(),
        ]
    )
}
