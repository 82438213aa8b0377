/// `core/v1.ResourceQuotaSpec`: limits on the total usage of a namespace.
public struct ResourceQuotaSpec: Sendable, Hashable, Codable {
    /// The limit of each resource, such as pods: "50", requests.memory: 16Gi or count/secrets: "100".
    public var hard: [String: Quantity]?
    /// The scopes of objects that count, such as NotTerminating or BestEffort. Defaults to all.
    public var scopes: [String]?
    /// The objects that count, by requirements on scopes.
    public var scopeSelector: ScopeSelector?

    /// Creates a value from its fields.
    public init(hard: [String: Quantity]? = nil, scopes: [String]? = nil, scopeSelector: ScopeSelector? = nil) {
        self.hard = hard
        self.scopes = scopes
        self.scopeSelector = scopeSelector
    }
}

extension ResourceQuotaSpec: SchemaProviding {
    public static let schema = Schema.object(
        ResourceQuotaSpec.self,
        "Limits on the total usage of the namespace.",
        [
            "hard": .map(
                "The limit of each resource, such as pods: \"50\", requests.memory: 16Gi or count/secrets: \"100\".",
                of: .quantity()
            )
            .properties(0...128),
            "scopes": .array(
                "The scopes of objects that count, such as NotTerminating or BestEffort. Defaults to all.",
                of: .string().length(1...253)
            )
            .items(0...8)
            .atomic(),
            "scopeSelector": ScopeSelector.schema.described("The objects that count, by requirements on scopes."),
        ]
    )
}

/// `core/v1.ScopeSelector`: requirements on scopes, all of which must be met.
public struct ScopeSelector: Sendable, Hashable, Codable {
    /// The requirements.
    public var matchExpressions: [ScopedResourceSelectorRequirement]?

    /// Creates a value from its fields.
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

    /// Creates a value from its fields.
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

/// `core/v1.LimitRangeSpec`: defaults and limits for each object of a namespace.
public struct LimitRangeSpec: Sendable, Hashable, Codable {
    /// One entry for each type of object.
    public var limits: [LimitRangeItem]

    /// Creates a value from its fields.
    public init(limits: [LimitRangeItem]) {
        self.limits = limits
    }
}

extension LimitRangeSpec: SchemaProviding {
    public static let schema = Schema.object(
        LimitRangeSpec.self,
        "Defaults and limits for each object of the namespace.",
        [
            "limits": .array("One entry for each type of object.", of: LimitRangeItem.schema)
                .items(0...16)
                .atomic()
                .required()
        ]
    )
}

/// `core/v1.LimitRangeItem`: defaults and limits for one type of object.
public struct LimitRangeItem: Sendable, Hashable, Codable {
    /// The type of object.
    public var type: String
    /// The maximum amount of each resource for one object.
    public var max: [String: Quantity]?
    /// The minimum amount of each resource for one object.
    public var min: [String: Quantity]?
    /// The default limit of a container.
    public var `default`: [String: Quantity]?
    /// The default request of a container.
    public var defaultRequest: [String: Quantity]?
    /// The maximum ratio of limit to request.
    public var maxLimitRequestRatio: [String: Quantity]?

    /// Creates a value from its fields.
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
        "Defaults and limits for one type of object.",
        [
            "type": .string("The type of object.").values("Container", "Pod", "PersistentVolumeClaim").required(),
            "max": .map("The maximum amount of each resource for one object.", of: .quantity()).properties(0...32),
            "min": .map("The minimum amount of each resource for one object.", of: .quantity()).properties(0...32),
            "default": .map("The default limit of a container.", of: .quantity()).properties(0...32),
            "defaultRequest": .map("The default request of a container.", of: .quantity()).properties(0...32),
            "maxLimitRequestRatio": .map("The maximum ratio of limit to request.", of: .quantity())
                .properties(0...32),
        ]
    )
}
