public import CRDModels
public import KubernetesAPI
internal import Policy

/// The hosts that a server requests, as far as servers of other tenants need to know them.
public struct HostClaim: Sendable, Hashable {
    /// The server.
    public var server: NamespacedName
    /// When the server was created.
    public var creationTimestamp: Timestamp?
    /// The part of its spec that the tenant must allow.
    public var spec: MCPServerSpec
    /// The server's current address for clients.
    public var url: String?

    /// The claim of a server, or `nil` if it requests no host.
    public init?(_ server: MCPServer) {
        guard server.spec.exposure?.ingress != nil || server.spec.exposure?.httpRoute != nil else { return nil }
        self.server = NamespacedName(namespace: server.metadata.namespace ?? "", name: server.metadata.name ?? "")
        creationTimestamp = server.metadata.creationTimestamp
        spec = MCPServerSpec(exposure: server.spec.exposure, service: server.spec.service)
        url = server.status?.url
    }

    /// The hosts, in lower case.
    var hosts: [String] { spec.exposure?.hosts ?? [] }

    /// Whether this server gets a host that both request: the server that was created first, then the first by
    /// namespace and name.
    func isBefore(_ other: HostClaim) -> Bool {
        let ages = (
            creationTimestamp?.secondsSinceEpoch ?? .max, other.creationTimestamp?.secondsSinceEpoch ?? .max
        )
        return ages.0 != ages.1 ? ages.0 < ages.1 : server < other.server
    }
}

extension Exposure {
    /// Every requested host, in lower case. A route without host names matches all hosts of its Gateways.
    var hosts: [String] {
        if let ingress { return [ingress.host.lowercased()] }
        guard let httpRoute else { return [] }
        let names = (httpRoute.hostnames ?? []).map { $0.lowercased() }
        return names.isEmpty ? [HostNames.any] : names
    }
}

extension ServerInput {
    /// Why the server cannot be exposed as requested, or `nil` if it can.
    func exposureRefusal() -> Refusal? {
        let policy = exposurePolicy
        if let refusal = policy.refusal(of: server.spec) { return refusal }
        guard let own = HostClaim(server) else { return nil }
        for host in own.hosts {
            let holders = hostClaims.filter { claim in
                claim.server.namespace != own.server.namespace && claim.isBefore(own)
                    && claim.hosts.contains { HostNames.overlap($0, host) } && holds(claim, host: host)
            }
            guard let holder = holders.min(by: { $0.isBefore($1) }) else { continue }
            let tenant = claims[holder.server.namespace]?.name
            return Refusal(
                .hostTaken,
                field: "spec.exposure",
                "the host \(host == HostNames.any ? "of a route without hostnames" : "\"\(host)\"") is already used by a "
                    + "server of " + (tenant.map { "tenant \"\($0)\"" } ?? "namespace \"\(holder.server.namespace)\"")
                    + ", which is older: use another host"
            )
        }
        return nil
    }

    /// Whether the Ingress or HTTPRoute of a refused server must be deleted, although its other objects are kept: its
    /// tenant does not allow it, or another tenant has the host. Without a tenant it is kept.
    var withdrawsExposure: Bool { exposurePolicy.isKnown && exposureRefusal() != nil }

    /// The class of the server's Ingress, `nil` if it has no Ingress.
    func ingressClass() throws(Refusal) -> String? {
        guard let ingress = server.spec.exposure?.ingress else { return nil }
        return try exposurePolicy.ingressClass(ingress)
    }

    private var exposurePolicy: ExposurePolicy {
        ExposurePolicy(namespace: server.metadata.namespace ?? "", claims: claims, platform: platform)
    }

    /// Whether a claim counts. It must be allowed by its tenant, so that servers cannot block the hosts of others. A
    /// server whose tenant was deleted keeps its hosts.
    private func holds(_ claim: HostClaim, host: String) -> Bool {
        let policy = ExposurePolicy(namespace: claim.server.namespace, claims: claims, platform: platform)
        guard policy.isKnown else {
            return claim.hosts.contains { name in claim.url?.contains("://\(name)/") == true }
        }
        return policy.refusal(of: claim.spec) == nil
    }
}
