/// The gateway's part of the platform's configuration.
public struct GatewaySettings: Sendable, Hashable, Codable {
    public init() {}
}
