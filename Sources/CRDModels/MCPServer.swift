public import KubernetesAPI

/// One MCP server in the namespace of its tenant.
public struct MCPServer: MoorageKind, Hashable {
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

    public static let shortNames = ["mcps"]

    public static let hasScale = true

    public static let selectableFields = [".spec.className", ".status.className", ".status.tenant"]

    public static let printerColumns = [
        PrinterColumn(
            "Ready",
            ".status.conditions[?(@.type==\"Ready\")].status",
            "Whether the server is as it is asked to be: it serves, or rests on purpose."
        ),
        PrinterColumn(
            "Reason",
            ".status.conditions[?(@.type==\"Ready\")].reason",
            "Why it does or does not."
        ),
        PrinterColumn(
            "Replicas",
            type: "integer",
            ".status.replicas",
            "How many pods there are."
        ),
        PrinterColumn(
            "Current",
            ".status.conditions[?(@.type==\"ClassCurrent\")].status",
            "Whether the server has the values that its class has now; False where it is behind."
        ),
        PrinterColumn(
            "URL",
            ".status.url",
            "Where clients connect."
        ),
        PrinterColumn(
            "Age",
            type: "date",
            ".metadata.creationTimestamp",
            "How long the server has been there."
        ),
        PrinterColumn(
            "Available",
            ".status.conditions[?(@.type==\"Available\")].status",
            "Whether the server answers now.",
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
            "The tenant that the server counts for.",
            isWide: true
        ),
        PrinterColumn(
            "Image",
            ".status.image",
            "The image that runs.",
            isWide: true
        ),
        PrinterColumn(
            "Message",
            ".status.conditions[?(@.type==\"Ready\")].message",
            "Why the server is or is not ready, in words.",
            isWide: true
        ),
    ]

    public static let schema = resourceSchema(
        """
        An MCP server: Moorage runs it as a hardened Deployment with a Service, Secrets and a \
        NetworkPolicy in front.
        """,
        spec: MCPServerSpec.schema.default([:]),
        status: MCPServerStatus.schema,
        rules: [
            Rule(
                "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
                message: """
                    metadata.name must be at most 63 lower-case letters, digits and dashes, begin with a letter and \
                    end with a letter or digit, because the Service of the server is named so
                    """
            ) { server, _ in
                let name = server[path: ["metadata", "name"]]?.stringValue ?? ""
                return name.utf8.count <= 63 && Moorage.isDNSLabel(name) && !(name.utf8.first ?? 0).isASCIIDigit
            }
        ]
    )
}
