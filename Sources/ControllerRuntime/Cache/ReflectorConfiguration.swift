internal import KubernetesAPI

/// How a reflector lists and watches. The numbers are those of client-go's `tools/cache/reflector.go` unless a comment says
/// otherwise.
struct ReflectorConfiguration: Sendable {
    /// Whether to use streaming lists (`WatchListClient`, on by default since client-go 0.35).
    var usesStreamingList = true
    /// The largest number of objects in a page.
    var pageSize = 500
    /// How long one page may take. The API server gives up after 60 s.
    var listTimeout: Duration = .seconds(90)
    /// A watch asks the server to end it after a number of seconds in this range, at random.
    var watchTimeout: ClosedRange<Int> = 300...600
    /// How long the server may take to accept a watch. It may queue a request for up to 60 s (API Priority and Fairness).
    var acceptTimeout: Duration = .seconds(75)
    /// How often a server that sends bookmarks sends one where nothing happens.
    var bookmarkPeriod: Duration = .seconds(60)
    /// How long a watch that has brought a bookmark may then be silent.
    var silenceLimit: Duration = .seconds(90)
    /// By how much a watch may outlast its timeout. This is the limit where a server sends no bookmarks.
    var timeoutMargin: Duration = .seconds(30)
    /// How long a streaming list may be silent before it is complete.
    var streamingListSilenceLimit: Duration = .seconds(30)
    /// A watch that ends sooner than this without an event is a failure.
    var shortestWatch: Duration = .seconds(1)
    /// The check after a silent watch is delayed by up to this, at random: a server that stalls silences all watches of all
    /// replicas together.
    var checkSpread: Duration = .seconds(10)
    /// How long internal errors are answered with the same watch before the resource version itself is suspected.
    var internalErrorPatience: Duration = .seconds(30)
    /// The delays after failures.
    var backoff = Backoff()
}
