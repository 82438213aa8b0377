/// The tool calls that one gateway has counted in one minute, by server.
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

    /// The servers that were called.
    public var servers: [Server]

    public init(servers: [Server] = []) { self.servers = servers }

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

    public init(calls: Int64 = 0, overLimit: Int64 = 0, busiestServer: Int64 = 0) {
        self.calls = calls
        self.overLimit = overLimit
        self.busiestServer = busiestServer
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
        return usage
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? .max : sum
    }
}
