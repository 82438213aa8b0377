public import Policy

/// Where a remote server is, and how it is reached.
public struct RemoteEndpoint: Sendable, Hashable {
    /// The URL.
    public var url: String
    /// Whether the server speaks HTTP+SSE, whose stream is at the URL, and not Streamable HTTP.
    public var isEventStream: Bool
    /// Which addresses it may have. The address that was checked is the one that is connected to, and redirects are not followed.
    public var addresses: AddressRules
    /// The authorities of its certificate in PEM; `nil` for those of the system.
    public var authorities: String?
    /// How long connecting can take.
    public var connectTime: Duration
    /// How long an answer can take, if that is less than for all servers.
    public var requestTime: Duration?

    public init(
        url: String,
        isEventStream: Bool = false,
        addresses: AddressRules,
        authorities: String? = nil,
        connectTime: Duration = .seconds(10),
        requestTime: Duration? = nil
    ) {
        self.url = url
        self.isEventStream = isEventStream
        self.addresses = addresses
        self.authorities = authorities
        self.connectTime = connectTime
        self.requestTime = requestTime
    }
}
