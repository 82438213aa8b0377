/// A change of what calls are decided by, for the audit log. Pure.
public struct RuleChange: Sendable, Hashable {
    /// The namespace whose rules changed.
    public var namespace: String
    /// The tenant that holds it now; `nil` if none does.
    public var tenant: String?
    /// The server; `nil` if the rules of the whole namespace changed.
    public var server: String?
    /// The virtual server, if it is about one.
    public var virtualServer: String?
    /// The digest of the revision that the server publishes now.
    public var revisionDigest: String?
    /// What changed.
    public var reason: Reason

    /// What changes.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Another tenant, or none, holds the namespace.
        case tenantChanged = "TenantChanged"
        /// The tenant's access rules are others.
        case accessChanged = "AccessChanged"
        /// The limits of calls are others.
        case limitsChanged = "LimitsChanged"
        /// The server can be called at a path of its own now.
        case serverAdded = "ServerAdded"
        /// The server has no path any more.
        case serverRemoved = "ServerRemoved"
        /// Whether arguments are checked has changed.
        case validationChanged = "ValidationChanged"
        /// The server publishes something else.
        case contractChanged = "ContractChanged"
        /// The virtual server can be called now.
        case virtualServerAdded = "VirtualServerAdded"
        /// The virtual server cannot be called any more.
        case virtualServerRemoved = "VirtualServerRemoved"
        /// The virtual server publishes something else.
        case virtualServerChanged = "VirtualServerChanged"
    }
}

extension NamespaceRoutes {
    /// How rules changed, those of the namespace first, and then by server.
    func changes(since before: NamespaceRoutes, of namespace: String) -> [RuleChange] {
        let (old, new) = (before.routes.first?.rules, routes.first?.rules)
        let tenant = (new ?? old)?.tenant
        var changes: [RuleChange] = []
        func add(_ reason: RuleChange.Reason, server: Backend? = nil) {
            changes.append(
                RuleChange(
                    namespace: namespace,
                    tenant: tenant,
                    server: server?.name,
                    revisionDigest: reason == .serverRemoved ? nil : server?.catalogue?.revisionDigest,
                    reason: reason
                )
            )
        }
        // A namespace that gets its first server, or loses its last one, has no rules to compare.
        if let old, let new {
            if old.tenant != new.tenant { add(.tenantChanged) }
            if old.access != new.access { add(.accessChanged) }
            if (old.mode, old.callsPerMinutePerServer, old.callsPerMinutePerClient)
                != (new.mode, new.callsPerMinutePerServer, new.callsPerMinutePerClient)
            {
                add(.limitsChanged)
            }
        }
        let (servers, known) = (ownBackends, before.ownBackends)
        for name in Set(servers.keys).union(known.keys).sorted() {
            switch (known[name], servers[name]) {
            case (nil, let added?): add(.serverAdded, server: added)
            case (let removed?, nil): add(.serverRemoved, server: removed)
            case (let old?, let new?):
                if old.toolCallsPerMinute != new.toolCallsPerMinute { add(.limitsChanged, server: new) }
                if old.validatesArguments != new.validatesArguments { add(.validationChanged, server: new) }
                if old.catalogue != new.catalogue { add(.contractChanged, server: new) }
            default: break
            }
        }
        let (virtual, knownVirtual) = (virtualRoutes, before.virtualRoutes)
        for name in Set(virtual.keys).union(knownVirtual.keys).sorted() {
            let reason: RuleChange.Reason
            switch (knownVirtual[name], virtual[name]) {
            case (nil, _?): reason = .virtualServerAdded
            case (_?, nil): reason = .virtualServerRemoved
            case (let old?, let new?) where old.publishesOther(than: new): reason = .virtualServerChanged
            default: continue
            }
            changes.append(
                RuleChange(namespace: namespace, tenant: tenant, virtualServer: name, reason: reason)
            )
        }
        return changes
    }

    /// The routes of virtual servers, by name.
    private var virtualRoutes: [String: Route] {
        Dictionary(
            routes.compactMap { route in route.virtualServer.map { ($0, route) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The servers at paths of their own, by name.
    private var ownBackends: [String: Backend] {
        Dictionary(
            routes.compactMap { $0.single.map { ($0.backend.name, $0.backend) } },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension Route {
    /// Whether another version of the route publishes something else.
    fileprivate func publishesOther(than new: Route) -> Bool {
        searchesTools != new.searchesTools
            || members.map(\.backend.id) != new.members.map(\.backend.id)
            || members.map(\.selection) != new.members.map(\.selection)
    }
}
