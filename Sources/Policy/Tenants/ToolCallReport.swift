/// The tool calls that one gateway has counted in one minute, by server and by client.
public struct ToolCallReport: Sendable, Hashable, Codable {
    /// The calls of one server of a tenant.
    public struct Server: Sendable, Hashable, Codable {
        public var tenant: String
        public var namespace: String
        public var server: String
        /// How many calls were sent to the server.
        public var calls: Int64
        /// How many calls were over a limit, whether or not they were refused for it.
        public var overLimit: Int64

        public init(tenant: String, namespace: String, server: String, calls: Int64, overLimit: Int64) {
            self.tenant = tenant
            self.namespace = namespace
            self.server = server
            self.calls = calls
            self.overLimit = overLimit
        }
    }

    /// The calls of one client to a tenant's servers.
    public struct Client: Sendable, Hashable, Codable {
        public var tenant: String
        /// A digest of who the client is, the same at every gateway.
        public var digest: String
        /// How many calls were sent to servers.
        public var calls: Int64

        public init(tenant: String, digest: String, calls: Int64) {
            self.tenant = tenant
            self.digest = digest
            self.calls = calls
        }
    }

    /// The servers that were called.
    public var servers: [Server]
    /// The clients that have called; `nil` if there were too many to count, or the gateway does not count them.
    public var clients: [Client]?

    public init(servers: [Server] = [], clients: [Client]? = []) {
        self.servers = servers
        self.clients = clients
    }

    /// The path at which a gateway serves its report.
    public static let path = "/usage"
}

/// The tool calls of one tenant in one minute, over all gateways.
public struct ToolCallUsage: Sendable, Hashable {
    /// How many calls were sent to servers.
    public var calls: Int64
    /// How many calls were over a limit.
    public var overLimit: Int64
    /// How many of the calls went to the server that had the most.
    public var busiestServer: Int64
    /// How many of the calls came from the client that made the most; `nil` if that is not known.
    public var busiestClient: Int64?

    public init(calls: Int64 = 0, overLimit: Int64 = 0, busiestServer: Int64 = 0, busiestClient: Int64? = 0) {
        self.calls = calls
        self.overLimit = overLimit
        self.busiestServer = busiestServer
        self.busiestClient = busiestClient
    }

    /// The usage of each tenant that had calls, from the reports of all gateways. Pure.
    public static func byTenant(_ reports: [ToolCallReport]) -> [String: ToolCallUsage] {
        struct Key: Hashable {
            var tenant: String
            var namespace: String
            var server: String
        }
        var servers: [Key: Int64] = [:]
        var usage: [String: ToolCallUsage] = [:]
        for server in reports.lazy.flatMap(\.servers) {
            let key = Key(tenant: server.tenant, namespace: server.namespace, server: server.server)
            // Numbers of another process: what is not possible is ignored, and nothing overflows.
            let (calls, overLimit) = (max(0, server.calls), max(0, server.overLimit))
            let total = sum(servers[key] ?? 0, calls)
            servers[key] = total
            var tenant = usage[server.tenant] ?? ToolCallUsage()
            tenant.calls = sum(tenant.calls, calls)
            tenant.overLimit = sum(tenant.overLimit, overLimit)
            tenant.busiestServer = max(tenant.busiestServer, total)
            usage[server.tenant] = tenant
        }
        let clients = busiestClients(reports)
        for tenant in usage.keys { usage[tenant]?.busiestClient = clients.map { $0[tenant] ?? 0 } }
        return usage
    }

    /// The calls of the busiest client of each tenant; `nil` if a gateway does not report its clients.
    private static func busiestClients(_ reports: [ToolCallReport]) -> [String: Int64]? {
        struct Key: Hashable {
            var tenant: String
            var digest: String
        }
        var clients: [Key: Int64] = [:]
        var busiest: [String: Int64] = [:]
        for report in reports {
            guard let reported = report.clients else { return nil }
            for client in reported {
                let key = Key(tenant: client.tenant, digest: client.digest)
                let total = sum(clients[key] ?? 0, max(0, client.calls))
                clients[key] = total
                busiest[client.tenant] = max(busiest[client.tenant] ?? 0, total)
            }
        }
        return busiest
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? .max : sum
    }
}
