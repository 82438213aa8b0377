/// `core/v1.Affinity`: where a pod should and should not run.
public struct Affinity: Sendable, Hashable, Codable {
    /// By the labels of nodes.
    public var nodeAffinity: NodeAffinity?
    /// Near certain other pods.
    public var podAffinity: PodAffinity?
    /// Away from certain other pods.
    public var podAntiAffinity: PodAntiAffinity?

    /// Makes one from its fields.
    public init(
        nodeAffinity: NodeAffinity? = nil,
        podAffinity: PodAffinity? = nil,
        podAntiAffinity: PodAntiAffinity? = nil
    ) {
        self.nodeAffinity = nodeAffinity
        self.podAffinity = podAffinity
        self.podAntiAffinity = podAntiAffinity
    }
}

extension Affinity: SchemaProviding {
    public static let schema = Schema.object(
        Affinity.self,
        "Where the pods should and should not run.",
        [
            "nodeAffinity": NodeAffinity.schema.described("By the labels of nodes."),
            "podAffinity": PodAffinity.schema.described("Near certain other pods."),
            "podAntiAffinity": PodAntiAffinity.schema.described("Away from certain other pods."),
        ]
    )
}

/// `core/v1.PodAffinity`: pods to be near to.
public struct PodAffinity: Sendable, Hashable, Codable {
    /// What is required for the pod to be scheduled; all terms apply.
    public var requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm]?
    /// What makes a place better than others, by weight.
    public var preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm]?

    /// Makes one from its fields.
    public init(
        requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm]? = nil,
        preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm]? = nil
    ) {
        self.requiredDuringSchedulingIgnoredDuringExecution = requiredDuringSchedulingIgnoredDuringExecution
        self.preferredDuringSchedulingIgnoredDuringExecution = preferredDuringSchedulingIgnoredDuringExecution
    }
}

extension PodAffinity: SchemaProviding {
    public static let schema = Schema.object(
        PodAffinity.self,
        "Pods to be near to.",
        [
            "requiredDuringSchedulingIgnoredDuringExecution": .array(
                "What is required for the pod to be scheduled; all terms apply.",
                of: PodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
            "preferredDuringSchedulingIgnoredDuringExecution": .array(
                "What makes a place better than others, by weight.",
                of: WeightedPodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
        ]
    )
}

/// `core/v1.PodAntiAffinity`: pods to be away from.
public struct PodAntiAffinity: Sendable, Hashable, Codable {
    /// What must not be near for the pod to be placed; all terms count.
    public var requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm]?
    /// What makes a place worse than others, by weight.
    public var preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm]?

    /// Makes one from its fields.
    public init(
        requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm]? = nil,
        preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm]? = nil
    ) {
        self.requiredDuringSchedulingIgnoredDuringExecution = requiredDuringSchedulingIgnoredDuringExecution
        self.preferredDuringSchedulingIgnoredDuringExecution = preferredDuringSchedulingIgnoredDuringExecution
    }
}

extension PodAntiAffinity: SchemaProviding {
    public static let schema = Schema.object(
        PodAntiAffinity.self,
        "Pods to be away from.",
        [
            "requiredDuringSchedulingIgnoredDuringExecution": .array(
                "What must not be near for the pod to be placed; all terms count.",
                of: PodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
            "preferredDuringSchedulingIgnoredDuringExecution": .array(
                "What makes a place worse than others, by weight.",
                of: WeightedPodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
        ]
    )
}

/// `core/v1.WeightedPodAffinityTerm`: a term with a weight.
public struct WeightedPodAffinityTerm: Sendable, Hashable, Codable {
    /// How much the term counts, from 1 to 100.
    public var weight: Int
    /// The term.
    public var podAffinityTerm: PodAffinityTerm

    /// Makes one from its fields.
    public init(weight: Int, podAffinityTerm: PodAffinityTerm) {
        self.weight = weight
        self.podAffinityTerm = podAffinityTerm
    }
}

extension WeightedPodAffinityTerm: SchemaProviding {
    public static let schema = Schema.object(
        WeightedPodAffinityTerm.self,
        "A term with a weight.",
        [
            "weight": .integer("How much the term counts, from 1 to 100.").range(1...100).required(),
            "podAffinityTerm": PodAffinityTerm.schema.described("The term.").required(),
        ]
    )
}

/// `core/v1.PodAffinityTerm`: a set of pods, and what counts as near.
public struct PodAffinityTerm: Sendable, Hashable, Codable {
    /// The node label whose equal values mean the same place, such as kubernetes.io/hostname.
    public var topologyKey: String
    /// Which pods are meant; none when left out.
    public var labelSelector: LabelSelector?
    /// Labels whose values are taken from the pod itself and added to labelSelector.
    public var matchLabelKeys: [String]?
    /// Labels whose values are taken from the pod itself and excluded by labelSelector.
    public var mismatchLabelKeys: [String]?
    /// In which namespaces the pods are, by label; all namespaces when empty.
    public var namespaceSelector: LabelSelector?
    /// In which namespaces the pods are, by name; the pod's own when this and namespaceSelector are left out.
    public var namespaces: [String]?

    /// Makes one from its fields.
    public init(
        topologyKey: String,
        labelSelector: LabelSelector? = nil,
        matchLabelKeys: [String]? = nil,
        mismatchLabelKeys: [String]? = nil,
        namespaceSelector: LabelSelector? = nil,
        namespaces: [String]? = nil
    ) {
        self.topologyKey = topologyKey
        self.labelSelector = labelSelector
        self.matchLabelKeys = matchLabelKeys
        self.mismatchLabelKeys = mismatchLabelKeys
        self.namespaceSelector = namespaceSelector
        self.namespaces = namespaces
    }
}

extension PodAffinityTerm: SchemaProviding {
    public static let schema = Schema.object(
        PodAffinityTerm.self,
        "A set of pods, and what counts as near.",
        [
            "topologyKey": .string(
                "The node label whose equal values mean the same place, such as kubernetes.io/hostname."
            )
            .length(1...317)
            .required(),
            "labelSelector": LabelSelector.schema.described("Which pods are meant; none when left out."),
            "matchLabelKeys": .array(
                "Labels whose values are taken from the pod itself and added to labelSelector.",
                of: .string().length(1...317)
            )
            .items(0...16)
            .atomic(),
            "mismatchLabelKeys": .array(
                "Labels whose values are taken from the pod itself and excluded by labelSelector.",
                of: .string().length(1...317)
            )
            .items(0...16)
            .atomic(),
            "namespaceSelector": LabelSelector.schema.described(
                "In which namespaces the pods are, by label; all namespaces when empty."
            ),
            "namespaces": .array(
                """
                In which namespaces the pods are, by name; the pod's own when this and namespaceSelector are left \
                out.
                """,
                of: .string().length(1...63)
            )
            .items(0...64)
            .atomic(),
        ]
    )
}
