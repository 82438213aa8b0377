/// What is served at one path: one server, or several as one.
public struct Route: Sendable, Hashable {
    /// One of the servers of a route.
    public struct Member: Sendable, Hashable {
        /// The server.
        public var backend: Backend
        /// What the names of its tools and prompts begin with, followed by `_`; `nil` if they are the server's own.
        public var prefix: String?

        public init(backend: Backend, prefix: String? = nil) {
            self.backend = backend
            self.prefix = prefix
        }
    }

    /// The path of the endpoint, such as `/team/weather/mcp`.
    public var path: String
    /// The servers, in the order in which their tools are listed.
    public var members: [Member]
    /// The tenant that the route belongs to, by name; `nil` if it belongs to none.
    public var tenant: String?

    public init(path: String, members: [Member], tenant: String? = nil) {
        self.path = path
        self.members = members
        self.tenant = tenant
    }

    /// A route to one server.
    public init(path: String, backend: Backend, tenant: String? = nil) {
        self.init(path: path, members: [Member(backend: backend)], tenant: tenant)
    }

    /// A route to several servers, whose names are prefixed with the name of their server.
    public init(path: String, joining backends: [Backend], tenant: String? = nil) {
        let prefixes = MemberPrefix.prefixes(for: backends.map(\.name))
        self.init(
            path: path,
            members: zip(backends, prefixes).map { Member(backend: $0, prefix: $1) },
            tenant: tenant
        )
    }

    /// The only server of a route that passes names and lists on as they are.
    public var single: Member? { members.count == 1 && members[0].prefix == nil ? members[0] : nil }
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
