public import KubernetesAPI

/// A server of a tenant, with what the tenant's quota depends on.
public struct QuotaServer: Sendable, Hashable {
    /// Namespace and name.
    public var name: NamespacedName
    /// When the server was created. A server from a file has no time, and counts as the newest.
    public var creationTimestamp: Timestamp?
    /// Whether the server holds a place: its Deployment exists, its status says that it is accepted, or it is being
    /// written.
    public var isRunning: Bool
    /// Whether the server is refused for a reason other than the quota, and therefore takes no free place.
    public var isRefused: Bool
    /// Whether it is being deleted, and therefore holds no place.
    public var isDeleting: Bool

    /// Whether the ledger counts it.
    package var counts: Bool { !isDeleting && (isRunning || !isRefused) }

    public init(
        name: NamespacedName,
        creationTimestamp: Timestamp? = nil,
        isRunning: Bool = false,
        isRefused: Bool = false,
        isDeleting: Bool = false
    ) {
        self.name = name
        self.creationTimestamp = creationTimestamp
        self.isRunning = isRunning
        self.isRefused = isRefused
        self.isDeleting = isDeleting
    }

    /// Sorts from the oldest to the newest, then by name.
    static func isOlder(_ left: QuotaServer, _ right: QuotaServer) -> Bool {
        let ages = (
            left.creationTimestamp?.secondsSinceEpoch ?? .max, right.creationTimestamp?.secondsSinceEpoch ?? .max
        )
        return ages.0 != ages.1 ? ages.0 < ages.1 : left.name < right.name
    }
}

/// Decides which of a tenant's servers can run under its quota.
///
/// A running server stays admitted, even if the limit is lowered; the oldest waiting servers are admitted next. A
/// suspended server counts. A server does not count if it is being deleted, or if it is refused for another reason and
/// does not run. The result does not depend on the order of the given servers.
public struct QuotaLedger: Sendable, Hashable {
    /// The verdict for a server.
    public enum Admission: Sendable, Hashable {
        /// It may run.
        case admitted
        /// It waits, at a position starting from 1, until others are deleted or the quota is raised.
        case waiting(position: Int, running: Int, limit: Int)
    }

    /// How many servers can run, `nil` for no limit.
    public let limit: Int?
    /// The servers that run or can run, from the oldest to the newest.
    public let admitted: [NamespacedName]
    /// The servers that wait, the next one first.
    public let waiting: [NamespacedName]
    /// How many servers hold a place above the limit.
    public let excess: Int

    private let positions: [NamespacedName: Int]

    public init(limit: Int?, servers: some Sequence<QuotaServer>) {
        let present = servers.filter(\.counts).sorted(by: QuotaServer.isOlder)
        let limit = limit.map { max(0, $0) }
        self.limit = limit
        let running = present.count(where: \.isRunning)
        var free = limit.map { max(0, $0 - running) } ?? present.count
        var admitted: [NamespacedName] = []
        var waiting: [NamespacedName] = []
        for server in present {
            if server.isRunning {
                admitted.append(server.name)
            } else if free > 0 {
                free -= 1
                admitted.append(server.name)
            } else {
                waiting.append(server.name)
            }
        }
        self.admitted = admitted
        self.waiting = waiting
        self.excess = limit.map { max(0, running - $0) } ?? 0
        positions = Dictionary(
            waiting.enumerated().map { ($0.element, $0.offset + 1) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The verdict for one server. An unknown server is admitted: it is being deleted, or does not belong to the
    /// tenant.
    public func admission(of name: NamespacedName) -> Admission {
        guard let limit, let position = positions[name] else { return .admitted }
        return .waiting(position: position, running: admitted.count, limit: limit)
    }

    /// The verdict for one server without building the ledger: the same result in one pass over the servers.
    public static func admission(
        of name: NamespacedName,
        among servers: some Collection<QuotaServer>,
        limit: Int?
    ) -> Admission {
        guard let limit = limit.map({ max(0, $0) }), servers.count > limit,
            let server = servers.first(where: { $0.name == name }),
            !server.isRunning, server.counts
        else { return .admitted }
        var running = 0
        var older = 0
        var free = 0
        for other in servers where other.counts && other.name != name {
            if other.isRunning {
                running += 1
            } else {
                free += 1
                if QuotaServer.isOlder(other, server) { older += 1 }
            }
        }
        let places = max(0, limit - running)
        guard older >= places else { return .admitted }
        return .waiting(position: older - places + 1, running: running + min(places, free), limit: limit)
    }
}

/// A dimension of a tenant's quota.
public enum QuotaDimension: String, Sendable, Hashable, CaseIterable, Codable {
    /// The number of MCPServers that the tenant runs.
    case serversPerTenant
    /// The number of tools that one server offers.
    case toolsPerServer
    /// The number of tool calls to one server in a minute.
    case toolCallsPerMinutePerServer
    /// The number of tool calls of one OAuth client in a minute.
    case toolCallsPerMinutePerClient
}

/// A violation of a quota, as written to the audit log: one line of JSON.
public struct QuotaBreach: Sendable, Hashable, Codable {
    /// The type of the line: `QUOTA_EXCEEDED`.
    public var event: String = "QUOTA_EXCEEDED"
    /// The tenant's name.
    public var tenant: String
    /// The server, as namespace and name.
    public var server: String
    /// The dimension.
    public var dimension: QuotaDimension
    /// The limit.
    public var limit: Int
    /// The value that was requested.
    public var observed: Int

    public init(tenant: String, server: String, dimension: QuotaDimension, limit: Int, observed: Int) {
        self.tenant = tenant
        self.server = server
        self.dimension = dimension
        self.limit = limit
        self.observed = observed
    }

    /// The breach as one line of JSON, without a line feed.
    public var line: String {
        // A struct of strings and numbers always encodes.
        String(decoding: (try? KubernetesJSON.encode(self)) ?? [], as: UTF8.self)
    }
}
