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

/// `core/v1.NodeAffinity`: which nodes suit, by their labels.
public struct NodeAffinity: Sendable, Hashable, Codable {
    /// What a node must fulfil for the pod to be placed there.
    public var requiredDuringSchedulingIgnoredDuringExecution: NodeSelector?
    /// What makes a node better than others, by weight.
    public var preferredDuringSchedulingIgnoredDuringExecution: [PreferredSchedulingTerm]?

    /// Makes one from its fields.
    public init(
        requiredDuringSchedulingIgnoredDuringExecution: NodeSelector? = nil,
        preferredDuringSchedulingIgnoredDuringExecution: [PreferredSchedulingTerm]? = nil
    ) {
        self.requiredDuringSchedulingIgnoredDuringExecution = requiredDuringSchedulingIgnoredDuringExecution
        self.preferredDuringSchedulingIgnoredDuringExecution = preferredDuringSchedulingIgnoredDuringExecution
    }
}

/// `core/v1.PreferredSchedulingTerm`: a wish about nodes, with a weight.
public struct PreferredSchedulingTerm: Sendable, Hashable, Codable {
    /// How much the wish counts, from 1 to 100.
    public var weight: Int
    /// The wish.
    public var preference: NodeSelectorTerm

    /// Makes one from its fields.
    public init(weight: Int, preference: NodeSelectorTerm) {
        self.weight = weight
        self.preference = preference
    }
}

/// `core/v1.NodeSelector`: alternatives, one of which a node must fulfil.
public struct NodeSelector: Sendable, Hashable, Codable {
    /// The alternatives.
    public var nodeSelectorTerms: [NodeSelectorTerm]

    /// Makes one from its fields.
    public init(nodeSelectorTerms: [NodeSelectorTerm]) {
        self.nodeSelectorTerms = nodeSelectorTerms
    }
}

/// `core/v1.NodeSelectorTerm`: requirements that must all hold.
public struct NodeSelectorTerm: Sendable, Hashable, Codable {
    /// Requirements on the node's labels.
    public var matchExpressions: [NodeSelectorRequirement]?
    /// Requirements on the node's fields, such as metadata.name.
    public var matchFields: [NodeSelectorRequirement]?

    /// Makes one from its fields.
    public init(matchExpressions: [NodeSelectorRequirement]? = nil, matchFields: [NodeSelectorRequirement]? = nil) {
        self.matchExpressions = matchExpressions
        self.matchFields = matchFields
    }
}

/// `core/v1.NodeSelectorRequirement`: a requirement on one label or field of a node.
public struct NodeSelectorRequirement: Sendable, Hashable, Codable {
    /// The label or field.
    public var key: String
    /// How the label relates to the values.
    public var `operator`: String
    /// The values: several for In and NotIn, one whole number for Gt and Lt, none for Exists and DoesNotExist.
    public var values: [String]?

    /// Makes one from its fields.
    public init(key: String, operator: String, values: [String]? = nil) {
        self.key = key
        self.operator = `operator`
        self.values = values
    }
}

/// `core/v1.PodAffinity`: pods to be near to.
public struct PodAffinity: Sendable, Hashable, Codable {
    /// What must hold for the pod to be placed; all terms count.
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
