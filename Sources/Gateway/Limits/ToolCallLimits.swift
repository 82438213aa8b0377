public import CRDModels

/// The limits of the tool calls to one server, from the tenant's plan and its overrides.
public struct ToolCallLimits: Sendable, Hashable {
    /// Whether the limits refuse calls, or only count them.
    public var mode: QuotaMode
    /// How many calls a minute the server can receive; `nil` for no limit.
    public var perServer: Int?
    /// How many calls a minute one OAuth client can make, to all servers of the tenant; `nil` for no limit.
    public var perClient: Int?
    /// How many calls a minute a tool can receive, for tools that have a limit.
    public var perTool: [String: Int]

    public init(mode: QuotaMode, perServer: Int? = nil, perClient: Int? = nil, perTool: [String: Int] = [:]) {
        self.mode = mode
        self.perServer = perServer
        self.perClient = perClient
        self.perTool = perTool
    }

    /// The limits of a tenant.
    ///
    /// - Parameter quotas: the plan's limits with the tenant's overrides.
    public init(mode: QuotaMode, quotas: QuotaOverrides, perTool: [String: Int] = [:]) {
        self.init(
            mode: mode,
            perServer: quotas.toolCallsPerMinutePerServer,
            perClient: quotas.toolCallsPerMinutePerClient,
            perTool: perTool
        )
    }

    /// The limits that apply to a call.
    ///
    /// - Parameters:
    ///   - tenant: the tenant; for a namespace that no tenant has claimed, give the namespace in parentheses, which is no name of a
    ///     tenant.
    ///   - tool: the tool's name in the server's contract, whatever name the caller used.
    public func request(tenant: String, namespace: String, server: String, tool: String, caller: Caller) -> LimitRequest
    {
        let name = "\(namespace)/\(server)"
        var limits: [RequestLimit] = []
        if let perServer { limits.append(RequestLimit(.server, name, limit: perServer)) }
        if let perClient { limits.append(RequestLimit(.client, Self.clientKey(of: caller), limit: perClient)) }
        if let limit = perTool[tool] { limits.append(RequestLimit(.tool, "\(name)/\(tool)", limit: limit)) }
        return LimitRequest(tenant: tenant, limits: limits, mode: mode == .enforced ? .enforced : .unbounded)
    }

    /// The OAuth client of a caller, which is only unique for its issuer. A caller without one, such as a ServiceAccount, is a client of
    /// its own.
    static func clientKey(of caller: Caller) -> String {
        if let client = caller.clientID { "client\n\(caller.issuer)\n\(client)" } else { "caller\n\(caller.id)" }
    }
}
