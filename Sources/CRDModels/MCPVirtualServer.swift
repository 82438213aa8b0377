public import KubernetesAPI

/// Several servers of a namespace behind one endpoint of the gateway.
public struct MCPVirtualServer: MoorageKind, Hashable {
    /// `moorage.dev/v1alpha1`; omitted in lists.
    public var apiVersion: String?
    /// `MCPVirtualServer`; omitted in lists.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// The desired state.
    public var spec: MCPVirtualServerSpec
    /// The observed state.
    public var status: MCPVirtualServerStatus?

    /// Creates a value from its fields.
    public init(metadata: ObjectMeta, spec: MCPVirtualServerSpec, status: MCPVirtualServerStatus? = nil) {
        self.apiVersion = Moorage.apiVersion
        self.kind = "MCPVirtualServer"
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// `mcpvirtualservers.moorage.dev`.
    public static let resourceType = ResourceType(
        group: Moorage.group,
        version: Moorage.version,
        kind: "MCPVirtualServer",
        plural: "mcpvirtualservers",
        isNamespaced: true
    )

    public static let shortNames = ["mcpvs"]

    public static let hasScale = false

    public static let selectableFields: [String] = []

    public static let printerColumns = [
        PrinterColumn(
            "Ready",
            ".status.conditions[?(@.type==\"Ready\")].status",
            "Whether the virtual server publishes something."
        ),
        PrinterColumn(
            "Reason",
            ".status.conditions[?(@.type==\"Ready\")].reason",
            "The reason of the Ready condition."
        ),
        PrinterColumn(
            "Resolved",
            ".status.conditions[?(@.type==\"ResolvedRefs\")].status",
            "Whether everything that the spec names exists, with names that do not collide."
        ),
        PrinterColumn("Tools", type: "integer", ".status.tools", "The number of tools that are published."),
        PrinterColumn("Path", ".status.path", "The path of the endpoint at the gateway."),
        PrinterColumn("Age", type: "date", ".metadata.creationTimestamp", "The age of the virtual server."),
    ]

    public static let schema = resourceSchema(
        """
        Several MCPServers of a namespace behind one endpoint of the gateway, /NAMESPACE/NAME/mcp. It gives nobody more \
        rights: callers see and call the tools that they may call at the servers themselves.
        """,
        spec: MCPVirtualServerSpec.schema.required(),
        status: MCPVirtualServerStatus.schema
    )
}
