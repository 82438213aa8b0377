public import KubernetesAPI

/// The platform's defaults for servers, as a StorageClass contains the defaults for volumes.
public struct MCPServerClass: MoorageKind, Hashable {
    /// `moorage.dev/v1alpha1`; omitted in lists.
    public var apiVersion: String?
    /// `MCPServerClass`; omitted in lists.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// The desired state.
    public var spec: MCPServerClassSpec
    /// The observed state.
    public var status: MCPServerClassStatus?

    /// Creates a value from its fields.
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

    /// Decodes an object; a missing spec is read as an empty one.
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

    public static let shortNames = ["mcpsc"]

    public static let hasScale = false

    public static let selectableFields: [String] = []

    public static let printerColumns = [
        PrinterColumn(
            "Default",
            ".metadata.annotations.moorage\\.dev/is-default-class",
            "Whether servers without a className use this class."
        ),
        PrinterColumn(
            "Policy",
            ".spec.rollout.policy",
            "What happens to running servers when the class changes."
        ),
        PrinterColumn(
            "Servers",
            type: "integer",
            ".status.servers.using",
            "How many servers use the class."
        ),
        PrinterColumn(
            "Behind",
            type: "integer",
            ".status.servers.behind",
            "How many servers still run with an older revision of the class."
        ),
        PrinterColumn(
            "Age",
            type: "date",
            ".metadata.creationTimestamp",
            "The age of the class."
        ),
        PrinterColumn(
            "Image",
            ".spec.image",
            "The image of servers that do not set one.",
            isWide: true
        ),
    ]

    public static let schema = resourceSchema(
        """
        Defaults of the platform for servers. The class with the annotation moorage.dev/is-default-class: "true" \
        applies to servers that do not name a class.
        """,
        spec: MCPServerClassSpec.schema.default([:]),
        status: MCPServerClassStatus.schema
    )
}
