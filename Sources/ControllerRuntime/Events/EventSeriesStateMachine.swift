import KubernetesAPI

/// Decides which Events are written when the same thing happens repeatedly, by client-go's rules (`tools/events`): the
/// first occurrence creates an Event, the second makes it a series, and further ones are counted and written when the
/// series ends (no occurrence for six minutes) or has continued for half an hour.
struct EventSeriesStateMachine: Sendable {
    typealias Instant = RuntimeClock.Instant

    /// The identity of a series. The note is not part of it: a series keeps its first note.
    struct Key: Sendable, Hashable {
        var type: String
        var action: String
        var reason: String
        var reportingController: String
        var reportingInstance: String
        var regarding: EventObject.Reference
        var related: EventObject.Reference?

        init(_ event: EventObject) {
            type = event.type
            action = event.action
            reason = event.reason
            reportingController = event.reportingController
            reportingInstance = event.reportingInstance
            // The same object at another version is still the same object.
            regarding = event.regarding
            regarding.resourceVersion = nil
            related = event.related
            related?.resourceVersion = nil
        }
    }

    enum Write: Sendable, Equatable {
        case create(EventObject)
        /// Patch the series of the Event. The whole Event is included in case it has to be created again.
        case patchSeries(EventObject)

        /// The name of the Event, which identifies its series.
        var eventName: String {
            switch self {
            case .create(let event), .patchSeries(let event): event.metadata.name ?? ""
            }
        }
    }

    private struct Entry {
        var event: EventObject
        var lastObservedAt: Instant
        var lastWrittenAt: Instant
        var hasUnwrittenCount = false
    }

    /// A series ends after this time without another occurrence.
    var finishAfter: Duration = .seconds(360)
    /// How often an open series is written.
    var refreshEvery: Duration = .seconds(1_800)

    private var entries: [Key: Entry] = [:]

    /// The number of open series.
    var count: Int { entries.count }

    /// Records an occurrence. Returns the write to make now, if any.
    mutating func record(_ event: EventObject, now: Instant) -> Write? {
        let key = Key(event)
        guard var entry = entries[key], entry.lastObservedAt.duration(to: now) < finishAfter else {
            entries[key] = Entry(event: event, lastObservedAt: now, lastWrittenAt: now)
            return .create(event)
        }
        let isSecond = entry.event.series == nil
        entry.event.series = EventObject.Series(
            count: (entry.event.series?.count ?? 1) + 1,
            lastObservedTime: event.eventTime
        )
        entry.lastObservedAt = now
        entry.hasUnwrittenCount = !isSecond
        if isSecond { entry.lastWrittenAt = now }
        entries[key] = entry
        return isSecond ? .patchSeries(entry.event) : nil
    }

    /// Returns the writes for series that have ended or are due. Call it regularly.
    mutating func sweep(now: Instant) -> [Write] {
        var writes: [Write] = []
        for (key, entry) in entries {
            let isOver = entry.lastObservedAt.duration(to: now) >= finishAfter
            let isDue = entry.lastWrittenAt.duration(to: now) >= refreshEvery
            if entry.hasUnwrittenCount, isOver || isDue {
                writes.append(.patchSeries(entry.event))
                entries[key]?.hasUnwrittenCount = false
                entries[key]?.lastWrittenAt = now
            }
            if isOver { entries[key] = nil }
        }
        return writes
    }

    /// Ends all series, and returns the remaining writes.
    mutating func finish() -> [Write] {
        defer { entries = [:] }
        return entries.values.filter(\.hasUnwrittenCount).map { .patchSeries($0.event) }
    }
}
