public import KubernetesAPI

/// A tenant of a shared cluster: a namespace, its policies and its quotas.
public struct MCPTenant: MoorageKind, Hashable {
    /// `moorage.dev/v1alpha1`; omitted in lists.
    public var apiVersion: String?
    /// `MCPTenant`; omitted in lists.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// The desired state.
    public var spec: MCPTenantSpec
    /// The observed state.
    public var status: MCPTenantStatus?

    /// Creates a value from its fields.
    public init(metadata: ObjectMeta, spec: MCPTenantSpec = MCPTenantSpec(), status: MCPTenantStatus? = nil) {
        self.apiVersion = Moorage.apiVersion
        self.kind = "MCPTenant"
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

    public static let shortNames = ["mcpt"]

    public static let hasScale = false

    public static let selectableFields: [String] = []

    public static let printerColumns = [
        PrinterColumn(
            "Ready",
            ".status.conditions[?(@.type==\"Ready\")].status",
            "Whether the tenant is set up."
        ),
        PrinterColumn(
            "Reason",
            ".status.conditions[?(@.type==\"Ready\")].reason",
            "The reason of the Ready condition."
        ),
        PrinterColumn(
            "Namespace",
            ".status.namespace",
            "The tenant's namespace."
        ),
        PrinterColumn(
            "Servers",
            type: "integer",
            ".status.servers.admitted",
            "How many servers are admitted."
        ),
        PrinterColumn(
            "Waiting",
            type: "integer",
            ".status.servers.waiting",
            "How many servers wait for quota."
        ),
        PrinterColumn(
            "Limit",
            type: "integer",
            ".status.servers.limit",
            "How many servers can be admitted."
        ),
        PrinterColumn(
            "Age",
            type: "date",
            ".metadata.creationTimestamp",
            "The age of the tenant."
        ),
        PrinterColumn(
            "Plan",
            ".status.plan",
            "The plan whose limits apply.",
            isWide: true
        ),
        PrinterColumn(
            "Message",
            ".status.conditions[?(@.type==\"Ready\")].message",
            "Why the tenant is or is not ready, in plain text.",
            isWide: true
        ),
    ]

    public static let schema = resourceSchema(
        """
        A tenant of a shared cluster, with its own namespace, policies and quotas.
        """,
        spec: MCPTenantSpec.schema.default([:]),
        status: MCPTenantStatus.schema,
        rules: [
            Rule(
                "self.metadata.name.size() <= 59 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
                message: """
                    metadata.name must be at most 59 lower-case letters, digits and dashes, and begin and end with a \
                    letter or digit, because the tenant's namespace is named mcp-NAME
                    """
            ) { tenant, _ in
                let name = tenant[path: ["metadata", "name"]]?.stringValue ?? ""
                return name.utf8.count <= 59 && Moorage.isDNSLabel(name)
            },
            Rule(
                """
                (has(self.spec) && has(self.spec.__namespace__) && has(self.spec.__namespace__.name) ? \
                self.spec.__namespace__.name : 'mcp-' + self.metadata.name) == \
                (has(oldSelf.spec) && has(oldSelf.spec.__namespace__) && has(oldSelf.spec.__namespace__.name) ? \
                oldSelf.spec.__namespace__.name : 'mcp-' + oldSelf.metadata.name)
                """,
                message: """
                    the namespace of a tenant cannot be changed: create another tenant with the new namespace, move \
                    the servers, and delete this tenant
                    """,
                fieldPath: ".spec.namespace.name"
            ) { tenant, old in
                func namespace(_ tenant: JSONValue?) -> String {
                    tenant?[path: ["spec", "namespace", "name"]]?.stringValue
                        ?? Moorage.defaultNamespace(ofTenant: tenant?[path: ["metadata", "name"]]?.stringValue ?? "")
                }
                return namespace(tenant) == namespace(old)
            },
        ]
    )
}
