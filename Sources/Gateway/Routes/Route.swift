internal import Policy

/// What is served at one path: one server, or several as one.
public struct Route: Sendable, Hashable {
    /// One of the servers of a route.
    public struct Member: Sendable, Hashable {
        /// The server.
        public var backend: Backend
        /// What the names of its tools and prompts begin with, followed by `_`; `nil` if they are the server's own.
        public var prefix: String?
        /// What the route publishes of the server, under names that it has chosen; `nil` for everything, with the prefix.
        public var selection: MemberSelection?

        public init(backend: Backend, prefix: String? = nil, selection: MemberSelection? = nil) {
            self.backend = backend
            self.prefix = prefix
            self.selection = selection
        }
    }

    /// The path of the endpoint, such as `/team/weather/mcp`.
    public var path: String
    /// The servers, in the order in which their tools are listed.
    public var members: [Member]
    /// The rules under which the route is served; `nil` for none, as on a developer's own machine.
    public var rules: RouteRules?
    /// The virtual server whose route it is, by name; `nil` for any other route.
    public var virtualServer: String?
    /// Whether clients search for tools instead of listing them.
    public var searchesTools = false
    /// The entry of the route in the registry; `nil` if nothing approved is published there.
    public var publication: Publication?

    public init(path: String, members: [Member], rules: RouteRules? = nil) {
        self.path = path
        self.members = members
        self.rules = rules
    }

    /// A route to one server.
    public init(path: String, backend: Backend, rules: RouteRules? = nil) {
        self.init(path: path, members: [Member(backend: backend)], rules: rules)
    }

    /// A route to several servers, whose names are prefixed with the name of their server.
    public init(path: String, joining backends: [Backend], rules: RouteRules? = nil) {
        let prefixes = MemberPrefix.prefixes(for: backends.map(\.name))
        self.init(
            path: path,
            members: zip(backends, prefixes).map { Member(backend: $0, prefix: $1) },
            rules: rules
        )
    }

    /// The only server of a route that passes names and lists on as they are.
    public var single: Member? { members.count == 1 && members[0].prefix == nil ? members[0] : nil }
}

/// The rules of the tenant that a route belongs to.
public struct RouteRules: Sendable, Hashable {
    /// The namespace of the route's servers.
    public var namespace: String
    /// The tenant that holds the namespace, by name; `nil` if no tenant does.
    public var tenant: String?
    /// Who may call what.
    public var access: AccessRules
    /// Whether limits refuse calls.
    public var mode: LimitRequest.Mode
    /// How many tool calls one server takes a minute; `nil` for no limit.
    public var callsPerMinutePerServer: Int?
    /// How many tool calls one OAuth client makes a minute; `nil` for no limit.
    public var callsPerMinutePerClient: Int?

    public init(
        namespace: String,
        tenant: String?,
        access: AccessRules,
        mode: LimitRequest.Mode = .enforced,
        callsPerMinutePerServer: Int? = nil,
        callsPerMinutePerClient: Int? = nil
    ) {
        self.namespace = namespace
        self.tenant = tenant
        self.access = access
        self.mode = mode
        self.callsPerMinutePerServer = callsPerMinutePerServer
        self.callsPerMinutePerClient = callsPerMinutePerClient
    }
}

/// The routes at one moment. It is a value: requests finish under the routes that they began with.
public struct RouteTable: Sendable, Hashable {
    private let routes: [String: Route]

    /// - Parameter routes: of routes with the same path the first one counts.
    public init(_ routes: some Sequence<Route> = []) {
        self.routes = Dictionary(routes.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The route of a path, which must be spelled exactly like this.
    public subscript(path: String) -> Route? { routes[path] }

    /// All routes, by path.
    public var all: [Route] { routes.values.sorted { $0.path < $1.path } }

    /// All backends, each once, by id.
    public var backends: [Backend] {
        var found: [String: Backend] = [:]
        for route in routes.values { for member in route.members { found[member.backend.id] = member.backend } }
        return found.values.sorted { $0.id < $1.id }
    }
}
