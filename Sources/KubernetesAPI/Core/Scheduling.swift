/// `core/v1.Toleration`: a taint of nodes that a pod tolerates.
public struct Toleration: Sendable, Hashable, Codable {
    /// The taint's key. An empty key with the operator Exists matches every key.
    public var key: String?
    /// How the value is compared. Defaults to Equal.
    public var `operator`: String?
    /// The taint's value. It is empty for Exists.
    public var value: String?
    /// The taint's effect. An empty effect matches every effect.
    public var effect: String?
    /// Seconds that a NoExecute taint is tolerated. By default, forever.
    public var tolerationSeconds: Int64?

    /// Creates a value from its fields.
    public init(
        key: String? = nil,
        operator: String? = nil,
        value: String? = nil,
        effect: String? = nil,
        tolerationSeconds: Int64? = nil
    ) {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
        self.tolerationSeconds = tolerationSeconds
    }
}

extension Toleration: SchemaProviding {
    public static let schema = Schema.object(
        Toleration.self,
        "A taint of nodes that the pods tolerate.",
        [
            "key": .string("The taint's key. An empty key with the operator Exists matches every key.").length(0...317),
            "operator": .string("How the value is compared. Defaults to Equal.")
                .values("Exists", "Equal", "Lt", "Gt"),
            "value": .string("The taint's value. It is empty for Exists.").length(0...63),
            "effect": .string("The taint's effect. An empty effect matches every effect.")
                .values("", "NoSchedule", "PreferNoSchedule", "NoExecute"),
            "tolerationSeconds": .integer64(
                "Seconds that a NoExecute taint is tolerated. By default, forever."
            ),
        ]
    )
}

/// `core/v1.TopologySpreadConstraint`: how pods are spread over zones or nodes.
public struct TopologySpreadConstraint: Sendable, Hashable, Codable {
    /// The maximum difference in the number of pods between two domains.
    public var maxSkew: Int
    /// The node label that defines a topology domain.
    public var topologyKey: String
    /// What happens to a pod that would violate the constraint.
    public var whenUnsatisfiable: String
    /// Selects the pods that are counted. Defaults to the server's own pods.
    public var labelSelector: LabelSelector?
    /// Labels whose values are taken from the pod itself and added to labelSelector.
    public var matchLabelKeys: [String]?
    /// The minimum number of domains.
    public var minDomains: Int?
    /// Whether nodes that the pod's affinity excludes are counted. Defaults to Honor.
    public var nodeAffinityPolicy: String?
    /// Whether nodes with taints that the pod does not tolerate are counted. Defaults to Ignore.
    public var nodeTaintsPolicy: String?

    /// Creates a value from its fields.
    public init(
        maxSkew: Int,
        topologyKey: String,
        whenUnsatisfiable: String,
        labelSelector: LabelSelector? = nil,
        matchLabelKeys: [String]? = nil,
        minDomains: Int? = nil,
        nodeAffinityPolicy: String? = nil,
        nodeTaintsPolicy: String? = nil
    ) {
        self.maxSkew = maxSkew
        self.topologyKey = topologyKey
        self.whenUnsatisfiable = whenUnsatisfiable
        self.labelSelector = labelSelector
        self.matchLabelKeys = matchLabelKeys
        self.minDomains = minDomains
        self.nodeAffinityPolicy = nodeAffinityPolicy
        self.nodeTaintsPolicy = nodeTaintsPolicy
    }
}

extension TopologySpreadConstraint: SchemaProviding {
    public static let schema = Schema.object(
        TopologySpreadConstraint.self,
        "How the pods are spread over zones or nodes.",
        [
            "maxSkew": .integer("The maximum difference in the number of pods between two domains.")
                .range(1...2147483647)
                .required(),
            "topologyKey": .string("The node label that defines a topology domain.").length(1...317).required(),
            "whenUnsatisfiable": .string("What happens to a pod that would violate the constraint.")
                .values("DoNotSchedule", "ScheduleAnyway")
                .required(),
            "labelSelector": LabelSelector.schema.described(
                "Selects the pods that are counted. Defaults to the server's own pods."
            ),
            "matchLabelKeys": .array(
                "Labels whose values are taken from the pod itself and added to labelSelector.",
                of: .string().length(1...317)
            )
            .items(0...16)
            .atomic(),
            "minDomains": .integer("The minimum number of domains.").range(1...2147483647),
            "nodeAffinityPolicy": .string(
                "Whether nodes that the pod's affinity excludes are counted. Defaults to Honor."
            )
            .values("Honor", "Ignore"),
            "nodeTaintsPolicy": .string(
                "Whether nodes with taints that the pod does not tolerate are counted. Defaults to Ignore."
            )
            .values("Honor", "Ignore"),
        ]
    )
}
