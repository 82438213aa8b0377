/// `core/v1.NodeAffinity`: constraints on nodes, by their labels.
public struct NodeAffinity: Sendable, Hashable, Codable {
    /// What is required of a node.
    public var requiredDuringSchedulingIgnoredDuringExecution: NodeSelector?
    /// What is preferred in a node, by weight.
    public var preferredDuringSchedulingIgnoredDuringExecution: [PreferredSchedulingTerm]?

    /// Creates a value from its fields.
    public init(
        requiredDuringSchedulingIgnoredDuringExecution: NodeSelector? = nil,
        preferredDuringSchedulingIgnoredDuringExecution: [PreferredSchedulingTerm]? = nil
    ) {
        self.requiredDuringSchedulingIgnoredDuringExecution = requiredDuringSchedulingIgnoredDuringExecution
        self.preferredDuringSchedulingIgnoredDuringExecution = preferredDuringSchedulingIgnoredDuringExecution
    }
}

extension NodeAffinity: SchemaProviding {
    public static let schema = Schema.object(
        NodeAffinity.self,
        "Which nodes suit, by their labels.",
        [
            "requiredDuringSchedulingIgnoredDuringExecution": NodeSelector.schema.described(
                "What is required of a node."
            ),
            "preferredDuringSchedulingIgnoredDuringExecution": .array(
                "What is preferred in a node, by weight.",
                of: PreferredSchedulingTerm.schema
            )
            .items(0...32)
            .atomic(),
        ]
    )
}

/// `core/v1.PreferredSchedulingTerm`: a preference for nodes, with a weight.
public struct PreferredSchedulingTerm: Sendable, Hashable, Codable {
    /// The weight of the preference, from 1 to 100.
    public var weight: Int
    /// The preference.
    public var preference: NodeSelectorTerm

    /// Creates a value from its fields.
    public init(weight: Int, preference: NodeSelectorTerm) {
        self.weight = weight
        self.preference = preference
    }
}

extension PreferredSchedulingTerm: SchemaProviding {
    public static let schema = Schema.object(
        PreferredSchedulingTerm.self,
        "A preference for nodes, with a weight.",
        [
            "weight": .integer("The weight of the preference, from 1 to 100.").range(1...100).required(),
            "preference": NodeSelectorTerm.schema.described("The wish.").required(),
        ]
    )
}

/// `core/v1.NodeSelector`: terms, at least one of which a node must match.
public struct NodeSelector: Sendable, Hashable, Codable {
    /// The terms.
    public var nodeSelectorTerms: [NodeSelectorTerm]

    /// Creates a value from its fields.
    public init(nodeSelectorTerms: [NodeSelectorTerm]) {
        self.nodeSelectorTerms = nodeSelectorTerms
    }
}

extension NodeSelector: SchemaProviding {
    public static let schema = Schema.object(
        NodeSelector.self,
        "Terms, at least one of which a node must match.",
        [
            "nodeSelectorTerms": .array("The alternatives.", of: NodeSelectorTerm.schema)
                .items(1...32)
                .atomic()
                .required()
        ]
    )
}

/// `core/v1.NodeSelectorTerm`: requirements that must all be met.
public struct NodeSelectorTerm: Sendable, Hashable, Codable {
    /// Requirements on the node's labels.
    public var matchExpressions: [NodeSelectorRequirement]?
    /// Requirements on the node's fields, such as metadata.name.
    public var matchFields: [NodeSelectorRequirement]?

    /// Creates a value from its fields.
    public init(matchExpressions: [NodeSelectorRequirement]? = nil, matchFields: [NodeSelectorRequirement]? = nil) {
        self.matchExpressions = matchExpressions
        self.matchFields = matchFields
    }
}

extension NodeSelectorTerm: SchemaProviding {
    public static let schema = Schema.object(
        NodeSelectorTerm.self,
        "Requirements that must all be met.",
        [
            "matchExpressions": .array("Requirements on the node's labels.", of: NodeSelectorRequirement.schema)
                .items(0...32)
                .atomic(),
            "matchFields": .array(
                "Requirements on the node's fields, such as metadata.name.",
                of: NodeSelectorRequirement.schema
            )
            .items(0...32)
            .atomic(),
        ]
    )
}

/// `core/v1.NodeSelectorRequirement`: a requirement on a label or field of a node.
public struct NodeSelectorRequirement: Sendable, Hashable, Codable {
    /// The label or field.
    public var key: String
    /// How the label relates to the values.
    public var `operator`: String
    /// The values: several for In and NotIn, one integer for Gt and Lt, none for Exists and DoesNotExist.
    public var values: [String]?

    /// Creates a value from its fields.
    public init(key: String, operator: String, values: [String]? = nil) {
        self.key = key
        self.operator = `operator`
        self.values = values
    }
}

extension NodeSelectorRequirement: SchemaProviding {
    public static let schema = Schema.object(
        NodeSelectorRequirement.self,
        "A requirement on one label or field of a node.",
        [
            "key": .string("The label or field.").length(1...317).required(),
            "operator": .string("How the label relates to the values.")
                .values("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
                .required(),
            "values": .array(
                """
                The values: several for In and NotIn, one whole number for Gt and Lt, none for Exists and \
                DoesNotExist.
                """,
                of: .string().length(0...63)
            )
            .items(0...64)
            .atomic(),
        ]
    )
}
