/// `core/v1.ResourceRequirements`: the requests and limits of a container.
public struct ResourceRequirements: Sendable, Hashable, Codable {
    /// The resources that are reserved, such as cpu: 100m and memory: 128Mi.
    public var requests: [String: Quantity]?
    /// The maximum resources that the container can use.
    public var limits: [String: Quantity]?
    /// Claims of the pod (spec.resourceClaims) that the container uses.
    public var claims: [ResourceClaim]?

    /// Creates a value from its fields.
    public init(
        requests: [String: Quantity]? = nil,
        limits: [String: Quantity]? = nil,
        claims: [ResourceClaim]? = nil
    ) {
        self.requests = requests
        self.limits = limits
        self.claims = claims
    }
}

extension ResourceRequirements: SchemaProviding {
    public static let schema = Schema.object(
        ResourceRequirements.self,
        "The requests and limits of the container.",
        [
            "requests": .map(
                "The resources that are reserved, such as cpu: 100m and memory: 128Mi.",
                of: .quantity()
            )
            .properties(0...32),
            "limits": .map("The maximum resources that the container can use.", of: .quantity()).properties(0...32),
            "claims": .array(
                "Claims of the pod (spec.resourceClaims) that the container uses.",
                of: ResourceClaim.schema
            )
            .items(0...32)
            .listMap("name"),
        ]
    )
}

/// `core/v1.ResourceClaim`: a claim of the pod that a container uses.
public struct ResourceClaim: Sendable, Hashable, Codable {
    /// The claim's name in the pod.
    public var name: String
    /// A request of the claim. Defaults to all.
    public var request: String?

    /// Creates a value from its fields.
    public init(name: String, request: String? = nil) {
        self.name = name
        self.request = request
    }
}

extension ResourceClaim: SchemaProviding {
    public static let schema = Schema.object(
        ResourceClaim.self,
        "A claim of the pod that the container uses.",
        [
            "name": .string("The claim's name in the pod.").length(1...63).required(),
            "request": .string("A request of the claim. Defaults to all.").length(0...63),
        ]
    )
}
