public import KubernetesAPI

/// What a server offered, read from one of its pods.
public struct MCPServerRevisionSpec: Sendable, Hashable, Codable {
    /// The server, in the same namespace.
    public var server: String
    /// The image that the pod ran; of a remote server, its URL.
    public var image: RevisionImage
    /// The SHA-256 digest of the contract with its curation.
    public var digest: String
    /// The SHA-256 digest of what the server offers, as in status.mcp.contractDigest of the server.
    public var contractDigest: String
    /// How many items there are.
    public var counts: RevisionCounts
    /// When and where the contract was read.
    public var provenance: RevisionProvenance
    /// What the server offered. Not set if it is stored in parts.
    public var contract: RevisionContract?
    /// The ConfigMaps that contain the contract, if it is too large for one object.
    public var parts: [RevisionPart]?
    /// The part of the server's spec that the pod was made from.
    public var template: RevisionTemplate?
    /// Why the revision may serve without an approval; not set if it needs one.
    public var acceptance: RevisionAcceptance?
    /// Whether the person who deployed the revision cannot approve it.
    public var separateApprover: Bool?
    /// Who deployed the revision: the person who last changed the server's spec.
    public var author: String?
    /// A person's decision about the revision.
    public var approval: RevisionApproval?

    /// Creates a value from its fields.
    public init(
        server: String,
        image: RevisionImage,
        digest: String,
        contractDigest: String,
        counts: RevisionCounts,
        provenance: RevisionProvenance,
        contract: RevisionContract? = nil,
        parts: [RevisionPart]? = nil,
        template: RevisionTemplate? = nil,
        acceptance: RevisionAcceptance? = nil,
        separateApprover: Bool? = nil,
        author: String? = nil,
        approval: RevisionApproval? = nil
    ) {
        self.server = server
        self.image = image
        self.digest = digest
        self.contractDigest = contractDigest
        self.counts = counts
        self.provenance = provenance
        self.contract = contract
        self.parts = parts
        self.template = template
        self.acceptance = acceptance
        self.separateApprover = separateApprover
        self.author = author
        self.approval = approval
    }
}

extension Schema {
    /// The SHA-256 digest of some content.
    static func sha256(_ description: String) -> Schema {
        .string(description).length(71...71).pattern("^sha256:[0-9a-f]{64}$")
    }
}

extension MCPServerRevisionSpec: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerRevisionSpec.self,
        "What the server offered, read from one of its pods.",
        [
            "server": .string("The server, in the same namespace.").length(1...63).required(),
            "image": RevisionImage.schema.described("The image that the pod ran; of a remote server, its URL.")
                .required(),
            "digest": .sha256("The SHA-256 digest of the contract with its curation, in canonical JSON (RFC 8785).")
                .required(),
            "contractDigest": .sha256(
                """
                The SHA-256 digest of what the server offers, in canonical JSON (RFC 8785), as in \
                status.mcp.contractDigest of the server.
                """
            )
            .required(),
            "counts": RevisionCounts.schema.described("How many items there are.").required(),
            "provenance": RevisionProvenance.schema.described("When and where the contract was read.").required(),
            "contract": RevisionContract.schema.described(
                "What the server offered. Not set if it is stored in parts."
            ),
            "parts": .array(
                """
                The ConfigMaps that contain the contract, if it is too large for one object: the values of their key \
                contract, one after the other, are the JSON of the field contract.
                """,
                of: RevisionPart.schema
            )
            .items(1...64)
            .atomic(),
            "template": RevisionTemplate.schema.described(
                """
                The part of the server's spec that the pod was made from. It is what runs while another version is \
                reviewed, and after a rollback.
                """
            ),
            "acceptance": .string(
                """
                Why the revision may serve without an approval: FirstVersion if nothing was read before, \
                ContractUnchanged if it offers the same as the revision before, NotReviewed if nothing was to be \
                reviewed. Not set if it needs an approval.
                """
            )
            .values(of: RevisionAcceptance.self),
            "separateApprover": .boolean("Whether the person who deployed the revision cannot approve it."),
            "author": .string(
                """
                Who deployed the revision: the person who last changed the server's spec, as the admission policies \
                that are installed with Moorage recorded it.
                """
            )
            .length(0...512),
            "approval": RevisionApproval.schema.described(
                """
                A person's decision about the revision. It is the only field that can be changed; the role Approver \
                allows it.
                """
            ),
        ],
        rules: [
            .exactlyOneOf(
                "contract",
                "parts",
                message: "a revision has either its contract or the parts that contain it"
            )
        ]
    )
}

/// The image of a revision.
public struct RevisionImage: Sendable, Hashable, Codable {
    /// The full reference, with the digest if it is known.
    public var reference: String
    /// The digest of the image; not set if the container runtime did not report it.
    public var digest: String?

    /// Creates a value from its fields.
    public init(reference: String, digest: String? = nil) {
        self.reference = reference
        self.digest = digest
    }
}

extension RevisionImage: SchemaProviding {
    public static let schema = Schema.object(
        RevisionImage.self,
        "The image that the pod ran.",
        [
            "reference": .string("The full reference, with the digest if it is known.").length(1...1024).required(),
            "digest": .string("The digest of the image; not set if the container runtime did not report it.")
                .length(1...256),
        ]
    )
}

/// How many items a revision has.
public struct RevisionCounts: Sendable, Hashable, Codable {
    /// The number of tools.
    public var tools: Int
    /// The number of tools that the curation publishes.
    public var publishedTools: Int
    /// The number of prompts.
    public var prompts: Int
    /// The number of resources.
    public var resources: Int
    /// The number of resource templates.
    public var resourceTemplates: Int

    /// Creates a value from its fields.
    public init(tools: Int, publishedTools: Int, prompts: Int, resources: Int, resourceTemplates: Int) {
        self.tools = tools
        self.publishedTools = publishedTools
        self.prompts = prompts
        self.resources = resources
        self.resourceTemplates = resourceTemplates
    }
}

extension RevisionCounts: SchemaProviding {
    public static let schema = Schema.object(
        RevisionCounts.self,
        "How many items there are.",
        [
            "tools": .integer("The number of tools.").range(0...1000000).required(),
            "publishedTools": .integer("The number of tools that the curation publishes.")
                .range(0...1000000)
                .required(),
            "prompts": .integer("The number of prompts.").range(0...1000000).required(),
            "resources": .integer("The number of resources.").range(0...1000000).required(),
            "resourceTemplates": .integer("The number of resource templates.").range(0...1000000).required(),
        ]
    )
}

/// When and where a contract was read.
public struct RevisionProvenance: Sendable, Hashable, Codable {
    /// When it was read.
    public var time: Timestamp
    /// The pod from which it was read.
    public var pod: String
    /// The protocol version in which it was read.
    public var protocolVersion: String?
    /// The name that the server gave itself.
    public var serverName: String?
    /// The version that the server gave itself.
    public var serverVersion: String?

    /// Creates a value from its fields.
    public init(
        time: Timestamp,
        pod: String,
        protocolVersion: String? = nil,
        serverName: String? = nil,
        serverVersion: String? = nil
    ) {
        self.time = time
        self.pod = pod
        self.protocolVersion = protocolVersion
        self.serverName = serverName
        self.serverVersion = serverVersion
    }
}

extension RevisionProvenance: SchemaProviding {
    public static let schema = Schema.object(
        RevisionProvenance.self,
        "When and where the contract was read.",
        [
            "time": .timestamp("When it was read.").required(),
            "pod": .string("The pod from which it was read; empty for a remote server.").length(0...253).required(),
            "protocolVersion": .string("The protocol version in which it was read.").length(0...64),
            "serverName": .string("The name that the server gave itself.").length(0...253),
            "serverVersion": .string("The version that the server gave itself.").length(0...253),
        ]
    )
}

/// A ConfigMap that contains a part of a contract.
public struct RevisionPart: Sendable, Hashable, Codable {
    /// The ConfigMap, in the same namespace.
    public var name: String
    /// The SHA-256 digest of the part.
    public var digest: String

    /// Creates a value from its fields.
    public init(name: String, digest: String) {
        self.name = name
        self.digest = digest
    }
}

extension RevisionPart: SchemaProviding {
    public static let schema = Schema.object(
        RevisionPart.self,
        "A ConfigMap that contains a part of the contract.",
        [
            "name": .string("The ConfigMap, in the same namespace.").length(1...253).required(),
            "digest": .sha256("The SHA-256 digest of the part.").required(),
        ]
    )
}
