/// The gateway's part of the platform's configuration.
public struct GatewaySettings: Sendable, Hashable, Codable {
    /// How callers prove who they are.
    public var authentication: GatewayAuthentication?

    public init(authentication: GatewayAuthentication? = nil) {
        self.authentication = authentication
    }

    /// Checks what the types do not.
    ///
    /// - Throws: `SettingsError`, which names the field.
    public func validate() throws(SettingsError) {
        try authentication?.validate(field: "authentication")
    }
}
