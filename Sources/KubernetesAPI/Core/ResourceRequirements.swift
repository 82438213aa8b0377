/// `core/v1.ResourceRequirements`: what a container asks for, and what it may use at most.
public struct ResourceRequirements: Sendable, Hashable, Codable {
    /// What is set aside for the container, such as cpu: 100m and memory: 128Mi.
    public var requests: [String: Quantity]?
    /// What the container may use at most.
    public var limits: [String: Quantity]?
    /// Claims of the pod (spec.resourceClaims) that the container uses.
    public var claims: [ResourceClaim]?

    /// Makes one from its fields.
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

/// `core/v1.ResourceClaim`: a claim of the pod that a container uses.
public struct ResourceClaim: Sendable, Hashable, Codable {
    /// The claim's name in the pod.
    public var name: String
    /// One request of the claim; all of them when left out.
    public var request: String?

    /// Makes one from its fields.
    public init(name: String, request: String? = nil) {
        self.name = name
        self.request = request
    }
}
