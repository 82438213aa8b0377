public import MCPTransport

/// A server that the gateway passes requests to.
public struct Backend: Sendable, Hashable {
    /// How the server is reached.
    public enum Target: Sendable, Hashable {
        /// Streamable HTTP of either era at this URL, or HTTP+SSE where nothing else is offered there.
        case streamableHTTP(url: String)
        /// HTTP+SSE, whose stream is at this URL.
        case httpSSE(url: String)
        /// The ready pods of a server in the cluster: Streamable HTTP of either era, or HTTP+SSE where nothing else is offered. A session
        /// stays with its pod.
        case pods([PodEndpoint])
        /// A server that somebody else runs.
        case remote(RemoteEndpoint)
        /// A command, which the gateway runs as processes.
        case command(MCPCommand)
    }

    /// A pod that serves.
    public struct PodEndpoint: Sendable, Hashable {
        /// The pod's UID; a pod that is created again has another one.
        public var id: String
        /// The URL of the endpoint, such as `http://10.0.0.7:8080/mcp`.
        public var url: String

        public init(id: String, url: String) {
            self.id = id
            self.url = url
        }
    }

    /// What callers' tokens are exchanged for.
    public struct TokenExchange: Sendable, Hashable {
        /// The service, by its name in the platform's settings.
        public var target: String
        /// The tenant that owns the server; `nil` for none.
        public var tenant: String?

        public init(target: String, tenant: String?) {
            self.target = target
            self.tenant = tenant
        }
    }

    /// The name, unique in a route table: `NAMESPACE/NAME`, or the name in a file of servers.
    public var id: String
    /// How the server is reached.
    public var target: Target
    /// Header fields for each request to the server, such as its credentials.
    public var headers: [UpstreamHeader]
    /// What the server publishes, if that was approved; `nil` if the server says so itself.
    public var catalogue: Catalogue?
    /// The namespace of the server in the cluster; `nil` without a cluster.
    public var namespace: String?
    /// The labels of the server, for access rules.
    public var labels: [String: String]
    /// How many calls of a tool are allowed a minute, by the bytes of the server's own name of it.
    public var toolCallsPerMinute: [[UInt8]: Int] = [:]
    /// Whether the arguments of calls are checked against the schemas in the catalogue.
    public var validatesArguments = false
    /// Why the server cannot be called now, for its callers, such as "it is suspended"; `nil` if nothing is known.
    public var unavailable: String?
    /// The exchange of callers' tokens, which the server needs; `nil` for none.
    public var tokenExchange: TokenExchange?

    public init(
        id: String,
        target: Target,
        headers: [UpstreamHeader] = [],
        catalogue: Catalogue? = nil,
        namespace: String? = nil,
        labels: [String: String] = [:],
        unavailable: String? = nil
    ) {
        self.id = id
        self.target = target
        self.headers = headers
        self.catalogue = catalogue
        self.namespace = namespace
        self.labels = labels
        self.unavailable = unavailable
    }

    /// The name without its namespace.
    public var name: String { id.split(separator: "/").last.map(String.init) ?? id }
}

/// A header field for requests to a backend. Its value may be a secret: it is in no description.
public struct UpstreamHeader: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The name.
    public let name: String
    /// The value.
    let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    public var description: String { "\(name): [redacted]" }
    public var debugDescription: String { description }
}
