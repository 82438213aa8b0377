public import KubernetesAPI

/// One server of a tenant, as far as the tenant's quota goes.
public struct QuotaServer: Sendable, Hashable {
    /// Namespace and name.
    public var name: NamespacedName
    /// When the server was created; one from a file was not, and counts as the newest.
    public var creationTimestamp: Timestamp?
    /// Whether the server holds a place: its Deployment exists, its status says that it is accepted, or it is being written
    /// right now.
    public var isRunning: Bool
    /// Whether the server is refused for a reason other than the quota, and so takes no place that is free.
    public var isRefused: Bool
    /// Whether it is being deleted, and so no longer holds a place.
    public var isDeleting: Bool

    /// Whether the ledger counts it at all.
    var counts: Bool { !isDeleting && (isRunning || !isRefused) }

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

    /// From the oldest to the newest, and by name where they are of one age.
    static func isOlder(_ left: QuotaServer, _ right: QuotaServer) -> Bool {
        let ages = (
            left.creationTimestamp?.secondsSinceEpoch ?? .max, right.creationTimestamp?.secondsSinceEpoch ?? .max
        )
        return ages.0 != ages.1 ? ages.0 < ages.1 : left.name < right.name
    }
}

/// Which of a tenant's servers run under its quota.
///
/// A running server stays admitted, even if the limit is lowered; the oldest waiting servers are admitted next. A
/// suspended server counts; a deleted one, and one that is refused for another reason and does not run, do not. The
/// order in which the servers are given changes nothing.
public struct QuotaLedger: Sendable, Hashable {
    /// The verdict for a server.
    public enum Admission: Sendable, Hashable {
        /// It may run.
        case admitted
        /// It waits, at a position from 1, until others are deleted or the quota is raised.
        case waiting(position: Int, running: Int, limit: Int)
    }

    /// How many servers may run; `nil` is without bound.
    public let limit: Int?
    /// The servers that run or may run, from the oldest to the newest.
    public let admitted: [NamespacedName]
    /// The servers that wait, the next one first.
    public let waiting: [NamespacedName]
    /// How many servers hold places already beyond the limit.
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

    /// The verdict for one server. A server that the ledger does not know is admitted: it is being deleted, or is not
    /// the tenant's.
    public func admission(of name: NamespacedName) -> Admission {
        guard let limit, let position = positions[name] else { return .admitted }
        return .waiting(position: position, running: admitted.count, limit: limit)
    }

    /// The verdict for one server, without the ledger of all servers: the same answer in one pass over the servers.
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

/// One dimension of a tenant's quota.
public enum QuotaDimension: String, Sendable, Hashable, CaseIterable, Codable {
    /// How many MCPServers the tenant runs.
    case serversPerTenant
    /// How many tools one server publishes.
    case toolsPerServer
    /// How many tool calls one server takes in a minute.
    case toolCallsPerMinutePerServer
    /// How many tool calls one OAuth client makes in a minute.
    case toolCallsPerMinutePerClient
}

/// A violation of a quota, as it is audited: one JSON line.
public struct QuotaBreach: Sendable, Hashable, Codable {
    /// What the line is: `QUOTA_EXCEEDED`.
    public var event: String = "QUOTA_EXCEEDED"
    /// The tenant's name.
    public var tenant: String
    /// The server, as namespace and name.
    public var server: String
    /// Which dimension.
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
