internal import CRDModels
internal import KubernetesAPI
package import Policy

extension RouteTable {
    /// Decides the routes of a cluster: `/NAMESPACE/NAME/mcp` for each server, and `/NAMESPACE/mcp` for all servers of a namespace
    /// together. Pure.
    package static func decide(_ input: RouteInput) -> (table: RouteTable, problems: [RouteProblem]) {
        let claims = NamespaceClaims(
            tenants: input.tenants,
            namespaces: input.namespaces,
            protected: input.protected
        )
        let servers = Dictionary(grouping: input.servers, by: \.namespace)
        let virtualServers = Dictionary(grouping: input.virtualServers, by: \.namespace)
        let endpoints = Dictionary(grouping: input.endpoints, by: \.namespace)
        var revisions: [String: [String: RevisionFacts]] = [:]
        for (key, facts) in input.revisions { revisions[key.namespace, default: [:]][key.name] = facts }
        var remotes: [String: [String: RemoteFacts]] = [:]
        for (key, facts) in input.remotes { remotes[key.namespace, default: [:]][key.name] = facts }
        let decided = Set(servers.keys).union(virtualServers.keys).sorted().map { namespace in
            var own = NamespaceRouteInput(
                namespace: namespace,
                holder: claims[namespace],
                isProtected: input.protected.contains(namespace),
                servers: servers[namespace] ?? [],
                revisions: revisions[namespace] ?? [:],
                endpoints: endpoints[namespace] ?? []
            )
            own.virtualServers = virtualServers[namespace] ?? []
            own.reachesLoopback = input.reachesLoopback
            own.remotes = remotes[namespace] ?? [:]
            return NamespaceRoutes(own, platform: input.platform)
        }
        return (RouteTable(decided.lazy.flatMap(\.routes)), decided.flatMap(\.problems))
    }
}

/// The routes of one namespace. Pure.
package struct NamespaceRoutes: Sendable, Hashable {
    package private(set) var routes: [Route] = []
    /// What is wrong, in the order of the servers' names, and then of the virtual servers'.
    package private(set) var problems: [RouteProblem] = []
    /// What is recorded of what servers publish, by name.
    private(set) var published: [String: PublishedOffer] = [:]

    /// No routes.
    init() {}

    package init(_ input: NamespaceRouteInput, platform: PlatformConfiguration) {
        let namespace = input.namespace
        guard !input.servers.isEmpty || !input.virtualServers.isEmpty else { return }
        guard !input.isProtected else {
            problems = [
                RouteProblem(
                    namespace: namespace,
                    reason: .namespaceProtected,
                    message: "the namespace belongs to Kubernetes or to the controller, so its servers have no routes"
                )
            ]
            return
        }
        let tenant = TenantDecision(input, platform: platform)
        problems += [tenant.problem].compactMap { $0 }
        var joined: [Backend] = []
        var offers: [VirtualServerPlan.Server] = []
        for server in input.servers.sorted(by: { $0.name < $1.name }) where !server.isDeleting {
            // It is a moment until a new server's revision is read.
            guard input.unread[server.name] != .some(nil) else {
                offers.append(.init(name: server.name, labels: server.labels, offer: .unknown("it is being read")))
                continue
            }
            let decision = ServerDecision(server, input, tenant)
            problems += decision.problems
            var route = Route(
                path: GatewayPath.server(server.name, in: namespace),
                backend: decision.backend,
                rules: tenant.rules
            )
            route.publication = decision.published?.publication
            routes.append(route)
            if decision.isJoined { joined.append(decision.backend) }
            offers.append(.init(name: server.name, labels: server.labels, offer: decision.offer))
            published[server.name] = decision.published
        }
        for virtualServer in input.virtualServers.sorted(by: { $0.name < $1.name }) where !virtualServer.isDeleting {
            add(virtualServer, offers, joined, tenant)
        }
        guard !routes.isEmpty else { return }
        routes.append(Route(path: GatewayPath.all(in: namespace), joining: joined, rules: tenant.rules))
    }

    /// Adds the route of a virtual server.
    ///
    /// - Parameters:
    ///   - offers: what the servers of the namespace offer.
    ///   - reachable: the servers that are called. Those that are out of service keep their names, and are not listed.
    private mutating func add(
        _ virtualServer: VirtualServerFacts,
        _ offers: [VirtualServerPlan.Server],
        _ reachable: [Backend],
        _ tenant: TenantDecision
    ) {
        let (namespace, name) = (virtualServer.namespace, virtualServer.name)
        func report(_ reason: RouteProblem.Reason, _ message: String) {
            problems.append(RouteProblem(namespace: namespace, server: name, reason: reason, message: message))
        }
        guard !offers.contains(where: { $0.name == name }) else {
            return report(.serverNameTaken, "the virtual server has no route, because a server has its name")
        }
        let plan = VirtualServerPlan(virtualServer.spec, servers: offers)
        for problem in plan.problems { report(.notResolved, "\(problem)") }
        let backends = Dictionary(reachable.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var route = Route(
            path: GatewayPath.server(name, in: namespace),
            members: plan.members.compactMap { member in
                backends[member.name].map { backend in
                    Route.Member(
                        backend: backend,
                        prefix: member.prefix,
                        selection: MemberSelection(
                            member,
                            catalogue: member.isRecorded ? published[member.name]?.catalogue ?? Catalogue([]) : nil
                        )
                    )
                }
            },
            rules: tenant.rules
        )
        route.virtualServer = name
        route.publication = Self.publication(of: virtualServer, plan, published)
        route.searchesTools = virtualServer.spec.toolListing == .search
        routes.append(route)
    }

    /// The entry of a virtual server, whose version changes with its spec and with what its members publish; `nil` if nothing approved is
    /// published.
    private static func publication(
        of virtualServer: VirtualServerFacts,
        _ plan: VirtualServerPlan,
        _ published: [String: PublishedOffer]
    ) -> Publication? {
        let members = plan.members.compactMap { published[$0.name]?.publication }
        guard let recorded = members.map(\.recorded).max() else { return nil }
        let names = plan.members.flatMap { member in
            ["\(member.name) \(member.prefix)"] + (member.tools + member.prompts).map { "\($0.original) \($0.name)" }
        }
        return Publication(
            name: "\(virtualServer.namespace)/\(virtualServer.name)",
            description: Publication.description(
                virtualServer.summary,
                or: "Virtual MCP server \(virtualServer.name) of namespace \(virtualServer.namespace)"
            ),
            number: nil,
            build: String(ContractDigest.of((members.map(\.version) + names).joined(separator: "\n")).suffix(10)),
            recorded: recorded,
            updated: members.map(\.updated).max()
        )
    }

    /// Whether there is nothing to serve or to report.
    var isEmpty: Bool { routes.isEmpty && problems.isEmpty }

    /// The server at its own path.
    func backend(named name: String, in namespace: String) -> Backend? {
        routes.first { $0.path == GatewayPath.server(name, in: namespace) && $0.virtualServer == nil }?.members.first?
            .backend
    }

}

/// What is recorded of what a server publishes.
struct PublishedOffer: Sendable, Hashable {
    var catalogue: Catalogue
    /// The names of its prompts.
    var prompts: [String]
    /// Its entry in the registry; `nil` if the version may not serve.
    var publication: Publication?
}

/// The rules of a namespace. Pure.
private struct TenantDecision {
    let rules: RouteRules
    /// How new versions of servers are reviewed; `nil` if that is not known, and they are considered to be.
    let review: TenantReview?
    /// Which addresses remote servers can have; none if the tenant's settings are not known.
    let addresses: AddressRules
    let problem: RouteProblem?

    init(_ input: NamespaceRouteInput, platform: PlatformConfiguration) {
        let namespace = input.namespace
        let tenant = input.holder?.tenant
        var access = AccessRules(tenant?.spec.access)
        var limits = platform.plans[platform.quotas?.defaultPlan ?? PlatformQuotas.builtInDefaultPlan]
        var mode = QuotaMode.enforced
        var review: TenantReview?
        var addresses = AddressRules.none
        var problem: RouteProblem?
        do throws(Refusal) {
            var claims = NamespaceClaims()
            claims[namespace] = input.holder
            let effective = try EffectiveTenant(namespace: namespace, claims: claims, platform: platform)
            (limits, mode, review) = (effective.limits, effective.quotaMode, effective.review)
            addresses = AddressRules(effective.network)
            addresses.reachesLoopback = input.reachesLoopback
        } catch {
            if tenant == nil {
                // The access rules were deleted with the tenant, and nobody is known to be allowed.
                access = AccessRules(TenantAccess(allow: []))
                problem = RouteProblem(namespace: namespace, reason: .namespaceRetained, message: error.message)
            } else {
                problem = RouteProblem(
                    namespace: namespace,
                    reason: .tenantInvalid,
                    message: "the limits of the default plan apply, because of the tenant's settings: \(error.message)"
                )
            }
        }
        rules = RouteRules(
            namespace: namespace,
            tenant: input.holder?.name,
            access: access,
            mode: mode == .enforced ? .enforced : .unbounded,
            callsPerMinutePerServer: limits?.toolCallsPerMinutePerServer,
            callsPerMinutePerClient: limits?.toolCallsPerMinutePerClient
        )
        self.review = review
        self.addresses = addresses
        self.problem = problem
    }
}

/// How one server is reached, and what it publishes. Pure.
///
/// A server that cannot be called keeps its route, so that those who may call it get the reason instead of a 404; others learn nothing.
private struct ServerDecision {
    private(set) var backend: Backend
    /// Whether it is one of the servers at the namespace's own path.
    private(set) var isJoined: Bool
    /// What is recorded of what it publishes.
    let published: PublishedOffer?
    /// What it offers to virtual servers.
    let offer: VirtualServerPlan.Offer
    private(set) var problems: [RouteProblem] = []

    init(_ server: ServerFacts, _ input: NamespaceRouteInput, _ tenant: TenantDecision) {
        let isReviewed = PublishedContract.isReviewed(
            server.review,
            isUnread: server.isUnread,
            tenant: tenant.review
        )
        let revisions = server.revisions.compactMap { name in
            input.revisions[name].flatMap { $0.belongs(to: server) ? $0 : nil }
        }
        // Of a reviewed server, only what was approved is published, whatever its pods offer now. That of any other is the one that
        // its pods offer.
        let revision = PublishedContract.choose(from: revisions, isReviewed: isReviewed, isAdmitted: \.isAdmitted)
        if case .some(.some) = input.unread[server.name] {
            published = input.published[server.name]
        } else {
            published = revision.flatMap { Self.offer($0, of: server) }
        }
        var catalogue: Catalogue?
        if case .some(.some(let before)) = input.unread[server.name] {
            catalogue = before.catalogue
        } else if isReviewed || server.hasCuration {
            catalogue = revision?.catalogue ?? Catalogue([])
            if revision?.catalogue == nil {
                problems.append(
                    RouteProblem(
                        namespace: server.namespace,
                        server: server.name,
                        reason: .catalogueMissing,
                        message: Self.missing(server, input, isReviewed: isReviewed)
                    )
                )
            }
        }
        if let published {
            offer = .recorded(tools: published.catalogue.entries.map(\.originalName), prompts: published.prompts)
        } else if server.revisions.isEmpty {
            offer = .withoutRevision(
                mustBeRecorded: isReviewed || server.hasCuration,
                isUnread: server.isUnread,
                isReady: server.readiness?.isTrue == true
            )
        } else {
            offer = .unknown(Self.absence(server, input))
        }
        // While a new version is reviewed, pods run the path of the approved one.
        let path = (isReviewed ? revision?.path : nil) ?? server.path
        let obstacle: Obstacle?
        let target: Backend.Target
        var headers: [UpstreamHeader] = []
        if server.remote != nil {
            let facts = input.remotes[server.name]
            // What was not approved is not called at all: nothing else stands before a remote server.
            let isApproved = !isReviewed || catalogue != nil && !problems.contains { $0.reason == .catalogueMissing }
            obstacle = Self.obstacle(server, facts, isApproved: isApproved)
            if obstacle == nil, let facts {
                target = .remote(facts.endpoint(tenant.addresses))
                headers = (facts.credentials?.headers ?? []).map { UpstreamHeader(name: $0.name, value: $0.value) }
            } else {
                target = .pods([])
            }
        } else {
            let pods = Self.pods(of: server.name, input.endpoints, path: path)
            obstacle = Self.obstacle(server, hasPods: !pods.isEmpty)
            target = .pods(obstacle == nil ? pods : [])
        }
        isJoined = obstacle.map { $0.isTemporary } ?? true
        backend = Backend(
            id: "\(server.namespace)/\(server.name)",
            target: target,
            headers: headers,
            catalogue: catalogue,
            namespace: server.namespace,
            labels: server.labels,
            unavailable: obstacle?.text
        )
        backend.toolCallsPerMinute = server.toolCallsPerMinute
        backend.validatesArguments = server.validatesArguments
        backend.tokenExchange = server.tokenExchange.map {
            Backend.TokenExchange(target: $0, tenant: input.holder?.name)
        }
        if let obstacle {
            problems.append(
                RouteProblem(
                    namespace: server.namespace,
                    server: server.name,
                    reason: obstacle.reason,
                    message: obstacle.message
                )
            )
        }
    }

    private static func offer(_ revision: RevisionFacts, of server: ServerFacts) -> PublishedOffer? {
        guard let catalogue = revision.catalogue else { return nil }
        var offer = PublishedOffer(catalogue: catalogue, prompts: revision.prompts)
        // What may not serve is in no registry.
        guard revision.isAdmitted, let recorded = revision.recorded else { return offer }
        offer.publication = Publication(
            name: "\(server.namespace)/\(server.name)",
            description: Publication.description(
                server.summary,
                or: "MCP server \(server.name) of namespace \(server.namespace)"
            ),
            number: revision.version,
            // SERVER-DIGEST
            build: revision.name.split(separator: "-").last.map(String.init) ?? revision.name,
            recorded: recorded,
            updated: server.settled
        )
        return offer
    }

    private static func missing(_ server: ServerFacts, _ input: NamespaceRouteInput, isReviewed: Bool) -> String {
        let wayOut = isReviewed ? "; a review policy of Never publishes whatever the server offers" : ""
        return "no tool is published, because \(absence(server, input))\(wayOut)"
    }

    /// Why it is not known what a server publishes.
    private static func absence(_ server: ServerFacts, _ input: NamespaceRouteInput) -> String {
        guard let name = server.revisions.first else {
            return PublishedContract.absence(isUnread: server.isUnread, isReady: server.readiness?.isTrue == true)
        }
        return "revision \(name) cannot be used: \(input.revisions[name]?.problem ?? "it is not approved")"
    }

    /// The ready pods, each once, in a stable order.
    private static func pods(of server: String, _ endpoints: [EndpointFacts], path: String) -> [Backend.PodEndpoint] {
        var found: [String: String] = [:]
        // A pod with addresses of both families is reached by that of IPv4.
        for slice in endpoints.sorted(by: { !$0.isIPv6 && $1.isIPv6 }) where slice.service == server {
            guard let port = slice.port else { continue }
            for pod in slice.pods where found[pod.uid] == nil {
                found[pod.uid] = "\(slice.usesTLS ? "https" : "http")://\(pod.host):\(port)\(path)"
            }
        }
        return found.sorted { $0.key < $1.key }.map { Backend.PodEndpoint(id: $0.key, url: $0.value) }
    }

    /// Why a server cannot be called.
    private struct Obstacle {
        var reason: RouteProblem.Reason
        /// For callers, after "The server cannot be called now:".
        var text: String
        /// For operators.
        var message: String
        /// Whether it can be over without anybody's doing.
        var isTemporary = false
    }

    /// Why a remote server cannot be called. It is called only while Moorage accepts it.
    private static func obstacle(_ server: ServerFacts, _ facts: RemoteFacts?, isApproved: Bool) -> Obstacle? {
        if let obstacle = standing(server) { return obstacle }
        guard server.acceptance?.isTrue == true else { return refusal(server) }
        guard facts?.credentials != nil else {
            return Obstacle(
                reason: .credentialsMissing,
                text: "its credentials cannot be used",
                message: facts?.problem ?? "its credentials were not read yet",
                isTemporary: true
            )
        }
        guard isApproved else {
            return Obstacle(
                reason: .catalogueMissing,
                text: "what it offers is not approved",
                message: "nothing that it offers is approved yet, so it is not called"
            )
        }
        return nil
    }

    private static func obstacle(_ server: ServerFacts, hasPods: Bool) -> Obstacle? {
        if let obstacle = standing(server) { return obstacle }
        // Pods of the last accepted spec keep serving.
        guard !hasPods else { return nil }
        if let obstacle = refusal(server) { return obstacle }
        guard !server.isRemote else {
            return Obstacle(
                reason: .pending,
                text: "it is not approved yet",
                message: server.readiness?.message ?? "the controller has not decided about it yet"
            )
        }
        return Obstacle(
            reason: .noPods,
            text: "none of its pods is ready",
            message: "none of its pods is ready\(server.readiness.map { ": \($0.message)" } ?? "")",
            isTemporary: true
        )
    }

    /// Why a server that could be reached is out of service.
    private static func standing(_ server: ServerFacts) -> Obstacle? {
        if server.isSuspended {
            return Obstacle(reason: .suspended, text: "it is suspended", message: "it is suspended (spec.suspend)")
        }
        switch server.readiness?.reason {
        case Reason.quarantined.rawValue:
            return Obstacle(
                reason: .quarantined,
                text: "it is out of service until what it offers is approved",
                message: server.readiness?.message ?? ""
            )
        case Reason.toolQuotaExceeded.rawValue:
            return Obstacle(
                reason: .toolQuotaExceeded,
                text: "it offers more tools than the quota allows",
                message: server.readiness?.message ?? ""
            )
        default: return nil
        }
    }

    /// Why a server is not accepted; `nil` if it is.
    private static func refusal(_ server: ServerFacts) -> Obstacle? {
        guard let acceptance = server.acceptance else {
            return Obstacle(
                reason: .pending,
                text: "it was just created",
                message: "the controller has not decided about it yet"
            )
        }
        guard acceptance.isTrue else {
            return Obstacle(
                reason: .refused,
                text: "it is not accepted (\(acceptance.reason))",
                message: acceptance.message
            )
        }
        return nil
    }
}

extension RevisionFacts {
    /// Whether it is a revision of this server, and not of one of the same name that was deleted.
    fileprivate func belongs(to server: ServerFacts) -> Bool {
        self.server == server.name && serverUID == server.uid
    }
}
