public import KubernetesAPI

/// Where servers come from.
public enum ImportFormat: String, Sendable, Hashable, CaseIterable {
    /// The kinds of the ToolHive operator (`toolhive.stacklok.dev`).
    case toolhive
    /// The MCPServer of kmcp (`kagent.dev`).
    case kmcp
    /// The MCPServer of mcp-lifecycle-operator (`mcp.x-k8s.io`).
    case mcpLifecycleOperator = "mcp-lifecycle-operator"
    /// Catalogue entries of Obot.
    case obot
    /// Files in which clients of MCP list their servers, such as `mcp.json` and `claude_desktop_config.json`.
    case mcpJSON = "mcp-json"
    /// Entries of the MCP Registry (`server.json`).
    case registry
    /// Command lines `docker run`.
    case docker
}

/// A file to import.
public struct ImportSource: Sendable, Hashable {
    /// The name in messages.
    public var name: String
    /// The contents.
    public var text: String
    /// Objects that were not read from a text; `nil` for a file.
    var objects: [JSONValue]?

    /// Creates a value from its fields.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// Objects of a cluster. Findings about them have no lines.
    public init(name: String, objects: [JSONValue]) {
        self.name = name
        text = ""
        self.objects = objects
    }
}

/// What the user decides about an import.
public struct ImportOptions: Sendable, Hashable {
    /// The format of all files; `nil` if each file shows it.
    public var format: ImportFormat?
    /// The namespace of all manifests; `nil` to keep that of the inputs.
    public var namespace: String?
    /// Whether values that look like secrets are written into Secrets. Otherwise they appear nowhere.
    public var includesSecrets: Bool
    /// The images of servers, by the server's name, in place of what the input says.
    public var images: [String: String]
    /// The images that run packages, by the command that they contain: `npx`, `uvx`, `dnx`, or any other.
    public var runnerImages: [String: String]
    /// The values of placeholders such as `${NAME}`, by name.
    public var values: [String: String]

    /// Creates a value from its fields.
    public init(
        format: ImportFormat? = nil,
        namespace: String? = nil,
        includesSecrets: Bool = false,
        images: [String: String] = [:],
        runnerImages: [String: String] = [:],
        values: [String: String] = [:]
    ) {
        self.format = format
        self.namespace = namespace
        self.includesSecrets = includesSecrets
        self.images = images
        self.runnerImages = runnerImages
        self.values = values
    }
}
