public import ControllerRuntime
internal import MCPProtocol
public import Policy

/// What stands before the servers: who calls, what they may call, how often, and what is recorded of it. A part that is `nil` is switched
/// off, as on a developer's own machine.
public struct GatewayGuard: Sendable {
    /// Finds out who calls. Without one, every caller is anonymous.
    public var authenticator: (any Authenticator)?
    /// Exchanges callers' tokens for servers that need tokens of their own for each caller.
    public var exchanger: TokenExchanger?
    /// The issuers that clients can get tokens from, for the metadata of resources (RFC 9728).
    public var authorizationServers: [String]
    /// The address under which clients know the gateway, such as `https://mcp.example.com`. Without one it is taken from each request.
    public var origin: String?
    /// Counts tool calls.
    public var limiter: (any Limiter)?
    /// Counts requests in progress, for the limits in ``limits``.
    public var concurrency: ConcurrencyLimiter?
    /// Counts tool calls for the status of tenants; `nil` if nobody reads that.
    public var tally: ToolCallTally?
    /// Counts bytes, for the limits in ``limits``.
    public var bytes: ByteLimiter?
    /// The platform's limits, and how a call over a limit is answered.
    public var limits: GatewayLimits
    /// Records calls and refusals.
    public var audit: AuditLog?
    /// Where the records of this gateway can be read, for the auditors of tenants; `nil` if they are not kept.
    public var auditFiles: AuditFiles?
    /// Exports spans of requests; `nil` if they are not exported.
    public var spans: SpanExporter?
    /// What is recorded of arguments.
    public var arguments: AuditArgumentPolicy
    /// Counts calls.
    public var metrics: GatewayMetrics?
    /// The time of records.
    public var clock: RuntimeClock

    public init(
        authenticator: (any Authenticator)? = nil,
        exchanger: TokenExchanger? = nil,
        authorizationServers: [String] = [],
        origin: String? = nil,
        limiter: (any Limiter)? = nil,
        concurrency: ConcurrencyLimiter? = nil,
        bytes: ByteLimiter? = nil,
        limits: GatewayLimits = GatewayLimits(),
        audit: AuditLog? = nil,
        arguments: AuditArgumentPolicy = AuditArgumentPolicy(),
        metrics: GatewayMetrics? = nil,
        clock: RuntimeClock = .system
    ) {
        self.authenticator = authenticator
        self.exchanger = exchanger
        self.authorizationServers = authorizationServers
        self.origin = origin
        self.limiter = limiter
        self.concurrency = concurrency
        self.bytes = bytes
        self.limits = limits
        self.audit = audit
        self.arguments = arguments
        self.metrics = metrics
        self.clock = clock
    }

    /// No authentication, no limits and no records.
    public static let open = GatewayGuard()
}
