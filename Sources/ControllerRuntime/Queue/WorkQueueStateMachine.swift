import DequeModule
import HeapModule

/// The decisions of the work queue, without timers or tasks.
///
/// A key is in the queue at most once, and is not handed out again before `done`. A key that is added while it is being
/// processed waits for `done`. Adding a queued key again keeps the higher priority and the earlier time. Ready keys are
/// handed out by priority, and keys with the same priority in the order in which they became ready. These are the rules
/// of controller-runtime's priority queue.
struct WorkQueueStateMachine<Key: Hashable & Sendable>: Sendable {
    typealias Instant = RuntimeClock.Instant
    typealias WaiterID = UInt64

    /// A key that was handed out.
    struct HandOut: Sendable, Equatable {
        var key: Key
        var priority: Int
        /// How long the key had been ready.
        var queuedFor: Duration
    }

    /// The actions of the driver.
    struct Action: Sendable {
        /// Keys for waiting workers.
        var handOuts: [(waiter: WaiterID, handOut: HandOut)] = []
        /// Whether a delayed key is now due earlier than all others.
        var isTimerBroughtForward = false
    }

    enum NextAction: Sendable {
        case handOut(HandOut)
        /// A later action will name the waiter.
        case wait
        case shutDown
    }

    private struct Queued {
        var priority: Int
        /// When the key can be handed out; `nil` if it already can.
        var readyAt: Instant?
        var readySince: Instant
        var sequence: UInt64
        /// The version of the current heap entry of this key; entries with another version are outdated.
        var version: UInt64
    }

    private struct Record {
        var queued: Queued?
        var processingSince: Instant?
    }

    private struct Ready: Comparable {
        var priority: Int
        var sequence: UInt64
        var version: UInt64
        var key: Key

        static func < (left: Ready, right: Ready) -> Bool {
            // The greatest entry comes first: higher priority, then lower sequence number.
            left.priority != right.priority ? left.priority < right.priority : left.sequence > right.sequence
        }

        static func == (left: Ready, right: Ready) -> Bool {
            left.version == right.version
        }
    }

    private struct Delayed: Comparable {
        var readyAt: Instant
        var version: UInt64
        var key: Key

        static func < (left: Delayed, right: Delayed) -> Bool {
            left.readyAt != right.readyAt ? left.readyAt < right.readyAt : left.version < right.version
        }

        static func == (left: Delayed, right: Delayed) -> Bool {
            left.version == right.version
        }
    }

    private var records: [Key: Record] = [:]
    private var ready = Heap<Ready>()
    private var delayed = Heap<Delayed>()
    private var waiters = Deque<WaiterID>()
    private var backoff: RetryBackoff<Key>
    private var overallLimit: TokenBucket?
    private var lastSequence: UInt64 = 0
    private var lastVersion: UInt64 = 0
    private var readyCount = 0
    private var delayedCount = 0

    /// The number of ready keys, by priority. A key that only waits for its own `done` counts as ready.
    private(set) var depth: [Int: Int] = [:]
    /// How often a key became ready.
    private(set) var addCount = 0
    /// How often a key was added with a backoff.
    private(set) var retryCount = 0
    /// When a key was last handed out or done.
    private(set) var lastProgress: Instant
    private(set) var isShutDown = false

    init(backoff: RetryBackoff<Key> = RetryBackoff(), overallLimit: TokenBucket? = nil, now: Instant = Instant()) {
        self.backoff = backoff
        self.overallLimit = overallLimit
        self.lastProgress = now
    }

    /// The number of queued keys, including delayed ones.
    var count: Int { readyCount + delayedCount }

    /// The times at which the processing of keys started.
    var processingSince: [Instant] { records.values.compactMap(\.processingSince) }

    /// Whether there are ready keys that a worker could take. A key that waits for its own `done` does not count.
    var hasIdleWork: Bool { ready.unordered.contains { isCurrent($0.key, $0.version) } }

    /// When the next delayed key is due.
    var nextDeadline: Instant? { delayed.min?.readyAt }

    func failureCount(of key: Key) -> Int { backoff.failureCount(of: key) }

    mutating func add(
        _ key: Key,
        priority: Int = 0,
        after delay: Duration = .zero,
        isRetry: Bool = false,
        now: Instant
    ) -> Action {
        guard !isShutDown else { return Action() }
        var action = promoteDue(now: now)
        var delay = delay
        if isRetry {
            retryCount += 1
            delay = max(delay, backoff.delay(afterFailureOf: key))
            if let overall = overallLimit?.reserve(at: now) { delay = max(delay, overall) }
        }
        let deadlineBefore = nextDeadline
        insert(key, priority: priority, readyAt: delay > .zero ? now.advanced(by: delay) : nil, now: now)
        serveWaiters(now: now, into: &action)
        if let deadline = nextDeadline {
            action.isTimerBroughtForward = deadlineBefore.map { deadline < $0 } ?? true
        }
        return action
    }

    /// Takes a key if one is ready, without waiting.
    mutating func poll(now: Instant) -> HandOut? {
        // Waiters come first. While there are any, the timer hands out the keys that become due.
        guard !isShutDown, waiters.isEmpty else { return nil }
        _ = promoteDue(now: now)
        return takeReady(now: now)
    }

    mutating func next(waiter: WaiterID, now: Instant) -> NextAction {
        guard !isShutDown else { return .shutDown }
        if let handOut = poll(now: now) { return .handOut(handOut) }
        waiters.append(waiter)
        return .wait
    }

    /// Removes a waiter. Returns whether it was waiting.
    mutating func cancelWaiter(_ waiter: WaiterID) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// Ends the processing of a key. Also returns how long it took, `nil` if the key was not being processed.
    mutating func done(_ key: Key, now: Instant) -> (action: Action, workedFor: Duration?) {
        guard var record = records[key], let since = record.processingSince else { return (Action(), nil) }
        record.processingSince = nil
        lastProgress = now
        records[key] = record.queued == nil ? nil : record
        var action = promoteDue(now: now)
        if record.queued != nil {
            let deadlineBefore = nextDeadline
            place(key, now: now)
            serveWaiters(now: now, into: &action)
            if let deadline = nextDeadline {
                action.isTimerBroughtForward = deadlineBefore.map { deadline < $0 } ?? true
            }
        }
        return (action, since.duration(to: now))
    }

    /// Resets the backoff of a key.
    mutating func forget(_ key: Key) {
        backoff.forget(key)
    }

    /// Hands out the keys that have become due.
    mutating func timerFired(now: Instant) -> Action {
        promoteDue(now: now)
    }

    /// Ends everything. Returns the waiters.
    mutating func shutDown() -> [WaiterID] {
        isShutDown = true
        defer { waiters = [] }
        return Array(waiters)
    }

    // MARK: Inside

    private mutating func insert(_ key: Key, priority: Int, readyAt: Instant?, now: Instant) {
        var record = records[key] ?? Record()
        guard let before = record.queued else {
            record.queued = Queued(
                priority: priority,
                readyAt: readyAt,
                readySince: now,
                sequence: nextSequence(),
                version: 0
            )
            records[key] = record
            countIn(priority: priority, isReady: readyAt == nil)
            if record.processingSince == nil { place(key, now: now) }
            return
        }
        var after = before
        after.priority = max(before.priority, priority)
        if let old = before.readyAt {
            after.readyAt = readyAt.map { min($0, old) }
            if after.readyAt == nil {
                after.readySince = now
                after.sequence = nextSequence()
            }
        }
        guard after.priority != before.priority || after.readyAt != before.readyAt else { return }
        countOut(priority: before.priority, isReady: before.readyAt == nil)
        countIn(priority: after.priority, isReady: after.readyAt == nil, isNew: before.readyAt != nil)
        record.queued = after
        records[key] = record
        if record.processingSince == nil { place(key, now: now) }
    }

    /// Adds a queued key that is not being processed to the right heap.
    private mutating func place(_ key: Key, now: Instant) {
        guard var queued = records[key]?.queued else { return }
        lastVersion += 1
        queued.version = lastVersion
        if let readyAt = queued.readyAt, readyAt <= now { becomeReady(&queued, now: now) }
        records[key]?.queued = queued
        if let readyAt = queued.readyAt {
            delayed.insert(Delayed(readyAt: readyAt, version: queued.version, key: key))
            dropLeftOverDelays()
        } else {
            ready.insert(
                Ready(priority: queued.priority, sequence: queued.sequence, version: queued.version, key: key)
            )
            if ready.count > 64, ready.count > 2 * readyCount { rebuildReady() }
        }
    }

    private mutating func becomeReady(_ queued: inout Queued, now: Instant) {
        countOut(priority: queued.priority, isReady: false)
        countIn(priority: queued.priority, isReady: true)
        queued.readyAt = nil
        queued.readySince = now
        queued.sequence = nextSequence()
    }

    private mutating func promoteDue(now: Instant) -> Action {
        var action = Action()
        var isAnyReady = false
        while let first = delayed.min {
            guard isCurrent(first.key, first.version) else {
                delayed.removeMin()
                continue
            }
            guard first.readyAt <= now else { break }
            delayed.removeMin()
            place(first.key, now: now)
            isAnyReady = true
        }
        if isAnyReady { serveWaiters(now: now, into: &action) }
        return action
    }

    private mutating func serveWaiters(now: Instant, into action: inout Action) {
        while let waiter = waiters.first, let handOut = takeReady(now: now) {
            waiters.removeFirst()
            action.handOuts.append((waiter, handOut))
        }
    }

    private mutating func takeReady(now: Instant) -> HandOut? {
        while let entry = ready.popMax() {
            guard isCurrent(entry.key, entry.version), let queued = records[entry.key]?.queued else { continue }
            records[entry.key] = Record(queued: nil, processingSince: now)
            countOut(priority: queued.priority, isReady: true)
            lastProgress = now
            return HandOut(
                key: entry.key,
                priority: queued.priority,
                queuedFor: queued.readySince.duration(to: now)
            )
        }
        return nil
    }

    private func isCurrent(_ key: Key, _ version: UInt64) -> Bool {
        guard let record = records[key], record.processingSince == nil else { return false }
        return record.queued?.version == version
    }

    private mutating func dropLeftOverDelays() {
        while let first = delayed.min, !isCurrent(first.key, first.version) { delayed.removeMin() }
        guard delayed.count > 64, delayed.count > 2 * delayedCount else { return }
        delayed = Heap(delayed.unordered.filter { isCurrent($0.key, $0.version) })
    }

    private mutating func rebuildReady() {
        ready = Heap(ready.unordered.filter { isCurrent($0.key, $0.version) })
    }

    private mutating func nextSequence() -> UInt64 {
        lastSequence += 1
        return lastSequence
    }

    private mutating func countIn(priority: Int, isReady: Bool, isNew: Bool = true) {
        guard isReady else {
            delayedCount += 1
            return
        }
        readyCount += 1
        depth[priority, default: 0] += 1
        if isNew { addCount += 1 }
    }

    private mutating func countOut(priority: Int, isReady: Bool) {
        guard isReady else {
            delayedCount -= 1
            return
        }
        readyCount -= 1
        depth[priority, default: 0] -= 1
    }
}
