import KubernetesAPI

/// The decisions of a reflector: when to list and from which version, when to watch and from which version, and how to
/// handle failures and silence.
///
/// The reflector lists at the start, and when the server says that a version no longer exists. After all other failures
/// (a connection that breaks, a server that is overloaded, stalls or fails) it continues the watch from the last
/// version. A watch that receives nothing, not even a bookmark, is followed by a check: a list of one object at the
/// last version. A server that was restored from a backup refuses it, because it has not reached that version.
struct ReflectorStateMachine<Object: CachedObject, Random: RandomNumberGenerator & Sendable>: Sendable {
    typealias Instant = RuntimeClock.Instant

    enum Request: Sendable, Equatable {
        case list(ListRequest)
        /// A list whose objects are not used: only whether the server answers it matters.
        case check(ListRequest)
        case watch(WatchRequest)
    }

    /// The next step, after a delay.
    struct Step: Sendable, Equatable {
        var delay: Duration = .zero
        var request: Request
    }

    enum EventAction: Sendable {
        case ignore
        case deliver(ReflectorOutput<Object>)
        /// End the watch with this failure.
        case end(ListWatchFailure, Status)
    }

    /// An event of a watch.
    enum Event: Sendable {
        case object(WatchEvent<Object>)
        /// An event whose object cannot be decoded.
        case unreadable(UnreadableObject)
    }

    /// Objects that are not delivered yet, because the list is not complete.
    private struct PartialList: Sendable {
        var objects: [NamespacedName: Stored<Object>] = [:]
        var unreadable: [NamespacedName: UnreadableObject] = [:]

        mutating func add(_ object: Object) {
            objects[object.namespacedName] = Stored(object)
            unreadable[object.namespacedName] = nil
        }

        mutating func add(_ object: UnreadableObject) {
            objects[object.key] = nil
            unreadable[object.key] = object.isDeletion ? nil : object
        }

        func output(version: String, isRewound: Bool) -> ReflectorOutput<Object> {
            // Sorted by key, so that handlers always see the same order.
            let replacement = Replacement(
                stored: objects.sorted { $0.key < $1.key }.map(\.value),
                unreadable: Set(unreadable.keys),
                resourceVersion: version,
                isRewound: isRewound
            )
            return .replace(replacement, unreadable: Array(unreadable.values))
        }
    }

    private struct Watch: Sendable {
        var request: WatchRequest
        var acceptedAt: Instant
        var lastEventAt: Instant
        var eventCount = 0

        mutating func noteEvent(at now: Instant) {
            eventCount += 1
            lastEventAt = now
        }
    }

    /// The step after a successful check.
    private enum AfterCheck: Sendable {
        case watch
        case list
    }

    private enum Phase: Sendable {
        /// `start` has not been called.
        case idle
        case listing(ListRequest, PartialList)
        case checking(ListRequest, AfterCheck)
        /// The server has not accepted the watch yet. `since` is `nil` until the request is sent.
        case connecting(WatchRequest, since: Instant?)
        /// A streaming list is sending its initial objects.
        case streaming(Watch, PartialList)
        case watching(Watch)
    }

    private let configuration: ReflectorConfiguration
    private var backoff: Backoff
    private var random: Random
    private var phase = Phase.idle
    /// The version up to which everything is known; `nil` before the first list.
    private(set) var resourceVersion: String?
    /// The server could not serve `resourceVersion`: the next list reads the stored state.
    private var isVersionUnavailable = false
    /// A list from version 0 was paginated: this server has no watch cache, so a list without pages would be expensive.
    private var isPaginated = false
    /// The server rejects streaming lists. Only an explicit answer sets this, not slowness or silence.
    private var isStreamingListRejected = false
    /// The last watch that was not silent received a bookmark.
    private var expectsBookmarks = false
    private var firstInternalErrorAt: Instant?
    /// A watch has expired, and no watch has received an event since.
    private var hasExpired = false

    init(configuration: ReflectorConfiguration = ReflectorConfiguration(), random: Random) {
        self.configuration = configuration
        self.backoff = configuration.backoff
        self.random = random
    }

    mutating func start() -> Step { relist(delay: .zero) }

    // MARK: Lists

    /// A page of a list was received.
    ///
    /// - Returns: what to deliver once the list is complete, and the next step.
    mutating func listed(_ page: ListResult<Object>, now: Instant) -> (ReflectorOutput<Object>?, Step) {
        guard case .listing(let request, var collection) = phase else { return (nil, recover(now)) }
        // Release the storage before changing it, so that it is changed in place.
        phase = .idle
        for object in page.objects { collection.add(object) }
        for object in page.unreadable { collection.add(object) }
        if let token = page.continueToken, !token.isEmpty {
            if request.resourceVersion == "0" { isPaginated = true }
            // The token contains the version; the server rejects requests that have both.
            let next = ListRequest(resourceVersion: "", limit: request.limit, continueToken: token)
            phase = .listing(next, collection)
            return (nil, Step(request: .list(next)))
        }
        let isRewound = isBehind(page.resourceVersion)
        resourceVersion = page.resourceVersion
        isVersionUnavailable = false
        let output = collection.output(version: page.resourceVersion, isRewound: isRewound)
        return (output, watch(from: page.resourceVersion, delay: .zero))
    }

    mutating func listFailed(_ failure: ListWatchFailure, now: Instant) -> Step {
        guard case .listing(let request, let collection) = phase else { return recover(now) }
        let isContinued = request.continueToken != nil
        switch failure {
        case .expired where isContinued:
            // The pages took longer than the server keeps its history: request the list without pages.
            return list(ListRequest(resourceVersion: ""), delay: .zero)
        case .expired where request.resourceVersion != "", .versionTooLarge where request.resourceVersion != "":
            isVersionUnavailable = true
            return list(listRequest(), delay: .zero)
        case .tooManyRequests(let retryAfter):
            // Request the same page again, because starting again would be more expensive for the server.
            return list(request, collection, delay: max(delay(now), retryAfter ?? .zero))
        case .unsupported where isContinued:
            return relist(delay: delay(now))
        case _ where isContinued:
            return list(request, collection, delay: delay(now))
        default:
            return relist(delay: delay(now))
        }
    }

    // MARK: Checks

    mutating func checked(_ page: ListResult<Object>, now: Instant) -> Step {
        guard case .checking(_, let next) = phase else { return recover(now) }
        if isBehind(page.resourceVersion) {
            isVersionUnavailable = true
            return relist(delay: .zero)
        }
        switch next {
        case .watch: return watchAgain(delay: .zero)
        case .list: return relist(delay: delay(now))
        }
    }

    mutating func checkFailed(_ failure: ListWatchFailure, now: Instant) -> Step {
        guard case .checking(let request, let next) = phase else { return recover(now) }
        switch failure {
        case .expired, .versionTooLarge:
            isVersionUnavailable = true
            return relist(delay: .zero)
        case .tooManyRequests(let retryAfter):
            return check(request, next, delay: max(delay(now), retryAfter ?? .zero))
        case .unsupported:
            return relist(delay: delay(now))
        case .internalError, .unreachable, .dropped, .forbidden, .other:
            return watchAgain(delay: delay(now))
        }
    }

    // MARK: Watches

    /// The request of a watch is being sent.
    mutating func watchRequested(now: Instant) {
        guard case .connecting(let request, _) = phase else { return impossible("a watch is requested in") }
        phase = .connecting(request, since: now)
    }

    /// The server accepted the watch.
    ///
    /// - Returns: whether the copy is up to date. With a streaming list, it is only after the list is complete.
    mutating func watchAccepted(now: Instant) -> Bool {
        guard case .connecting(let request, _) = phase else {
            impossible("a watch is accepted in")
            return false
        }
        let watch = Watch(request: request, acceptedAt: now, lastEventAt: now)
        phase = request.sendInitialEvents ? .streaming(watch, PartialList()) : .watching(watch)
        return !request.sendInitialEvents
    }

    mutating func received(_ event: Event, now: Instant) -> EventAction {
        switch phase {
        case .streaming(var watch, var collection):
            // Release the storage before changing it, so that it is changed in place.
            phase = .idle
            watch.noteEvent(at: now)
            let action = collect(event, into: &collection)
            switch action {
            case .deliver: phase = .watching(watch)
            case .ignore, .end: phase = .streaming(watch, collection)
            }
            return action
        case .watching(var watch):
            watch.noteEvent(at: now)
            phase = .watching(watch)
            return apply(event)
        case .idle, .listing, .checking, .connecting:
            impossible("an event arrives in")
            return .ignore
        }
    }

    private mutating func collect(_ event: Event, into collection: inout PartialList) -> EventAction {
        switch event {
        case .unreadable(let object): collection.add(object)
        case .object(.added(let object)), .object(.modified(let object)): collection.add(object)
        case .object(.deleted(let object)): collection.objects[object.namespacedName] = nil
        case .object(.error(let status)): return .end(ListWatchFailure(status), status)
        case .object(.bookmark(let version, initialEventsEnd: true)):
            let isRewound = isBehind(version)
            expectsBookmarks = true
            isVersionUnavailable = false
            advance(to: version)
            return .deliver(collection.output(version: version, isRewound: isRewound))
        case .object(.bookmark(_, initialEventsEnd: false)): break
        }
        return .ignore
    }

    private mutating func apply(_ event: Event) -> EventAction {
        firstInternalErrorAt = nil
        switch event {
        case .object(.error(let status)): return .end(ListWatchFailure(status), status)
        case .object(.bookmark(let version, _)):
            if isBehind(version) {
                // The server was restored from a backup. It would not send events until it reaches the known version.
                isVersionUnavailable = true
                let message = "the server is at resourceVersion \(version), which is before a version it sent earlier"
                return .end(.expired, Status(code: 410, reason: "Expired", message: message))
            }
            hasExpired = false
            expectsBookmarks = true
            advance(to: version)
            return .ignore
        case .unreadable(let object):
            hasExpired = false
            return .deliver(.unreadable(object))
        case .object(.added(let object)), .object(.modified(let object)):
            hasExpired = false
            advance(to: object.metadata.resourceVersion)
            return .deliver(.upsert(object))
        case .object(.deleted(let object)):
            hasExpired = false
            advance(to: object.metadata.resourceVersion)
            return .deliver(.delete(object))
        }
    }

    // MARK: Silence

    /// When the watch is considered silent unless something arrives; `nil` if no watch runs.
    var silenceDeadline: Instant? {
        switch phase {
        case .connecting(_, let since?): since.advanced(by: configuration.acceptTimeout)
        case .streaming(let watch, _): watch.lastEventAt.advanced(by: configuration.streamingListSilenceLimit)
        case .watching(let watch):
            expectsBookmarks
                ? watch.lastEventAt.advanced(by: configuration.silenceLimit)
                : watch.acceptedAt.advanced(by: .seconds(watch.request.timeoutSeconds) + configuration.timeoutMargin)
        case .idle, .listing, .checking, .connecting(_, nil): nil
        }
    }

    /// Whether a streaming list is being sent.
    var isStreaming: Bool {
        if case .streaming = phase { true } else { false }
    }

    // MARK: The end of a watch

    /// The watch was silent until its deadline, and was ended.
    mutating func watchWasSilent(now: Instant) -> Step {
        switch phase {
        case .connecting(let request, _):
            // There was no connection or no answer. This says nothing about what the server supports.
            return startWatch(withNewTimeout(request), delay(now))
        case .streaming:
            // Use a list without streaming this time. The next relist can stream again.
            return list(listRequest(), delay: delay(now))
        case .watching:
            expectsBookmarks = false
            return check(then: .watch, delay: configuration.checkSpread * Double.random(in: 0...1, using: &random))
        case .idle, .listing, .checking:
            return recover(now)
        }
    }

    /// The watch ended: the server ended it (`failure` is `nil`), or it failed at the start or later.
    mutating func watchEnded(_ failure: ListWatchFailure?, now: Instant) -> Step {
        switch phase {
        case .connecting(let request, _) where request.sendInitialEvents:
            return streamingListEnded(failure, now: now)
        case .streaming:
            return streamingListEnded(failure, now: now)
        case .connecting:
            return watchEnded(failure, eventCount: 0, lasted: .zero, now: now)
        case .watching(let watch):
            let lasted = watch.acceptedAt.duration(to: now)
            return watchEnded(failure, eventCount: watch.eventCount, lasted: lasted, now: now)
        case .idle, .listing, .checking:
            return recover(now)
        }
    }

    private mutating func watchEnded(
        _ failure: ListWatchFailure?,
        eventCount: Int,
        lasted: Duration,
        now: Instant
    ) -> Step {
        switch failure {
        case nil, .dropped:
            // Nothing was missed: the watch continues from the same version.
            guard eventCount == 0 else { return watchAgain(delay: .zero) }
            if lasted < configuration.shortestWatch { return watchAgain(delay: delay(now)) }
            // A server that was restored from a backup accepts a watch from a version that it has not reached, and
            // sends nothing until it reaches that version.
            return lasted < configuration.bookmarkPeriod
                ? watchAgain(delay: .zero) : check(then: .watch, delay: .zero)
        case .tooManyRequests(let retryAfter):
            return watchAgain(delay: max(delay(now), retryAfter ?? .zero))
        case .internalError:
            let first = firstInternalErrorAt ?? now
            firstInternalErrorAt = first
            if first.duration(to: now) < configuration.internalErrorPatience { return watchAgain(delay: delay(now)) }
            firstInternalErrorAt = nil
            // If the server answers a list at this version, the problem is the watch from this version.
            return check(then: .list, delay: delay(now))
        case .expired, .versionTooLarge:
            // If the server cannot answer a list at the known version, it says so. client-go always waits here; this
            // code waits only from the second time on, because changes are delayed during the wait.
            defer { hasExpired = true }
            return relist(delay: hasExpired ? delay(now) : .zero)
        case .unsupported:
            // The server does not accept the version.
            return relist(delay: delay(now))
        case .unreachable, .forbidden, .other:
            return watchAgain(delay: delay(now))
        }
    }

    private mutating func streamingListEnded(_ failure: ListWatchFailure?, now: Instant) -> Step {
        switch failure {
        case .unreachable:
            return relist(delay: delay(now))
        case .tooManyRequests(let retryAfter):
            return relist(delay: max(delay(now), retryAfter ?? .zero))
        case .expired, .versionTooLarge:
            isVersionUnavailable = true
            return relist(delay: delay(now))
        case .unsupported:
            isStreamingListRejected = true
            return list(listRequest(), delay: .zero)
        case nil, .dropped, .internalError, .forbidden, .other:
            // Use a list without streaming this time. The next relist can stream again.
            return list(listRequest(), delay: delay(now))
        }
    }

    // MARK: Steps

    private mutating func relist(delay: Duration) -> Step {
        guard configuration.usesStreamingList, !isStreamingListRejected else {
            return list(listRequest(), delay: delay)
        }
        // Without a version, the stored state is listed.
        let version = isVersionUnavailable ? "" : resourceVersion ?? ""
        return startWatch(
            WatchRequest(resourceVersion: version, sendInitialEvents: true, timeoutSeconds: timeout()),
            delay
        )
    }

    private mutating func list(_ request: ListRequest, _ collection: PartialList = PartialList(), delay: Duration)
        -> Step
    {
        phase = .listing(request, collection)
        return Step(delay: delay, request: .list(request))
    }

    private func listRequest() -> ListRequest {
        let version = isVersionUnavailable ? "" : resourceVersion ?? "0"
        // A paginated list is read from storage; a list without pages at a known version comes from the server's cache.
        let isWhole = !isPaginated && version != "" && version != "0"
        return ListRequest(resourceVersion: version, limit: isWhole ? nil : configuration.pageSize)
    }

    private mutating func check(then next: AfterCheck, delay: Duration) -> Step {
        check(ListRequest(resourceVersion: resourceVersion ?? "0", limit: 1), next, delay: delay)
    }

    private mutating func check(_ request: ListRequest, _ next: AfterCheck, delay: Duration) -> Step {
        phase = .checking(request, next)
        return Step(delay: delay, request: .check(request))
    }

    private mutating func watchAgain(delay: Duration) -> Step {
        watch(from: resourceVersion ?? "", delay: delay)
    }

    private mutating func watch(from version: String, delay: Duration) -> Step {
        startWatch(WatchRequest(resourceVersion: version, timeoutSeconds: timeout()), delay)
    }

    private mutating func startWatch(_ request: WatchRequest, _ delay: Duration) -> Step {
        phase = .connecting(request, since: nil)
        return Step(delay: delay, request: .watch(request))
    }

    private mutating func withNewTimeout(_ request: WatchRequest) -> WatchRequest {
        var request = request
        request.timeoutSeconds = timeout()
        return request
    }

    private mutating func timeout() -> Int {
        Int.random(in: configuration.watchTimeout, using: &random)
    }

    private mutating func delay(_ now: Instant) -> Duration {
        backoff.delay(afterFailureAt: now, using: &random)
    }

    // MARK: Versions

    private mutating func advance(to version: String?) {
        if let version, !version.isEmpty { resourceVersion = version }
    }

    /// Whether a version comes before a known one, which means that the server was restored from a backup. Versions of
    /// one kind can be compared as numbers (KEP-5504).
    private func isBehind(_ version: String?) -> Bool {
        guard let version = version.flatMap({ UInt64($0) }),
            let known = resourceVersion.flatMap({ UInt64($0) })
        else {
            return false
        }
        return version < known
    }

    // MARK: Impossible phases

    private func impossible(_ what: String) {
        assertionFailure("\(what) the phase \(phase)")
    }

    /// Recovers from an impossible phase: everything is listed again.
    private mutating func recover(_ now: Instant) -> Step {
        impossible("an answer arrives in")
        return relist(delay: delay(now))
    }
}
