internal import KubernetesAPI
internal import MCPProtocol

/// One server of the registry, as one caller sees it. Pure.
struct RegistryEntry: Sendable, Hashable {
    var publication: Publication
    /// The URL of the server at the gateway.
    var url: String
    /// Whether clients must be given a token, because they cannot find out where to get one.
    var needsToken: Bool

    var name: String { publication.name }

    /// - Parameters:
    ///   - route: a route with the members that the caller may call.
    ///   - origin: the address of the gateway, such as `https://mcp.example.com`.
    /// - Returns: `nil` if nothing approved is published there.
    init?(_ route: Route, origin: String, needsToken: Bool) {
        guard let publication = route.publication, !route.members.isEmpty else { return nil }
        self.publication = publication
        url = ProtectedResourceMetadata.resource(origin: origin, path: route.path)
        self.needsToken = needsToken
    }

    /// The `ServerResponse` of the Registry API.
    var json: RawJSON {
        let token: RawJSON = [
            "name": "Authorization",
            "description": "A token for the gateway, as \"Bearer TOKEN\"",
            "isRequired": true,
            "isSecret": true,
        ]
        return .object([
            (
                "server",
                .object([
                    ("$schema", .string(Self.schema)),
                    ("name", .string(publication.name)),
                    ("description", .string(publication.description)),
                    ("version", .string(publication.version)),
                    (
                        "remotes",
                        .array([
                            .object([
                                ("type", "streamable-http"),
                                ("url", .string(url)),
                                ("headers", needsToken ? .array([token]) : nil),
                            ])
                        ])
                    ),
                ])
            ),
            (
                "_meta",
                .object([
                    (
                        Self.metadataKey,
                        .object([
                            ("status", "active"),
                            ("publishedAt", .string(publication.recorded.description)),
                            ("updatedAt", .string(publication.updated.description)),
                            ("isLatest", true),
                        ])
                    )
                ])
            ),
        ])
    }

    private static let schema = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
    private static let metadataKey = "io.modelcontextprotocol.registry/official"
}
