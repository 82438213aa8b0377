/// Whether the gateway serves the servers of mcp-lifecycle-operator (`mcp.x-k8s.io`), whose users name it in `spec.gateway`.
public struct PlatformGatewayBindings: Sendable, Hashable, Codable {
    /// Whether MCPGatewayBindings are registered. Defaults to `false`.
    public var enabled: Bool?
    /// Which bindings are Moorage's: those with this `spec.provider`. Defaults to `moorage`.
    public var provider: String?
    /// The address under which clients know the gateway, such as `https://mcp.example.com`. Without it, no binding is registered.
    public var gatewayURL: String?

    public init(enabled: Bool? = nil, provider: String? = nil, gatewayURL: String? = nil) {
        self.enabled = enabled
        self.provider = provider
        self.gatewayURL = gatewayURL
    }

    /// The provider, if nothing else is set.
    public static let builtInProvider = "moorage"

    /// Whether MCPGatewayBindings are registered.
    public var isEnabled: Bool { enabled ?? false }

    /// Whether a binding with this provider is Moorage's.
    package func isOurs(provider name: String) -> Bool { name == provider ?? Self.builtInProvider }

    /// The URL of a server at the gateway; `nil` if the address of the gateway is not known.
    package func url(path: String) -> String? { gatewayURL.map { $0 + path } }

    func validate() throws(Refusal) {
        if let provider, !(1...253).contains(provider.utf8.count) {
            throw Refusal(
                .specInvalid,
                field: "gatewayBindings.provider",
                "\"\(provider)\" must have from 1 to 253 characters: use a name such as \(Self.builtInProvider)"
            )
        }
        guard let gatewayURL else { return }
        let parts = gatewayURL.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty, !parts[2].isEmpty,
            gatewayURL.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !gatewayURL.contains(where: { "?#@\\".contains($0) })
        else {
            throw Refusal(
                .specInvalid,
                field: "gatewayBindings.gatewayURL",
                "\"\(gatewayURL)\" must be a scheme and a host, such as https://mcp.example.com, without a path"
            )
        }
    }
}
