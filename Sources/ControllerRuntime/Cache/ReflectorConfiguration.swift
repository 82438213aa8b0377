internal import KubernetesAPI

/// How a reflector lists and watches. The numbers are those of client-go's `tools/cache/reflector.go` unless a comment says
/// otherwise.
struct ReflectorConfiguration: Sendable {
    /// Whether to use streaming lists (`WatchListClient`, on by default since client-go 0.35).
    var usesStreamingList = true
    /// The maximum number of objects in a page.
    var pageSize = 500
    /// The time limit for one page. The API server stops after 60 s.
    var listTimeout: Duration = .seconds(90)
    /// A watch asks the server to end it after a number of seconds in this range, at random.
    var watchTimeout: ClosedRange<Int> = 300...600
    /// The time limit for the server to accept a watch. It can queue a request for up to 60 s (API Priority and
    /// Fairness).
    var acceptTimeout: Duration = .seconds(75)
    /// How often a server that sends bookmarks sends one if nothing changes.
    var bookmarkPeriod: Duration = .seconds(60)
    /// How long a watch that has received a bookmark can then be silent.
    var silenceLimit: Duration = .seconds(90)
    /// How long a watch can continue after its timeout. This is the limit for servers that send no bookmarks.
    var timeoutMargin: Duration = .seconds(30)
    /// How long a streaming list can be silent before it is complete.
    var streamingListSilenceLimit: Duration = .seconds(30)
    /// A watch that ends sooner than this without an event is considered failed.
    var shortestWatch: Duration = .seconds(1)
    /// The check after a silent watch is delayed by up to this time, at random, because a server that stalls silences
    /// all watches of all replicas at the same time.
    var checkSpread: Duration = .seconds(10)
    /// How long the same watch is retried after internal errors before the resource version itself is considered the
    /// cause.
    var internalErrorPatience: Duration = .seconds(30)
    /// The delays after failures.
    var backoff = Backoff()
}
