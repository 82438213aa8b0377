public import KubernetesAPI

/// What one server offered with one image: a contract that was read from a running pod.
public struct MCPServerRevision: MoorageKind, Hashable {
    /// `moorage.dev/v1alpha1`; omitted in lists.
    public var apiVersion: String?
    /// `MCPServerRevision`; omitted in lists.
    public var kind: String?
    /// Name, labels and the rest of the standard metadata.
    public var metadata: ObjectMeta
    /// What was read, and what was decided about it. Only the decision can be changed.
    public var spec: MCPServerRevisionSpec
    /// Whether it serves, and how it differs from the revision before.
    public var status: MCPServerRevisionStatus?

    /// Creates a value from its fields.
    public init(metadata: ObjectMeta, spec: MCPServerRevisionSpec, status: MCPServerRevisionStatus? = nil) {
        self.apiVersion = Moorage.apiVersion
        self.kind = "MCPServerRevision"
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// `mcpserverrevisions.moorage.dev`.
    public static let resourceType = ResourceType(
        group: Moorage.group,
        version: Moorage.version,
        kind: "MCPServerRevision",
        plural: "mcpserverrevisions",
        isNamespaced: true
    )

    public static let shortNames = ["mcprev", "mcprevisions"]

    public static let hasScale = false

    public static let selectableFields = [".spec.server"]

    public static let printerColumns = [
        PrinterColumn("Server", ".spec.server", "The server that offered this."),
        PrinterColumn("State", ".status.state", "Whether the revision serves, or waits for an approval."),
        PrinterColumn("Tools", type: "integer", ".spec.counts.tools", "The number of tools."),
        PrinterColumn(
            "Published",
            type: "integer",
            ".spec.counts.publishedTools",
            "The number of tools that the server's curation publishes."
        ),
        PrinterColumn("Image", ".spec.image.digest", "The digest of the image."),
        PrinterColumn("Decision", ".spec.approval.decision", "What a person decided about the revision."),
        PrinterColumn("Approver", ".spec.approval.approver", "Who decided it.", isWide: true),
        PrinterColumn("Age", type: "date", ".metadata.creationTimestamp", "The age of the revision."),
        PrinterColumn("Contract", ".spec.contractDigest", "The digest of what the server offered.", isWide: true),
        PrinterColumn(
            "Protocol",
            ".spec.provenance.protocolVersion",
            "The protocol version in which it was read.",
            isWide: true
        ),
        PrinterColumn("Pod", ".spec.provenance.pod", "The pod from which it was read.", isWide: true),
        PrinterColumn("Previous", ".status.previous", "The revision that served before.", isWide: true),
    ]

    public static let schema = resourceSchema(
        """
        What an MCPServer offered with one image: its tools, prompts, resources and resource templates, as the controller \
        read them from a running pod. The controller creates revisions; they are deleted with their server.
        """,
        spec: MCPServerRevisionSpec.schema.required().rule(.onlyApprovalChanges),
        status: MCPServerRevisionStatus.schema
    )
}

extension Rule {
    /// The fields of a revision that never change. The contract and the template have digests in other fields, which the
    /// controller compares, but are compared here too.
    private static let fixedFields = [
        "server", "image", "digest", "contractDigest", "counts", "provenance", "contract", "parts", "template",
        "acceptance", "separateApprover", "author",
    ]

    /// Everything but the approval says what a pod has offered, and is fixed.
    static let onlyApprovalChanges = Rule(
        fixedFields.map { field in
            let required = ["server", "image", "digest", "contractDigest", "counts", "provenance"].contains(field)
            return required
                ? "self.\(field) == oldSelf.\(field)"
                : "has(self.\(field)) == has(oldSelf.\(field)) && (!has(self.\(field)) || self.\(field) == oldSelf.\(field))"
        }
        .joined(separator: " && "),
        message: "only the approval of a revision can be changed: the rest says what a pod has offered"
    ) { spec, old in
        guard let old else { return true }
        return fixedFields.allSatisfy { spec[$0] == old[$0] }
    }
}
