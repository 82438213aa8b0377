public import KubernetesAPI

/// Who uses a class.
public struct MCPServerClassStatus: Sendable, Hashable, Codable {
    /// The generation of the class that this status is about.
    public var observedGeneration: Int64?
    /// How the class is.
    public var conditions: [Condition]?
    /// How many servers use the class, and how many are behind.
    public var servers: ClassServers?

    /// Makes one from its fields.
    public init(observedGeneration: Int64? = nil, conditions: [Condition]? = nil, servers: ClassServers? = nil) {
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.servers = servers
    }
}

extension MCPServerClassStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerClassStatus.self,
        "Who uses the class.",
        [
            "observedGeneration": .integer64("The generation of the class that this status is about."),
            "conditions": .array("How the class is.", of: Condition.schema).items(0...32).listMap("type"),
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
