/// `core/v1.Affinity`: where a pod should and should not run.
public struct Affinity: Sendable, Hashable, Codable {
    /// Constraints on the labels of nodes.
    public var nodeAffinity: NodeAffinity?
    /// Places the pods near other pods.
    public var podAffinity: PodAffinity?
    /// Places the pods away from other pods.
    public var podAntiAffinity: PodAntiAffinity?

    /// Creates a value from its fields.
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
            "nodeAffinity": NodeAffinity.schema.described("Constraints on the labels of nodes."),
            "podAffinity": PodAffinity.schema.described("Places the pods near other pods."),
            "podAntiAffinity": PodAntiAffinity.schema.described("Places the pods away from other pods."),
        ]
    )
}

/// `core/v1.PodAffinity`: pods that a pod is placed near.
public struct PodAffinity: Sendable, Hashable, Codable {
    /// What is required for the pod to be scheduled. All terms apply.
    public var requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm]?
    /// What is preferred, by weight.
    public var preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm]?

    /// Creates a value from its fields.
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
        "The pods that a pod is placed near.",
        [
            "requiredDuringSchedulingIgnoredDuringExecution": .array(
                "What is required for the pod to be scheduled. All terms apply.",
                of: PodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
            "preferredDuringSchedulingIgnoredDuringExecution": .array(
                "What is preferred, by weight.",
                of: WeightedPodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
        ]
    )
}

/// `core/v1.PodAntiAffinity`: pods that a pod is placed away from.
public struct PodAntiAffinity: Sendable, Hashable, Codable {
    /// What is required for the pod to be scheduled. All terms apply.
    public var requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm]?
    /// What is preferred, by weight.
    public var preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm]?

    /// Creates a value from its fields.
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
        "The pods that a pod is placed away from.",
        [
            "requiredDuringSchedulingIgnoredDuringExecution": .array(
                "What is required for the pod to be scheduled. All terms apply.",
                of: PodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
            "preferredDuringSchedulingIgnoredDuringExecution": .array(
                "What is preferred, by weight.",
                of: WeightedPodAffinityTerm.schema
            )
            .items(0...32)
            .atomic(),
        ]
    )
}

/// `core/v1.WeightedPodAffinityTerm`: a term with a weight.
public struct WeightedPodAffinityTerm: Sendable, Hashable, Codable {
    /// The weight of the term, from 1 to 100.
    public var weight: Int
    /// The term.
    public var podAffinityTerm: PodAffinityTerm

    /// Creates a value from its fields.
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
            "weight": .integer("The weight of the term, from 1 to 100.").range(1...100).required(),
            "podAffinityTerm": PodAffinityTerm.schema.described("The term.").required(),
        ]
    )
}

/// `core/v1.PodAffinityTerm`: a set of pods, and the topology in which they are near.
public struct PodAffinityTerm: Sendable, Hashable, Codable {
    /// The node label that defines a topology domain, such as kubernetes.io/hostname.
    public var topologyKey: String
    /// Selects the pods. If not set, it matches no pods.
    public var labelSelector: LabelSelector?
    /// Labels whose values are taken from the pod itself and added to labelSelector.
    public var matchLabelKeys: [String]?
    /// Labels whose values are taken from the pod itself and excluded by labelSelector.
    public var mismatchLabelKeys: [String]?
    /// The namespaces of the pods, by label. An empty selector matches all namespaces.
    public var namespaceSelector: LabelSelector?
    /// The namespaces of the pods, by name. Defaults to the pod's namespace if namespaceSelector is not set.
    public var namespaces: [String]?

    /// Creates a value from its fields.
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
        "A set of pods, and the topology in which they are near.",
        [
            "topologyKey": .string(
                "The node label that defines a topology domain, such as kubernetes.io/hostname."
            )
            .length(1...317)
            .required(),
            "labelSelector": LabelSelector.schema.described("Selects the pods. If not set, it matches no pods."),
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
                "The namespaces of the pods, by label. An empty selector matches all namespaces."
            ),
            "namespaces": .array(
                """
                The namespaces of the pods, by name. Defaults to the pod's namespace if namespaceSelector is not \
                set.
                """,
                of: .string().length(1...63)
            )
            .items(0...64)
            .atomic(),
        ]
    )
}
