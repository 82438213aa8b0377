public import MCPProtocol

/// Where Prometheus, Loki or Alertmanager is, as the administrator says. Calls never choose an address.
public struct BackendEndpoint: Sendable, Hashable {
    /// The base URL, such as `http://prometheus.monitoring.svc:9090`; it can have a path.
    public var url: RemoteURL
    /// A file with a bearer token, which is read for each request.
    public var tokenFile: String?
    /// A file with the certificates of the authorities that are trusted, in PEM; `nil` for those of the system.
    public var authorityFile: String?
    /// The tenant of Loki, sent as `X-Scope-OrgID`.
    public var tenant: String?

    public init(url: RemoteURL, tokenFile: String? = nil, authorityFile: String? = nil, tenant: String? = nil) {
        self.url = url
        self.tokenFile = tokenFile
        self.authorityFile = authorityFile
        self.tenant = tenant
    }
}
