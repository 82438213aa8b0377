public import KubernetesAPI

/// The observed state of a virtual server.
public struct MCPVirtualServerStatus: Sendable, Hashable, Codable {
    /// The generation of the virtual server that this status describes.
    public var observedGeneration: Int64?
    /// The conditions: Accepted, ResolvedRefs and Ready, and Reconciling and Stalled for tools that wait for it.
    public var conditions: [Condition]?
    /// The path of the endpoint at the gateway.
    public var path: String?
    /// The servers that belong to it, in the order in which their tools are listed.
    public var members: [VirtualServerMemberStatus]?
    /// How many tools are published. Tools of servers whose contract nobody records are not counted.
    public var tools: Int?

    /// Creates a value from its fields.
    public init(
        observedGeneration: Int64? = nil,
        conditions: [Condition]? = nil,
        path: String? = nil,
        members: [VirtualServerMemberStatus]? = nil,
        tools: Int? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.path = path
        self.members = members
        self.tools = tools
    }
}

extension MCPVirtualServerStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPVirtualServerStatus.self,
        "The observed state of the virtual server.",
        [
            "observedGeneration": .integer64("The generation of the virtual server that this status describes."),
            "conditions": .array(
                "The conditions: Accepted, ResolvedRefs and Ready, and Reconciling and Stalled for tools that wait for it.",
                of: Condition.schema
            )
            .items(0...32)
            .listMap("type"),
            "path": .string("The path of the endpoint at the gateway.").length(0...512),
            "members": .array(
                "The servers that belong to it, in the order in which their tools are listed.",
                of: VirtualServerMemberStatus.schema
            )
            .items(0...1000)
            .listMap("name"),
            "tools": .integer(
                "How many tools are published. Tools of servers whose contract nobody records are not counted."
            )
            .range(0...10_000_000),
        ]
    )
    // Without a status, kstatus considers an object current that no controller has observed yet.
    .default(["observedGeneration": -1])
}

/// A server of a virtual server, as it was found.
public struct VirtualServerMemberStatus: Sendable, Hashable, Codable {
    /// The MCPServer.
    public var name: String
    /// How many of its tools are published; not set if nobody records what the server offers.
    public var tools: Int?
    /// Why nothing of it is published, or not everything that the spec names.
    public var message: String?

    /// Creates a value from its fields.
    public init(name: String, tools: Int? = nil, message: String? = nil) {
        self.name = name
        self.tools = tools
        self.message = message
    }
}

extension VirtualServerMemberStatus: SchemaProviding {
    public static let schema = Schema.object(
        VirtualServerMemberStatus.self,
        "A server, as it was found.",
        [
            "name": .string("The MCPServer.").length(0...253).required(),
            "tools": .integer(
                "How many of its tools are published; not set if nobody records what the server offers."
            )
            .range(0...1_000_000),
            "message": .string("Why nothing of it is published, or not everything that the spec names.")
                .length(0...1024),
        ]
    )
}
