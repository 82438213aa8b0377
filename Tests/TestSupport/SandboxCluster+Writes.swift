public import SandboxCluster

extension SandboxCluster {
    /// The writes of a client so far, in order, without Events and Leases.
    public func writes(by userAgent: String = "moorage-operator") -> [RequestRecord] {
        requests.filter { request in
            request.isWrite && request.userAgent.hasPrefix(userAgent)
                && !["events", "leases"].contains(request.resource)
        }
    }
}

extension RequestRecord {
    /// Whether this is about what `TestCluster.letOperatorPass` creates.
    public var isOfPass: Bool { namespace.hasPrefix(TestCluster.passNamespacePrefix) }
}
