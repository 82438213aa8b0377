public import KubernetesAPI

/// The revision that a server offers now.
public struct ServingRevision: Sendable, Hashable, Codable {
    /// The MCPServerRevision.
    public var name: String
    /// The digest of what the server offers.
    public var contractDigest: String
    /// The image of the pod that was checked.
    public var image: String
    /// The hash of the pod template of the pod that was checked.
    public var podTemplateHash: String?
    /// The digest of the part of the spec that the revision was made from.
    public var template: String?
    /// The digest of the pod template that the pod was made from, as Moorage renders it.
    public var podTemplate: String?
    /// The number of tools that the server offers.
    public var tools: Int
    /// The number of tools that the server's curation publishes.
    public var publishedTools: Int
    /// What is wrong with the curation.
    public var warnings: [String]?
    /// How the contract has changed since these pods were first checked; not set if it has not.
    public var drift: ContractDrift?

    /// Creates a value from its fields.
    public init(
        name: String,
        contractDigest: String,
        image: String,
        podTemplateHash: String? = nil,
        template: String? = nil,
        podTemplate: String? = nil,
        tools: Int,
        publishedTools: Int,
        warnings: [String]? = nil,
        drift: ContractDrift? = nil
    ) {
        self.name = name
        self.contractDigest = contractDigest
        self.image = image
        self.podTemplateHash = podTemplateHash
        self.template = template
        self.podTemplate = podTemplate
        self.tools = tools
        self.publishedTools = publishedTools
        self.warnings = warnings
        self.drift = drift
    }
}

extension ServingRevision: SchemaProviding {
    public static let schema = Schema.object(
        ServingRevision.self,
        "The revision that the server offers now.",
        [
            "name": .string("The MCPServerRevision.").length(0...253).required(),
            "contractDigest": .string("The digest of what the server offers.").length(0...128).required(),
            "image": .string("The image of the pod that was checked.").length(0...1024).required(),
            "podTemplateHash": .string("The hash of the pod template of the pod that was checked.").length(0...63),
            "template": .string("The digest of the part of the spec that the revision was made from.").length(0...128),
            "podTemplate": .string("The digest of the pod template that the pod was made from, as Moorage renders it.")
                .length(0...128),
            "tools": .integer("The number of tools that the server offers.").range(0...1000000).required(),
            "publishedTools": .integer("The number of tools that the server's curation publishes.")
                .range(0...1000000)
                .required(),
            "warnings": .array("What is wrong with the curation.", of: .string("A warning.").length(0...512))
                .items(0...32)
                .atomic(),
            "drift": ContractDrift.schema.described(
                "How the contract has changed since these pods were first checked; not set if it has not."
            ),
        ]
    )
}

/// A change of a contract without a change of the image or the spec.
public struct ContractDrift: Sendable, Hashable, Codable {
    /// The revision that these pods offered first.
    public var from: String
    /// The digest of what these pods offered first.
    public var contractDigest: String
    /// The differences, in words. The list ends with a count if there are too many.
    public var difference: [String]

    /// Creates a value from its fields.
    public init(from: String, contractDigest: String, difference: [String]) {
        self.from = from
        self.contractDigest = contractDigest
        self.difference = difference
    }
}

extension ContractDrift: SchemaProviding {
    public static let schema = Schema.object(
        ContractDrift.self,
        "A change of the contract without a change of the image or the spec.",
        [
            "from": .string("The revision that these pods offered first.").length(0...253).required(),
            "contractDigest": .string("The digest of what these pods offered first.").length(0...128).required(),
            "difference": Schema.differences(
                "The differences, in words. The list ends with a count if there are too many."
            )
            .required(),
        ]
    )
}
