public import KubernetesAPI

/// The desired state of a virtual server.
public struct MCPVirtualServerSpec: Sendable, Hashable, Codable {
    /// The servers by name, in the order in which their tools are listed.
    public var servers: [VirtualServerMember]?
    /// Further servers by label, with all of their tools. They follow those in servers, by name.
    public var serverSelector: LabelSelector?
    /// When names begin with the name of their server. Defaults to Conflicts.
    public var prefixes: NamePrefixes?
    /// How clients find tools. Defaults to All.
    public var toolListing: ToolListing?

    /// Creates a value from its fields.
    public init(
        servers: [VirtualServerMember]? = nil,
        serverSelector: LabelSelector? = nil,
        prefixes: NamePrefixes? = nil,
        toolListing: ToolListing? = nil
    ) {
        self.servers = servers
        self.serverSelector = serverSelector
        self.prefixes = prefixes
        self.toolListing = toolListing
    }
}

/// When the names of tools and prompts begin with the name of their server.
public enum NamePrefixes: String, Sendable, Hashable, Codable, CaseIterable {
    /// Only names that several servers use.
    case conflicts = "Conflicts"
    /// All names, except those that the spec gives.
    case always = "Always"
}

/// How clients find the tools of a virtual server.
public enum ToolListing: String, Sendable, Hashable, Codable, CaseIterable {
    /// All tools are listed.
    case all = "All"
    /// Only find_tool and call_tool are listed, with which a model searches for tools and calls them.
    case search = "Search"
}

extension MCPVirtualServerSpec: SchemaProviding {
    public static let schema = Schema.object(
        MCPVirtualServerSpec.self,
        "The desired state of the virtual server.",
        [
            "servers": .array(
                "The servers by name, in the order in which their tools are listed.",
                of: VirtualServerMember.schema
            )
            .items(1...256)
            .listMap("name"),
            "serverSelector": LabelSelector.schema.described(
                """
                Further servers of the namespace by label, with all of their tools. They follow those in servers, by \
                name. An empty selector selects all servers.
                """
            ),
            "prefixes": .string(
                """
                When the names of tools and prompts begin with the name of their server and an underscore. Conflicts: only \
                names that several of the servers use. Always: all names, except those that the spec gives. Defaults to \
                Conflicts.
                """
            )
            .values(of: NamePrefixes.self),
            "toolListing": .string(
                """
                How clients find tools. All: all tools are listed. Search: only find_tool and call_tool are listed, with \
                which a model searches the tools and calls what it has found; use it for more tools than fit into the \
                model's context. Defaults to All.
                """
            )
            .values(of: ToolListing.self),
        ],
        rules: [
            Rule(
                "has(self.servers) || has(self.serverSelector)",
                message: "a virtual server needs servers: set servers, serverSelector, or both"
            ) { spec, _ in spec["servers"] != nil || spec["serverSelector"] != nil }
        ]
    )
}

/// A server of a virtual server.
public struct VirtualServerMember: Sendable, Hashable, Codable {
    /// The MCPServer in the same namespace.
    public var name: String
    /// The tools that are published. Defaults to all that the server publishes.
    public var tools: [VirtualTool]?

    /// Creates a value from its fields.
    public init(name: String, tools: [VirtualTool]? = nil) {
        self.name = name
        self.tools = tools
    }
}

extension VirtualServerMember: SchemaProviding {
    public static let schema = Schema.object(
        VirtualServerMember.self,
        "A server.",
        [
            "name": .string("The MCPServer in the same namespace.").length(1...253).required(),
            "tools": .array(
                """
                The tools that are published, without those that are not listed here. Defaults to all that the server \
                publishes.
                """,
                of: VirtualTool.schema
            )
            .items(0...1000)
            .listMap("name"),
        ]
    )
}

/// A tool that a virtual server publishes.
public struct VirtualTool: Sendable, Hashable, Codable {
    /// The tool's name, as its server publishes it.
    public var name: String
    /// The name under which the virtual server publishes it.
    public var `as`: String?
    /// The title that clients see instead of the tool's own.
    public var title: String?
    /// The description that clients and models see instead of the tool's own.
    public var description: String?

    /// Creates a value from its fields.
    public init(name: String, as: String? = nil, title: String? = nil, description: String? = nil) {
        self.name = name
        self.as = `as`
        self.title = title
        self.description = description
    }
}

extension VirtualTool: SchemaProviding {
    public static let schema = Schema.object(
        VirtualTool.self,
        "A tool that is published.",
        [
            "name": .string("The tool's name, as its server publishes it.").length(1...256).required(),
            "as": .string(
                "The name under which the virtual server publishes it. Defaults to the tool's own, with a prefix if needed."
            )
            .length(1...128)
            .pattern("^[A-Za-z0-9_.-]+$"),
            "title": .string("The title that clients see instead of the tool's own.").length(1...256),
            "description": .string("The description that clients and models see instead of the tool's own.")
                .length(1...8192),
        ]
    )
}
