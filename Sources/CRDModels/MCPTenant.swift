public import KubernetesAPI

/// One of those who share a cluster: a namespace, its policies and its quotas.
public struct MCPTenant: KubernetesResource, Hashable {
    /// `moorage.dev/v1alpha1`; lists leave it out.
    public var apiVersion: String?
    /// `MCPTenant`; lists leave it out.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: MCPTenantSpec
    /// What is.
    public var status: MCPTenantStatus?

    /// Makes one from its fields.
    public init(metadata: ObjectMeta, spec: MCPTenantSpec = MCPTenantSpec(), status: MCPTenantStatus? = nil) {
        self.apiVersion = Moorage.apiVersion
        self.kind = "MCPTenant"
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
        spec = try container.decodeIfPresent(MCPTenantSpec.self, forKey: .spec) ?? MCPTenantSpec()
        status = try container.decodeIfPresent(MCPTenantStatus.self, forKey: .status)
    }

    /// `mcptenants.moorage.dev`.
    public static let resourceType = ResourceType(
        group: Moorage.group,
        version: Moorage.version,
        kind: "MCPTenant",
        plural: "mcptenants",
        isNamespaced: false
    )
}
