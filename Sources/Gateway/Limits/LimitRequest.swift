/// What a limit counts for.
public enum LimitScope: String, Sendable, Hashable, CaseIterable {
    case server
    /// An OAuth client.
    case client
    case tool
    case principal
}

/// One limit that applies to a request.
public struct RequestLimit: Sendable, Hashable {
    /// What the limit counts for.
    public var scope: LimitScope
    /// What is counted, in its tenant and scope, such as the name of a server.
    public var key: String
    /// How much is allowed.
    public var limit: Int

    public init(_ scope: LimitScope, _ key: String, limit: Int) {
        self.scope = scope
        self.key = key
        self.limit = limit
    }
}

/// The limits that apply to a request. Either all of them count it or none does.
public struct LimitRequest: Sendable, Hashable {
    /// Whether limits refuse requests.
    public enum Mode: Sendable, Hashable {
        /// A request over a limit is refused, and not counted.
        case enforced
        /// Every request is counted and allowed, and a breach is only reported.
        case unbounded
    }

    /// The tenant whose limits they are. Tenants share nothing.
    public var tenant: String
    public var limits: [RequestLimit]
    public var mode: Mode

    public init(tenant: String, limits: [RequestLimit], mode: Mode = .enforced) {
        self.tenant = tenant
        self.limits = limits
        self.mode = mode
    }
}

/// Why a request is over a limit.
public enum LimitReason: String, Sendable, Hashable, CaseIterable {
    case toolCallsPerMinute = "ToolCallsPerMinute"
    case concurrentRequests = "ConcurrentRequests"
    case bytesPerMinute = "BytesPerMinute"
}

/// A limit that a request exceeds.
public struct LimitBreach: Sendable, Hashable {
    public var reason: LimitReason
    public var scope: LimitScope
    /// What is counted, in its tenant and scope.
    public var key: String
    /// How much is allowed.
    public var limit: Int
    /// The period that the limit is for; `nil` if it is not for a period.
    public var windowSeconds: Int?
    /// After how many seconds the request can be allowed, if no other comes first; at least 1.
    public var retryAfterSeconds: Int

    public init(
        reason: LimitReason,
        scope: LimitScope,
        key: String,
        limit: Int,
        windowSeconds: Int?,
        retryAfterSeconds: Int
    ) {
        self.reason = reason
        self.scope = scope
        self.key = key
        self.limit = limit
        self.windowSeconds = windowSeconds
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// What a limiter decides about a request.
public enum LimitDecision: Sendable, Hashable {
    /// The request is counted and can be served. With the mode `unbounded` it can exceed a limit.
    case allowed(breach: LimitBreach?)
    /// The request is not counted and must not be served. Of several limits that it exceeds, this is the one with the longest wait.
    case refused(LimitBreach)

    /// The limit that is exceeded, whether or not the request is refused for it.
    public var breach: LimitBreach? {
        switch self {
        case .allowed(let breach): breach
        case .refused(let breach): breach
        }
    }

    /// Whether the request can be served.
    public var isAllowed: Bool {
        if case .allowed = self { true } else { false }
    }
}
