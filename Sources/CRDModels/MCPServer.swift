public import KubernetesAPI

/// An MCP server in the namespace of its tenant.
public struct MCPServer: MoorageKind, Hashable {
    /// `moorage.dev/v1alpha1`; omitted in lists.
    public var apiVersion: String?
    /// `MCPServer`; omitted in lists.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// The desired state.
    public var spec: MCPServerSpec
    /// The observed state.
    public var status: MCPServerStatus?

    /// Creates a value from its fields.
    public init(metadata: ObjectMeta, spec: MCPServerSpec = MCPServerSpec(), status: MCPServerStatus? = nil) {
        self.apiVersion = Moorage.apiVersion
        self.kind = "MCPServer"
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Decodes an object; a missing spec is read as an empty one.
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

    public static let shortNames = ["mcps"]

    public static let hasScale = true

    public static let selectableFields = [".spec.className", ".status.className", ".status.tenant"]

    public static let printerColumns = [
        PrinterColumn(
            "Ready",
            ".status.conditions[?(@.type==\"Ready\")].status",
            "Whether the server is in its desired state: it serves requests, or is suspended."
        ),
        PrinterColumn(
            "Reason",
            ".status.conditions[?(@.type==\"Ready\")].reason",
            "The reason of the Ready condition."
        ),
        PrinterColumn(
            "Replicas",
            type: "integer",
            ".status.replicas",
            "The number of pods."
        ),
        PrinterColumn(
            "Tools",
            type: "integer",
            ".status.mcp.tools",
            "The number of tools that the server offers."
        ),
        PrinterColumn(
            "Current",
            ".status.conditions[?(@.type==\"ClassCurrent\")].status",
            "Whether the server uses the current values of its class; False if it is outdated."
        ),
        PrinterColumn(
            "URL",
            ".status.url",
            "The URL that clients connect to."
        ),
        PrinterColumn(
            "Age",
            type: "date",
            ".metadata.creationTimestamp",
            "The age of the server."
        ),
        PrinterColumn(
            "Available",
            ".status.conditions[?(@.type==\"Available\")].status",
            "Whether the server has ready pods, or a remote server answers.",
            isWide: true
        ),
        PrinterColumn(
            "Class",
            ".status.className",
            "The class whose defaults apply.",
            isWide: true
        ),
        PrinterColumn(
            "Tenant",
            ".status.tenant",
            "The tenant that the server belongs to.",
            isWide: true
        ),
        PrinterColumn(
            "Image",
            ".status.image",
            "The image that the pods run; empty for a remote server.",
            isWide: true
        ),
        PrinterColumn(
            "Message",
            ".status.conditions[?(@.type==\"Ready\")].message",
            "Why the server is or is not ready, in plain text.",
            isWide: true
        ),
    ]

    public static let schema = resourceSchema(
        """
        An MCP server: Moorage runs it as a hardened Deployment with a Service, Secrets and a NetworkPolicy, or calls a \
        remote one at its URL.
        """,
        spec: MCPServerSpec.schema.default([:]),
        status: MCPServerStatus.schema,
        rules: [
            Rule(
                "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
                message: """
                    metadata.name must be at most 63 lower-case letters, digits and dashes, begin with a letter and \
                    end with a letter or digit, because the Service of the server has the same name
                    """
            ) { server, _ in
                let name = server[path: ["metadata", "name"]]?.stringValue ?? ""
                return name.utf8.count <= 63 && Moorage.isDNSLabel(name) && !(name.utf8.first ?? 0).isASCIIDigit
            }
        ]
    )
}
