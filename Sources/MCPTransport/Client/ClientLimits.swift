public import MCPProtocol

/// How much a server may cost its client: time, memory, and the number of requests. Exceeding a limit is an error that names it.
public struct ClientLimits: Sendable, Hashable {
    /// The limits by name, as errors name them.
    public enum Name: String, Sendable, Hashable {
        case messageBytes, depth, streamBytes, headerBytes, pages, items, listBytes
        case waitingNotifications, requestsInFlight, resumptions, redirects, queuedBytes
    }

    /// The time for connecting, TLS included. 10 s.
    public var connectTime: Duration = .seconds(10)
    /// The time from sending a request to its whole answer. 60 s, as in the official SDKs.
    public var requestTime: Duration = .seconds(60)
    /// The time for the answer to the first request of a negotiation over stdio, where an old server may not answer at all. 30 s: many
    /// processes start slowly.
    public var discoverTime: Duration = .seconds(30)
    /// How long a stream of changes can be silent. 5 minutes; servers send comments more often.
    public var idleTime: Duration = .seconds(300)
    /// The time for each step of closing: ending the session, and of a process the end of its input, and SIGTERM. 2 s.
    public var closeTime: Duration = .seconds(2)
    /// The size and depth of one message. 4 MiB and 128 levels.
    public var message = MessageLimits()
    /// Bytes of one answer that comes as a stream, all its messages together. 64 MiB.
    public var streamBytes = 64 << 20
    /// Bytes of the header fields of a response. 64 KiB.
    public var headerBytes = 64 << 10
    /// Pages of one list. 100.
    public var pages = 100
    /// Items of one list. 10,000.
    public var items = 10_000
    /// Bytes of all pages of one list. 32 MiB.
    public var listBytes = 32 << 20
    /// Bytes of one line of standard error; a longer one is cut. 16 KiB.
    public var standardErrorLineBytes = 16 << 10
    /// Notifications that wait for the handler. 1,000.
    public var waitingNotifications = 1_000
    /// Requests in flight, in each direction. 1,000.
    public var requestsInFlight = 1_000
    /// How often a stream is resumed without a message in between. 5.
    public var resumptions = 5
    /// Bytes that wait to be written to a process. 64 MiB.
    public var queuedBytes = 64 << 20

    /// The defaults.
    public init() {}
}
