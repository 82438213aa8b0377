package import CRDModels
package import KubernetesAPI
package import Logging
package import Policy

/// Everything that routes are decided by.
package struct RouteInput: Sendable {
    /// The servers.
    package var servers: [ServerFacts]
    /// The virtual servers.
    package var virtualServers: [VirtualServerFacts] = []
    /// The revisions that the servers name.
    package var revisions: [NamespacedName: RevisionFacts]
    /// Where the ready pods of the servers are.
    package var endpoints: [EndpointFacts]
    /// The credentials of remote servers, as far as they are known.
    package var remotes: [NamespacedName: RemoteFacts] = [:]
    /// Whether remote servers can be on this machine: only where nobody else is served.
    package var reachesLoopback = false
    /// All tenants.
    package var tenants: [MCPTenant]
    /// The namespaces.
    package var namespaces: [NamespaceFacts]
    /// The platform's settings.
    package var platform: PlatformConfiguration
    /// The namespaces that contain no servers.
    package var protected: ProtectedNamespaces

    package init(
        servers: [ServerFacts] = [],
        revisions: [NamespacedName: RevisionFacts] = [:],
        endpoints: [EndpointFacts] = [],
        tenants: [MCPTenant] = [],
        namespaces: [NamespaceFacts] = [],
        platform: PlatformConfiguration = PlatformConfiguration(),
        protected: ProtectedNamespaces? = nil
    ) {
        self.servers = servers
        self.revisions = revisions
        self.endpoints = endpoints
        self.tenants = tenants
        self.namespaces = namespaces
        self.platform = platform
        self.protected = protected ?? ProtectedNamespaces(platform: platform)
    }
}

/// The part of the input that decides the routes of one namespace. Namespaces share nothing, so that a change of one server is in force
/// without another look at all others.
package struct NamespaceRouteInput: Sendable {
    package var namespace: String
    /// Whose rules apply in the namespace.
    package var holder: NamespaceHolder?
    /// Whether it is a namespace that contains no servers.
    package var isProtected: Bool
    package var servers: [ServerFacts]
    package var virtualServers: [VirtualServerFacts] = []
    /// The revisions that the servers name, by name.
    package var revisions: [String: RevisionFacts]
    package var endpoints: [EndpointFacts]
    /// The credentials of remote servers, by the name of the server.
    package var remotes: [String: RemoteFacts] = [:]
    /// Whether remote servers can be on this machine: only where nobody else is served.
    package var reachesLoopback = false
    /// The servers with a revision that is being read, by name, as they were before; `nil` for those that had no route. They keep
    /// publishing what they did.
    var unread: [String: Backend?] = [:]
    /// What the servers published that are in `unread`, as far as it was recorded, by name.
    var published: [String: PublishedOffer] = [:]

    package init(
        namespace: String,
        holder: NamespaceHolder? = nil,
        isProtected: Bool = false,
        servers: [ServerFacts] = [],
        revisions: [String: RevisionFacts] = [:],
        endpoints: [EndpointFacts] = []
    ) {
        self.namespace = namespace
        self.holder = holder
        self.isProtected = isProtected
        self.servers = servers
        self.revisions = revisions
        self.endpoints = endpoints
    }
}

/// Why a server cannot be called through the gateway, or not as its spec says.
public struct RouteProblem: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The namespace belongs to Kubernetes or to the controller.
        case namespaceProtected = "NamespaceProtected"
        /// The tenant was deleted and retained the namespace.
        case namespaceRetained = "NamespaceRetained"
        /// The tenant's settings are not valid.
        case tenantInvalid = "TenantInvalid"
        /// Moorage has not decided about the server yet.
        case pending = "Pending"
        /// The server is not accepted, and has no pods.
        case refused = "Refused"
        /// The server is suspended.
        case suspended = "Suspended"
        /// The server is out of service until what it offers is approved.
        case quarantined = "Quarantined"
        /// The server offers more tools than its tenant's quota allows.
        case toolQuotaExceeded = "ToolQuotaExceeded"
        /// No pod of the server is ready.
        case noPods = "NoPods"
        /// What the server publishes is reviewed or curated, and not known.
        case catalogueMissing = "CatalogueMissing"
        /// The credentials of the remote server cannot be used.
        case credentialsMissing = "CredentialsMissing"
        /// A server has the name of a virtual server.
        case serverNameTaken = "ServerNameTaken"
        /// A virtual server names something that is not published.
        case notResolved = "NotResolved"
    }

    /// The namespace.
    public var namespace: String
    /// The server or virtual server; `nil` if it is about all servers of the namespace.
    public var server: String?
    /// What is wrong.
    public var reason: Reason
    /// What is wrong, and what to do about it.
    public var message: String

    public var description: String {
        "\(namespace)\(server.map { "/\($0)" } ?? ""): \(message) (\(reason.rawValue))"
    }
}

extension RouteProblem {
    /// Logs it.
    package func report(to logger: Logger) {
        logger.notice(
            "a route does not work as its server says",
            metadata: [
                "namespace": "\(namespace)", "server": "\(server ?? "")", "reason": "\(reason.rawValue)",
                "message": "\(message)",
            ]
        )
    }
}
