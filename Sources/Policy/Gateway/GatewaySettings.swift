/// The gateway's part of the platform's configuration.
public struct GatewaySettings: Sendable, Hashable, Codable {
    /// How callers prove who they are.
    public var authentication: GatewayAuthentication?
    /// How the limits of calls, requests and bytes are counted and answered.
    public var limits: GatewayLimits?
    /// What is recorded of calls, and where.
    public var audit: GatewayAudit?
    /// The names of hosts that lead to servers, such as `{server}.{namespace}.mcp.example.com`, beside the paths.
    public var hostnames: [String]?
    /// Where spans of requests are sent; nowhere by default.
    public var tracing: GatewayTracing?
    /// The gateway's ServiceAccount, in the namespace of the controller. It gets access to exactly the Secrets that remote servers name.
    public var serviceAccountName: String?

    public init(
        authentication: GatewayAuthentication? = nil,
        limits: GatewayLimits? = nil,
        audit: GatewayAudit? = nil,
        hostnames: [String]? = nil,
        tracing: GatewayTracing? = nil,
        serviceAccountName: String? = nil
    ) {
        self.authentication = authentication
        self.limits = limits
        self.audit = audit
        self.hostnames = hostnames
        self.tracing = tracing
        self.serviceAccountName = serviceAccountName
    }

    /// Checks what the types do not.
    ///
    /// - Throws: `SettingsError`, which names the field.
    public func validate() throws(SettingsError) {
        try authentication?.validate(field: "authentication")
        try limits?.validate(field: "limits")
        try audit?.validate(field: "audit")
        try tracing?.validate(field: "tracing")
        for (index, text) in (hostnames ?? []).enumerated() {
            _ = try HostPattern(text, field: "hostnames[\(index)]")
        }
    }
}
