public import MCPProtocol

/// How much a server accepts. Each limit has a default that suits a server behind a gateway.
public struct ServerLimits: Sendable {
    /// Limits of one message, and with them of a request's body and of a line on stdio: 4 MiB, 128 levels.
    public var message = MessageLimits()
    /// Bytes of all header fields of a request, and of one of them: 32 KiB. A session id alone may have 4 KiB.
    public var maximumHeaderBytes = 32 << 10
    /// Header fields of a request: 200.
    public var maximumHeaderFields = 200
    /// How long a client may take to send a body: 30 seconds.
    public var bodyTime = Duration.seconds(30)
    /// How long a connection without a request stays open: 75 seconds.
    public var connectionIdleTime = Duration.seconds(75)
    /// Connections at the same time: 4,096. More wait in the backlog.
    public var maximumConnections = 4_096
    /// Requests that are worked on at the same time, in all sessions: 1,024. More are answered with 503.
    public var maximumRequests = 1_024
    /// Requests of one session that are worked on at the same time: 128.
    public var maximumRequestsPerSession = 128
    /// How long the work on a request may take: 10 minutes. Subscriptions have no limit.
    public var requestTime = Duration.seconds(600)
    /// Streams that last, at the same time: those of `subscriptions/listen` and of GET. 1,024. More are answered with 503.
    public var maximumStreams = 1_024
    /// How often a comment keeps a quiet stream alive: 15 seconds.
    public var keepAliveInterval = Duration.seconds(15)
    /// Sessions of the legacy era: 10,000. More are answered with 503.
    public var maximumSessions = 10_000
    /// How long a session may be idle before it ends: 30 minutes. A session with an open stream or a request in flight is not idle.
    public var sessionIdleTime = Duration.seconds(1_800)
    /// How long the server waits for a client's response to a request of its own: 5 minutes, since people may have to answer.
    public var clientResponseTime = Duration.seconds(300)
    /// Messages that a stream holds for a client that reads slowly; then the handler waits: 64.
    public var maximumUnreadMessages = 64
    /// Events that a stream of a legacy session keeps, so that a client can resume it with `Last-Event-ID`: 256. Zero switches event ids
    /// and resuming off.
    public var maximumReplayEvents = 256
    /// Bytes of the events that a stream keeps: 1 MiB.
    public var maximumReplayBytes = 1 << 20
    /// Finished answer streams that a session keeps for resuming: 16.
    public var maximumReplayStreams = 16
    /// How long a client should wait before it comes back to an answer stream that broke; clients of 2025-11-25 are told. 1 second.
    public var reconnectionTime = Duration.seconds(1)
    /// How long a server that stops waits for the requests in flight: 20 seconds.
    public var shutdownGracePeriod = Duration.seconds(20)

    public init() {}
}
