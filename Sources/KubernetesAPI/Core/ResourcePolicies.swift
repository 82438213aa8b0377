/// `core/v1.ResourceQuotaSpec`: limits on all that a namespace uses.
public struct ResourceQuotaSpec: Sendable, Hashable, Codable {
    /// The most of each resource, such as pods: "50", requests.memory: 16Gi or count/secrets: "100".
    public var hard: [String: Quantity]?
    /// Which objects count, such as NotTerminating or BestEffort; all when left out.
    public var scopes: [String]?
    /// Which objects count, by requirements on scopes.
    public var scopeSelector: ScopeSelector?

    /// Makes one from its fields.
    public init(hard: [String: Quantity]? = nil, scopes: [String]? = nil, scopeSelector: ScopeSelector? = nil) {
        self.hard = hard
        self.scopes = scopes
        self.scopeSelector = scopeSelector
    }
}

extension ResourceQuotaSpec: SchemaProviding {
    public static let schema = Schema.object(
        ResourceQuotaSpec.self,
        "Limits on all that the namespace uses.",
        [
            "hard": .map(
                "The most of each resource, such as pods: \"50\", requests.memory: 16Gi or count/secrets: \"100\".",
                of: .quantity()
            )
            .properties(0...128),
            "scopes": .array(
                "Which objects count, such as NotTerminating or BestEffort; all when left out.",
                of: .string().length(1...253)
            )
            .items(0...8)
            .atomic(),
            "scopeSelector": ScopeSelector.schema.described("Which objects count, by requirements on scopes."),
        ]
    )
}

/// `core/v1.ScopeSelector`: requirements on scopes, all of which must be met.
public struct ScopeSelector: Sendable, Hashable, Codable {
    /// The requirements.
    public var matchExpressions: [ScopedResourceSelectorRequirement]?

    /// Makes one from its fields.
    public init(matchExpressions: [ScopedResourceSelectorRequirement]? = nil) {
        self.matchExpressions = matchExpressions
    }
}

extension ScopeSelector: SchemaProviding {
    public static let schema = Schema.object(
        ScopeSelector.self,
        "Requirements on scopes, all of which must be met.",
        [
            "matchExpressions": .array("The requirements.", of: ScopedResourceSelectorRequirement.schema)
                .items(0...16)
                .atomic()
        ]
    )
}

/// `core/v1.ScopedResourceSelectorRequirement`: a requirement on one scope.
public struct ScopedResourceSelectorRequirement: Sendable, Hashable, Codable {
    /// The scope.
    public var scopeName: String
    /// How the scope relates to the values.
    public var `operator`: String
    /// The values for In and NotIn.
    public var values: [String]?

    /// Makes one from its fields.
    public init(scopeName: String, operator: String, values: [String]? = nil) {
        self.scopeName = scopeName
        self.operator = `operator`
        self.values = values
    }
}

extension ScopedResourceSelectorRequirement: SchemaProviding {
    public static let schema = Schema.object(
        ScopedResourceSelectorRequirement.self,
        "A requirement on one scope.",
        [
            "scopeName": .string("The scope.")
                .values(
                    "Terminating",
                    "NotTerminating",
                    "BestEffort",
                    "NotBestEffort",
                    "PriorityClass",
                    "CrossNamespacePodAffinity",
                    "VolumeAttributesClass"
                )
                .required(),
            "operator": .string("How the scope relates to the values.")
                .values("In", "NotIn", "Exists", "DoesNotExist")
                .required(),
            "values": .array("The values for In and NotIn.", of: .string().length(0...63)).items(0...64).atomic(),
        ]
    )
}

/// `core/v1.LimitRangeSpec`: defaults and bounds for single objects of a namespace.
public struct LimitRangeSpec: Sendable, Hashable, Codable {
    /// One entry a type of object.
    public var limits: [LimitRangeItem]

    /// Makes one from its fields.
    public init(limits: [LimitRangeItem]) {
        self.limits = limits
    }
}

extension LimitRangeSpec: SchemaProviding {
    public static let schema = Schema.object(
        LimitRangeSpec.self,
        "Defaults and bounds for single objects of the namespace.",
        [
            "limits": .array("One entry a type of object.", of: LimitRangeItem.schema)
                .items(0...16)
                .atomic()
                .required()
        ]
    )
}

/// `core/v1.LimitRangeItem`: defaults and bounds for one type of object.
public struct LimitRangeItem: Sendable, Hashable, Codable {
    /// The type of object.
    public var type: String
    /// The most that one object may use of each resource.
    public var max: [String: Quantity]?
    /// The least that one object must use of each resource.
    public var min: [String: Quantity]?
    /// The limit of a container without one.
    public var `default`: [String: Quantity]?
    /// The request of a container without one.
    public var defaultRequest: [String: Quantity]?
    /// By which factor a limit may exceed its request.
    public var maxLimitRequestRatio: [String: Quantity]?

    /// Makes one from its fields.
    public init(
        type: String,
        max: [String: Quantity]? = nil,
        min: [String: Quantity]? = nil,
        default: [String: Quantity]? = nil,
        defaultRequest: [String: Quantity]? = nil,
        maxLimitRequestRatio: [String: Quantity]? = nil
    ) {
        self.type = type
        self.max = max
        self.min = min
        self.default = `default`
        self.defaultRequest = defaultRequest
        self.maxLimitRequestRatio = maxLimitRequestRatio
    }
}

extension LimitRangeItem: SchemaProviding {
    public static let schema = Schema.object(
        LimitRangeItem.self,
        "Defaults and bounds for one type of object.",
        [
            "type": .string("The type of object.").values("Container", "Pod", "PersistentVolumeClaim").required(),
            "max": .map("The most that one object may use of each resource.", of: .quantity()).properties(0...32),
            "min": .map("The least that one object must use of each resource.", of: .quantity()).properties(0...32),
            "default": .map("The limit of a container without one.", of: .quantity()).properties(0...32),
            "defaultRequest": .map("The request of a container without one.", of: .quantity()).properties(0...32),
            "maxLimitRequestRatio": .map("By which factor a limit may exceed its request.", of: .quantity())
                .properties(0...32),
        ]
    )
}
