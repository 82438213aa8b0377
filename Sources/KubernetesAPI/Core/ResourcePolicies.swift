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

/// `core/v1.ScopeSelector`: requirements on scopes, all of which must hold.
public struct ScopeSelector: Sendable, Hashable, Codable {
    /// The requirements.
    public var matchExpressions: [ScopedResourceSelectorRequirement]?

    /// Makes one from its fields.
    public init(matchExpressions: [ScopedResourceSelectorRequirement]? = nil) {
        self.matchExpressions = matchExpressions
    }
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

/// `core/v1.LimitRangeSpec`: defaults and bounds for single objects of a namespace.
public struct LimitRangeSpec: Sendable, Hashable, Codable {
    /// One entry a type of object.
    public var limits: [LimitRangeItem]

    /// Makes one from its fields.
    public init(limits: [LimitRangeItem]) {
        self.limits = limits
    }
}

/// `core/v1.LimitRangeItem`: defaults and bounds for one type of object.
public struct LimitRangeItem: Sendable, Hashable, Codable {
    /// The type of object.
    public var type: String
    /// The most that one object may use of each resource.
    public var max: [String: Quantity]?
    /// The least that one object must use of each resource.
    public var min: [String: Quantity]?
    /// The limit of a container that gives none.
    public var `default`: [String: Quantity]?
    /// The request of a container that gives none.
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
