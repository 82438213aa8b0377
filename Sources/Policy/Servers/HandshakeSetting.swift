public import CRDModels

/// Whether a server's protocol is checked, and who decides it: the server, then its class, then the platform.
public enum HandshakeSetting: Sendable, Hashable {
    /// The controller connects to the pods.
    case enabled
    /// It does not, because of this field.
    case disabled(by: String)

    package init(spec: MCPServerSpec, class serverClass: MCPServerClassSpec, platform: PlatformConfiguration) {
        let settings = [
            (spec.handshake, "spec.handshake"), (serverClass.handshake, "spec.handshake of the class"),
            (platform.handshake?.mode, "handshake.mode of the platform's configuration"),
        ]
        guard let (mode, field) = settings.first(where: { $0.0 != nil }), mode == .disabled else {
            self = .enabled
            return
        }
        self = .disabled(by: field)
    }
}

/// Where a pod serves MCP, as far as the server's settings say.
public struct HandshakeEndpoint: Sendable, Hashable {
    /// The transport.
    public var transport: Transport
    /// The path of the endpoint.
    public var path: String
    /// The port of pods that do not name one.
    public var port: Int
    /// Whether the pods serve TLS.
    public var usesTLS: Bool

    package init(transport: Transport, path: String, port: Int, usesTLS: Bool) {
        self.transport = transport
        self.path = path
        self.port = port
        self.usesTLS = usesTLS
    }

    /// - Parameter settings: of the server.
    package init(_ settings: EffectiveSettings) {
        // The adapter for stdio serves Streamable HTTP.
        transport = settings.transport == .stdio ? .streamableHTTP : settings.transport
        path = settings.path
        port = settings.port
        usesTLS = settings.appProtocol == "https"
    }
}
