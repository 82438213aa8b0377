public import MCPProtocol

/// How much a backend may cost the gateway. Each limit is an option.
public struct UpstreamLimits: Sendable, Hashable {
    /// The time for connecting, TLS included. 10 s.
    public var connectTime: Duration = .seconds(10)
    /// The time from sending a request to its whole answer. 120 s. Subscriptions have no limit.
    public var requestTime: Duration = .seconds(120)
    /// The time in which a backend has to answer the first request, and one member of several a list: 10 s.
    public var listTime: Duration = .seconds(10)
    /// Size and depth of one message. 16 MiB and 128 levels.
    public var message = MessageLimits(maximumBytes: 16 << 20)
    /// Bytes of one answer that comes as a stream, all its messages together. 256 MiB.
    public var streamBytes = 256 << 20
    /// Pages of one list. 100.
    public var pages = 100
    /// How often a stream is resumed without a message in between. 5.
    public var resumptions = 5
    /// How long a list is kept of a backend without an approved contract, unless it says that the list has changed: 30 s.
    public var listLifetime: Duration = .seconds(30)
    /// How long a session with a backend is kept that no client uses: 10 minutes.
    public var sessionIdleTime: Duration = .seconds(600)

    /// When requests to a server that fails are refused: after 5 failures in a row, for 5 s, and then for up to 30 s.
    public var breaker = CircuitBreaker.Options()
    /// When a pod that fails gets no new sessions and requests: after 3 failures in a row, for 10 s, and then for up to 300 s.
    public var ejection = PodEjection.Options()
    /// At how many pods a request is tried that could not be sent, because there was no connection: 3.
    public var maximumPodsTried = 3

    public init() {}
}
