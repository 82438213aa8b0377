/// What a reflector decides: when to list and from which version, when to watch and from where, what to do about each
/// failure. The rules and numbers are those of client-go's `tools/cache/reflector.go`; where they differ, the comment says so.
struct ReflectorStateMachine<Random: RandomNumberGenerator & Sendable>: Sendable {
    typealias Instant = RuntimeClock.Instant

    struct Configuration: Sendable {
        /// Whether to ask for streaming lists (`WatchListClient`, on by default since client-go 0.35).
        var usesStreamingList = true
        /// The most objects in a page.
        var pageSize = 500
        /// Between these, at random, a watch asks the server to end it.
        var watchTimeout: ClosedRange<Int> = 300...600
        /// A watch that ended sooner, with nothing told, failed.
        var shortestWatch: Duration = .seconds(1)
        /// How often at least a server that is well tells something: a bookmark, where nothing happens.
        var bookmarkPeriod: Duration = .seconds(60)
        /// For how long internal errors are met by trying the same watch again.
        var internalErrorPatience: Duration = .seconds(30)
        var backoff = Backoff()
    }

    enum Request: Sendable, Equatable {
        case list(ListRequest)
        case watch(WatchRequest)
    }

    /// What to do next, after a pause.
    struct Step: Sendable, Equatable {
        var delay: Duration = .zero
        var request: Request
    }

    enum PageAction: Sendable, Equatable {
        /// Keep the objects, and ask for the next page.
        case more(ListRequest)
        /// The list is whole: swap it in, then go on. Where the server's versions went back, what is known goes by no version.
        case replace(Step, isRewound: Bool)
    }

    enum EventAction: Sendable, Equatable {
        /// Apply the change to the store.
        case apply
        /// Keep the object for the swap that closes a streaming list.
        case collect
        /// Swap in what was kept; where the server's versions went back, whatever the versions say.
        case replace(isRewound: Bool)
        /// The server's versions went back: end the watch as expired.
        case rewind
        case ignore
    }

    enum EventKind: Sendable, Equatable {
        case added, modified, deleted
        case bookmark(initialEventsEnd: Bool)
    }

    private enum Phase: Sendable {
        case idle
        case listing(ListRequest)
        case watching(Watch)
    }

    private struct Watch: Sendable {
        var request: WatchRequest
        /// When the server accepted it; `nil` before.
        var startedAt: Instant?
        var eventCount = 0
        /// Whether the objects that a streaming list starts with are still being sent.
        var isInitial: Bool
    }

    private(set) var configuration: Configuration
    private var backoff: Backoff
    private var random: Random
    private var phase = Phase.idle
    /// The version up to which everything is known; `nil` before the first list.
    private(set) var resourceVersion: String?
    /// The server could not serve `resourceVersion`: ask for the state as stored instead.
    private var isVersionUnavailable = false
    /// A list from version 0 came in pages, so the server keeps no cache, and asking for all at once would cost it dear.
    private var isPaginated = false
    /// The server refused to stream lists.
    private var isStreamingListRefused = false
    private var firstInternalErrorAt: Instant?
    /// A watch expired, and none has told anything since.
    private var hasExpired = false

    init(configuration: Configuration = Configuration(), random: Random) {
        self.configuration = configuration
        self.backoff = configuration.backoff
        self.random = random
    }

    /// Whether the watch that runs is still sending the objects that a streaming list starts with.
    var isCollecting: Bool {
        if case .watching(let watch) = phase { return watch.isInitial }
        return false
    }

    mutating func start(now: Instant) -> Step {
        relist(delay: .zero)
    }

    // MARK: Lists

    mutating func listed<Object>(_ page: ListResult<Object>, now: Instant) -> PageAction {
        guard case .listing(let request) = phase else {
            return .replace(relist(delay: .zero), isRewound: false)
        }
        if let token = page.continueToken, !token.isEmpty {
            if request.resourceVersion == "0" { isPaginated = true }
            // A token carries its version with it; the server refuses both together.
            let next = ListRequest(resourceVersion: "", limit: request.limit, continueToken: token)
            phase = .listing(next)
            return .more(next)
        }
        let isRewound = isBehind(page.resourceVersion)
        resourceVersion = page.resourceVersion
        isVersionUnavailable = false
        return .replace(watch(from: page.resourceVersion, delay: .zero), isRewound: isRewound)
    }

    mutating func listFailed(_ failure: ListWatchFailure, now: Instant) -> Step {
        guard case .listing(let request) = phase else { return relist(delay: delay(now)) }
        switch failure {
        case .expired where request.continueToken != nil:
            // The pages took longer than the server keeps history: take all of it at once.
            return list(ListRequest(resourceVersion: ""), delay: .zero)
        case .expired where request.resourceVersion != "", .versionTooLarge where request.resourceVersion != "":
            isVersionUnavailable = true
            return list(listRequest(), delay: .zero)
        case .tooManyRequests(let retryAfter):
            return relist(delay: max(delay(now), retryAfter ?? .zero))
        default:
            return relist(delay: delay(now))
        }
    }

    // MARK: Watches

    mutating func watchStarted(now: Instant) {
        guard case .watching(var watch) = phase else { return }
        watch.startedAt = now
        phase = .watching(watch)
    }

    mutating func received(_ event: EventKind, resourceVersion version: String?, now: Instant) -> EventAction {
        guard case .watching(var watch) = phase else { return .ignore }
        watch.eventCount += 1
        defer { phase = .watching(watch) }
        firstInternalErrorAt = nil
        if watch.isInitial {
            switch event {
            case .bookmark(initialEventsEnd: true):
                watch.isInitial = false
                let isRewound = isBehind(version)
                if let version, !version.isEmpty { resourceVersion = version }
                isVersionUnavailable = false
                return .replace(isRewound: isRewound)
            case .bookmark: return .ignore
            case .added, .modified, .deleted: return .collect
            }
        }
        if case .bookmark = event, isBehind(version) {
            // The server was set back. Events from before it would have held back; of bookmarks not all do.
            isVersionUnavailable = true
            return .rewind
        }
        hasExpired = false
        if let version, !version.isEmpty { resourceVersion = version }
        if case .bookmark = event { return .ignore }
        return .apply
    }

    /// The watch is over: the server ended it (`failure` is `nil`) or it failed, at the start or in its course.
    mutating func watchEnded(_ failure: ListWatchFailure?, now: Instant) -> Step {
        guard case .watching(let watch) = phase else { return relist(delay: delay(now)) }
        if watch.isInitial { return streamingListEnded(failure, watch: watch, now: now) }
        let lasted = watch.startedAt.map { $0.duration(to: now) } ?? .zero
        let isShort = watch.eventCount == 0 && lasted < configuration.shortestWatch
        switch failure {
        case nil, .dropped:
            // Nothing is lost: the same version continues where this ended. Only one that ends at once is suspect.
            if isShort { return relist(delay: delay(now)) }
            // A server that was set back accepts a watch from a version that it has not reached, and holds back all, bookmarks
            // too, until it has. To a list at that version it says that the version is too large.
            if failure != nil, watch.eventCount == 0, lasted >= configuration.bookmarkPeriod {
                return relist(delay: .zero)
            }
            return watchAgain(delay: .zero)
        case .unreachable:
            return watchAgain(delay: delay(now))
        case .tooManyRequests(let retryAfter):
            return watchAgain(delay: max(delay(now), retryAfter ?? .zero))
        case .internalError:
            let first = firstInternalErrorAt ?? now
            firstInternalErrorAt = first
            if first.duration(to: now) < configuration.internalErrorPatience { return watchAgain(delay: delay(now)) }
            firstInternalErrorAt = nil
            return relist(delay: delay(now))
        case .expired, .versionTooLarge:
            // A list at the version known gives that or a later one, so it stays; a list that cannot do so says so itself.
            // client-go waits here always; we do only where it goes on and on, since changes are late meanwhile.
            defer { hasExpired = true }
            return relist(delay: hasExpired ? delay(now) : .zero)
        case .forbidden, .unsupported, .other:
            return relist(delay: delay(now))
        }
    }

    private mutating func streamingListEnded(_ failure: ListWatchFailure?, watch: Watch, now: Instant) -> Step {
        switch failure {
        case .unreachable:
            return relist(delay: delay(now))
        case .tooManyRequests(let retryAfter):
            return relist(delay: max(delay(now), retryAfter ?? .zero))
        case .expired, .versionTooLarge:
            isVersionUnavailable = true
            return relist(delay: delay(now))
        case .unsupported:
            isStreamingListRefused = true
            return list(listRequest(), delay: .zero)
        case nil, .dropped, .internalError, .forbidden, .other:
            // This time the plain way; the next relist may stream again.
            return list(listRequest(), delay: .zero)
        }
    }

    // MARK: Inside

    /// Whether a version comes before what is known, so that the server was set back to an earlier state: restored from a
    /// backup. Versions of one kind can be compared as numbers (KEP-5504).
    private func isBehind(_ version: String?) -> Bool {
        guard let version = version.flatMap({ UInt64($0) }),
            let known = resourceVersion.flatMap({ UInt64($0) })
        else {
            return false
        }
        return version < known
    }

    private mutating func delay(_ now: Instant) -> Duration {
        backoff.delay(afterFailureAt: now, using: &random)
    }

    private mutating func relist(delay: Duration) -> Step {
        guard configuration.usesStreamingList, !isStreamingListRefused else { return list(listRequest(), delay: delay) }
        // Without a version, the state as stored.
        let version = isVersionUnavailable ? "" : resourceVersion ?? ""
        return startWatch(
            WatchRequest(resourceVersion: version, sendInitialEvents: true, timeoutSeconds: timeout()),
            delay
        )
    }

    private mutating func list(_ request: ListRequest, delay: Duration) -> Step {
        phase = .listing(request)
        return Step(delay: delay, request: .list(request))
    }

    private func listRequest() -> ListRequest {
        let version = isVersionUnavailable ? "" : resourceVersion ?? "0"
        // In pages the server reads from its storage; at a version it has, it answers from its cache, all at once.
        let isWhole = !isPaginated && version != "" && version != "0"
        return ListRequest(resourceVersion: version, limit: isWhole ? nil : configuration.pageSize)
    }

    private mutating func watchAgain(delay: Duration) -> Step {
        watch(from: resourceVersion ?? "", delay: delay)
    }

    private mutating func watch(from version: String, delay: Duration) -> Step {
        startWatch(WatchRequest(resourceVersion: version, timeoutSeconds: timeout()), delay)
    }

    private mutating func startWatch(_ request: WatchRequest, _ delay: Duration) -> Step {
        phase = .watching(Watch(request: request, isInitial: request.sendInitialEvents))
        return Step(delay: delay, request: .watch(request))
    }

    private mutating func timeout() -> Int {
        Int.random(in: configuration.watchTimeout, using: &random)
    }
}
