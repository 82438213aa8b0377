public import KubernetesAPI

/// One MCP server in the namespace of its tenant.
public struct MCPServer: KubernetesResource, Hashable {
    /// `moorage.dev/v1alpha1`; lists leave it out.
    public var apiVersion: String?
    /// `MCPServer`; lists leave it out.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: MCPServerSpec
    /// What is.
    public var status: MCPServerStatus?

    /// Makes one from its fields.
    public init(metadata: ObjectMeta, spec: MCPServerSpec = MCPServerSpec(), status: MCPServerStatus? = nil) {
        self.apiVersion = Moorage.apiVersion
        self.kind = "MCPServer"
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Reads one; an absent spec counts as an empty one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        apiVersion = try container.decodeIfPresent(String.self, forKey: .apiVersion)
        kind = try container.decodeIfPresent(String.self, forKey: .kind)
        metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
        spec = try container.decodeIfPresent(MCPServerSpec.self, forKey: .spec) ?? MCPServerSpec()
        status = try container.decodeIfPresent(MCPServerStatus.self, forKey: .status)
    }

    /// `mcpservers.moorage.dev`.
    public static let resourceType = ResourceType(
        group: Moorage.group,
        version: Moorage.version,
        kind: "MCPServer",
        plural: "mcpservers",
        isNamespaced: true
    )
}
