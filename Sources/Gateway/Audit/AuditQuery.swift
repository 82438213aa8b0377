public import KubernetesAPI

/// Which records of an audit log are wanted. A condition that is `nil` is met by all.
public struct AuditQuery: Sendable, Hashable {
    /// The earliest time.
    public var since: MicroTimestamp?
    /// The time before which records are wanted.
    public var until: MicroTimestamp?
    public var kind: AuditRecord.Kind?
    public var tenant: String?
    /// The name of a server or virtual server, or `NAMESPACE/NAME`.
    public var server: String?
    public var tool: String?
    public var principal: String?
    public var client: String?
    public var result: CallResult?
    /// How many records are wanted, the newest ones.
    public var limit: Int?

    public init(
        since: MicroTimestamp? = nil,
        until: MicroTimestamp? = nil,
        kind: AuditRecord.Kind? = nil,
        tenant: String? = nil,
        server: String? = nil,
        tool: String? = nil,
        principal: String? = nil,
        client: String? = nil,
        result: CallResult? = nil,
        limit: Int? = nil
    ) {
        self.since = since
        self.until = until
        self.kind = kind
        self.tenant = tenant
        self.server = server
        self.tool = tool
        self.principal = principal
        self.client = client
        self.result = result
        self.limit = limit
    }

    /// Whether a record meets all conditions.
    public func matches(_ record: AuditRecord) -> Bool {
        if let since, record.time < since { return false }
        if let until, record.time >= until { return false }
        if let kind, record.kind != kind { return false }
        if let tenant, record.tenant != tenant { return false }
        if let tool, record.tool != tool { return false }
        if let principal, record.principal != principal { return false }
        if let client, record.client != client { return false }
        if let result, record.result != result { return false }
        if let server { return matches(server: server, record) }
        return true
    }

    private func matches(server: String, _ record: AuditRecord) -> Bool {
        let parts = server.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let name = parts.last else { return false }
        if parts.count == 2, record.namespace != parts[0] { return false }
        return record.server == name || record.virtualServer == name
    }
}

/// Which records somebody may see.
public struct AuditQueryAccess: Sendable, Hashable {
    /// The OAuth scope that lets a caller read the records of its tenants.
    public static let defaultScope = "moorage:audit"

    /// The tenants whose records may be seen; `*` stands for all, as in ``Caller/tenants``.
    public let tenants: Set<String>

    private init(tenants: Set<String>) { self.tenants = tenants }

    /// What a caller may see: the records of its tenants, if it has the scope.
    ///
    /// - Returns: `nil` if it may see nothing, because it lacks the scope or belongs to no tenant.
    public init?(of caller: Caller, scope: String = defaultScope) {
        guard caller.scopes.contains(scope), !caller.tenants.isEmpty else { return nil }
        self.init(tenants: caller.tenants)
    }

    /// Whether a record may be seen. Records that belong to no tenant may not, because they are about others as well.
    public func allows(_ record: AuditRecord) -> Bool {
        guard let tenant = record.tenant else { return false }
        return tenants.contains("*") || tenants.contains(tenant)
    }
}
