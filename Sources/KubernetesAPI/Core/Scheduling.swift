/// `core/v1.Toleration`: a taint of nodes that a pod puts up with.
public struct Toleration: Sendable, Hashable, Codable {
    /// The taint's key; every key when empty, and then operator must be Exists.
    public var key: String?
    /// How the value is compared; Equal when left out.
    public var `operator`: String?
    /// The taint's value; empty for Exists.
    public var value: String?
    /// The taint's effect; every effect when empty.
    public var effect: String?
    /// How long a NoExecute taint is put up with, in seconds; without end when left out.
    public var tolerationSeconds: Int64?

    /// Makes one from its fields.
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
        "A taint of nodes that the pods put up with.",
        [
            "key": .string("The taint's key; every key when empty, and then operator must be Exists.").length(0...317),
            "operator": .string("How the value is compared; Equal when left out.")
                .values("Exists", "Equal", "Lt", "Gt"),
            "value": .string("The taint's value; empty for Exists.").length(0...63),
            "effect": .string("The taint's effect; every effect when empty.")
                .values("", "NoSchedule", "PreferNoSchedule", "NoExecute"),
            "tolerationSeconds": .integer64(
                "How long a NoExecute taint is put up with, in seconds; without end when left out."
            ),
        ]
    )
}

/// `core/v1.TopologySpreadConstraint`: how pods spread over zones or nodes.
public struct TopologySpreadConstraint: Sendable, Hashable, Codable {
    /// By how many pods two places may differ.
    public var maxSkew: Int
    /// The node label whose equal values mean the same place.
    public var topologyKey: String
    /// What happens to a pod that would break the constraint.
    public var whenUnsatisfiable: String
    /// Which pods are counted. The server's own pods when left out.
    public var labelSelector: LabelSelector?
    /// Labels whose values are taken from the pod itself and added to labelSelector.
    public var matchLabelKeys: [String]?
    /// How many places there must be at least.
    public var minDomains: Int?
    /// Whether nodes that the pod's affinity excludes are counted; Honor when left out.
    public var nodeAffinityPolicy: String?
    /// Whether nodes with taints that the pod does not tolerate are counted; Ignore when left out.
    public var nodeTaintsPolicy: String?

    /// Makes one from its fields.
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
        "How the pods spread over zones or nodes.",
        [
            "maxSkew": .integer("By how many pods two places may differ.").range(1...2147483647).required(),
            "topologyKey": .string("The node label whose equal values mean the same place.").length(1...317).required(),
            "whenUnsatisfiable": .string("What happens to a pod that would break the constraint.")
                .values("DoNotSchedule", "ScheduleAnyway")
                .required(),
            "labelSelector": LabelSelector.schema.described(
                "Which pods are counted. The server's own pods when left out."
            ),
            "matchLabelKeys": .array(
                "Labels whose values are taken from the pod itself and added to labelSelector.",
                of: .string().length(1...317)
            )
            .items(0...16)
            .atomic(),
            "minDomains": .integer("How many places there must be at least.").range(1...2147483647),
            "nodeAffinityPolicy": .string(
                "Whether nodes that the pod's affinity excludes are counted; Honor when left out."
            )
            .values("Honor", "Ignore"),
            "nodeTaintsPolicy": .string(
                "Whether nodes with taints that the pod does not tolerate are counted; Ignore when left out."
            )
            .values("Honor", "Ignore"),
        ]
    )
}
