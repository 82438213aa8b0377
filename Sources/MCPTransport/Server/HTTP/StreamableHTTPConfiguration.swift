public import MCPProtocol

/// How a server speaks Streamable HTTP.
public struct StreamableHTTPConfiguration: Sendable {
    /// The revisions that are served, on one path. All that there are, by default.
    public var versions = SupportedVersions.all
    /// Which web pages may call the server: none by default, except for its own where ``hosts`` names the server.
    public var origins = OriginPolicy()
    /// Which names the server answers to. All by default; ``StreamableHTTPServer`` on a loopback address answers to the names of the loopback
    /// address alone.
    public var hosts: HostPolicy?
    /// The requests of 2026-07-28 that are let through; others are answered with 404. By default those of the revision's core; `nil`
    /// lets all through to the handler.
    public var methods: Set<Method>? = Method.clientRequests(in: .v2026_07_28)
    /// Puts legacy sessions into their ids, so that other servers can continue them. Without one, sessions live in this process alone.
    public var sealer: (any SessionSealer)?
    /// How much the server accepts.
    public var limits = ServerLimits()

    public init() {}
}
