/// The gateway's part of the platform's configuration.
public struct GatewaySettings: Sendable, Hashable, Codable {
    /// How callers prove who they are.
    public var authentication: GatewayAuthentication?
    /// How the limits of calls, requests and bytes are counted and answered.
    public var limits: GatewayLimits?
    /// What is recorded of calls, and where.
    public var audit: GatewayAudit?

    public init(
        authentication: GatewayAuthentication? = nil,
        limits: GatewayLimits? = nil,
        audit: GatewayAudit? = nil
    ) {
        self.authentication = authentication
        self.limits = limits
        self.audit = audit
    }

    /// Checks what the types do not.
    ///
    /// - Throws: `SettingsError`, which names the field.
    public func validate() throws(SettingsError) {
        try authentication?.validate(field: "authentication")
        try limits?.validate(field: "limits")
        try audit?.validate(field: "audit")
    }
}
