public import SandboxCluster

extension SandboxCluster {
    /// The writes of a client so far, in order; Events and Leases, which are no part of what is wanted, are left out.
    public func writes(by userAgent: String = "moorage-operator") -> [RequestRecord] {
        requests.filter { request in
            request.isWrite && request.userAgent.hasPrefix(userAgent)
                && !["events", "leases"].contains(request.resource)
        }
    }
}
