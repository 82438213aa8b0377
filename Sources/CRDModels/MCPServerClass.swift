public import KubernetesAPI

/// The platform's defaults for servers, as a StorageClass has them for volumes.
public struct MCPServerClass: KubernetesResource, Hashable {
    /// `moorage.dev/v1alpha1`; lists leave it out.
    public var apiVersion: String?
    /// `MCPServerClass`; lists leave it out.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: MCPServerClassSpec
    /// What is.
    public var status: MCPServerClassStatus?

    /// Makes one from its fields.
    public init(
        metadata: ObjectMeta,
        spec: MCPServerClassSpec = MCPServerClassSpec(),
        status: MCPServerClassStatus? = nil
    ) {
        self.apiVersion = Moorage.apiVersion
        self.kind = "MCPServerClass"
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
        spec = try container.decodeIfPresent(MCPServerClassSpec.self, forKey: .spec) ?? MCPServerClassSpec()
        status = try container.decodeIfPresent(MCPServerClassStatus.self, forKey: .status)
    }

    /// `mcpserverclasses.moorage.dev`.
    public static let resourceType = ResourceType(
        group: Moorage.group,
        version: Moorage.version,
        kind: "MCPServerClass",
        plural: "mcpserverclasses",
        isNamespaced: false
    )
}
