public import KubernetesAPI

/// How the gateway authenticates at the server on behalf of callers.
public struct UpstreamAuthentication: Sendable, Hashable, Codable {
    /// Exchanges the caller's token for one that the server can use on the caller's behalf.
    public var tokenExchange: UpstreamTokenExchange?

    /// Creates a value from its fields.
    public init(tokenExchange: UpstreamTokenExchange? = nil) {
        self.tokenExchange = tokenExchange
    }
}

extension UpstreamAuthentication: SchemaProviding {
    public static let schema = Schema.object(
        UpstreamAuthentication.self,
        "How the gateway authenticates at the server on behalf of callers. The caller's own token never goes to a server.",
        [
            "tokenExchange": UpstreamTokenExchange.schema.described(
                "Exchanges the caller's token for one that the server can use on the caller's behalf (RFC 8693)."
            )
        ]
    )
}

/// The exchange of callers' tokens for tokens of one service.
public struct UpstreamTokenExchange: Sendable, Hashable, Codable {
    /// The service, by its name in the platform's settings.
    public var target: String

    /// Creates a value from its fields.
    public init(target: String) {
        self.target = target
    }
}

extension UpstreamTokenExchange: SchemaProviding {
    public static let schema = Schema.object(
        UpstreamTokenExchange.self,
        "The exchange of callers' tokens for tokens of one service, which the gateway sends to the server as a bearer token.",
        [
            "target": .string(
                """
                The service, by the name of one of tokenExchange.targets in the platform's settings, which also say whether the \
                tenant's servers can get tokens for it.
                """
            )
            .dnsLabel()
            .required()
        ]
    )
}
