public import MCPProtocol

/// Says to clients which authorization servers issue tokens for a resource (RFC 9728). Pure.
public struct ProtectedResourceMetadata: Sendable, Hashable {
    /// Where metadata is: this path, followed by the path of the resource.
    public static let wellKnownPath = "/.well-known/oauth-protected-resource"

    /// The canonical URI of the resource, without a trailing slash.
    public var resource: String
    /// The issuers of tokens.
    public var authorizationServers: [String]
    /// The scopes that operations of the resource can need.
    public var scopes: Set<String>
    /// A name for people.
    public var name: String?

    /// - Parameters:
    ///   - origin: the address of the gateway, such as `https://mcp.example.com`.
    ///   - path: the path of the resource, such as `/acme/search/mcp`; empty or `/` for the gateway as a whole.
    public init(
        origin: String,
        path: String,
        authorizationServers: [String],
        scopes: Set<String> = [],
        name: String? = nil
    ) {
        resource = Self.resource(origin: origin, path: path)
        self.authorizationServers = authorizationServers
        self.scopes = scopes
        self.name = name
    }

    /// The canonical URI of a resource: without a trailing slash, query and fragment.
    public static func resource(origin: String, path: String) -> String {
        var text = origin
        while text.hasSuffix("/") { text.removeLast() }
        var path = String(path.prefix { $0 != "?" && $0 != "#" })
        while path.hasSuffix("/") { path.removeLast() }
        if !path.isEmpty, !path.hasPrefix("/") { text += "/" }
        return text + path
    }

    /// The URL of the metadata of a resource (RFC 9728, section 3.1).
    public static func url(origin: String, path: String) -> String {
        let root = resource(origin: origin, path: "")
        return root + wellKnownPath + resource(origin: root, path: path).dropFirst(root.count)
    }

    /// The path of the resource whose metadata is at this path: empty for the gateway as a whole. `nil` if the path is not one of metadata.
    public static func resourcePath(of path: String) -> String? {
        guard path.hasPrefix(wellKnownPath) else { return nil }
        let rest = path.dropFirst(wellKnownPath.count)
        guard rest.isEmpty || rest.hasPrefix("/") else { return nil }
        return resource(origin: "", path: String(rest))
    }

    /// The document, or `nil` if there is no authorization server: the specification of MCP requires one.
    public var document: RawJSON? {
        guard !authorizationServers.isEmpty else { return nil }
        // A refresh token is between a client and its authorization server.
        let scopes = scopes.subtracting(["offline_access"])
        return .object([
            ("resource", .string(resource)),
            ("authorization_servers", .array(authorizationServers.map { RawJSON.string($0) })),
            ("scopes_supported", scopes.isEmpty ? nil : .array(scopes.sorted().map { RawJSON.string($0) })),
            ("bearer_methods_supported", ["header"]),
            ("resource_name", name.map { .string($0) }),
        ])
    }
}
