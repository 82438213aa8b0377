import DequeModule
internal import KubernetesAPI
public import Logging
public import ServiceLifecycle
import Synchronization

/// What writing an Event led to, as far as the recorder decides by it.
public enum EventWriteOutcome: Sendable, Equatable {
    case written
    /// The Event to be patched is gone.
    case notFound
    /// The server refused it for good.
    case refused(String)
    /// It may work later.
    case failed(String)
}

/// Writes Events.
public struct EventAccess: Sendable {
    /// Creates an Event.
    public var create: @Sendable (EventObject) async -> EventWriteOutcome
    /// Patches the `series` of an Event.
    public var patchSeries: @Sendable (EventObject) async -> EventWriteOutcome

    public init(
        create: @escaping @Sendable (EventObject) async -> EventWriteOutcome,
        patchSeries: @escaping @Sendable (EventObject) async -> EventWriteOutcome
    ) {
        self.create = create
        self.patchSeries = patchSeries
    }
}

/// Tells people what happened to an object, as Kubernetes Events.
///
/// Recording never waits and never fails: Events are advice, and are dropped, and counted as dropped, rather than delay a
/// reconcile.
public final class EventRecorder: Service, CustomStringConvertible {
    /// Whether something went as it should.
    public enum Kind: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    /// client-go's numbers (`tools/events/event_broadcaster.go`).
    struct Limits: Sendable {
        var queueLength = 1_000
        var attempts = 12
        var retryDelay: Duration = .seconds(10)
        var retryJitter = 0.25
        var sweepPeriod: Duration = .seconds(60)
        /// How long the last Events may take at shutdown.
        var flushTimeout: Duration = .seconds(3)
        /// How many Events are written side by side. Those of one series are written one after the other.
        var lanes = 4
    }

    private struct State {
        var machine = EventSeriesStateMachine()
        /// What waits to be written, in lanes that are written side by side.
        var lanes: [Deque<EventSeriesStateMachine.Write>]
        var isClosed = false
        var lastNumber: Int64 = 0

        var waiting: Int { lanes.reduce(0) { $0 + $1.count } }

        /// Puts a write behind those of its series.
        mutating func append(_ write: EventSeriesStateMachine.Write) -> Int {
            // FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), of which the high bits depend on every byte.
            let hash = write.eventName.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
                ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
            }
            let lane = Int(hash >> 33) % lanes.count
            lanes[lane].append(write)
            return lane
        }
    }

    private let controller: String
    private let instance: String
    private let access: EventAccess
    private let limits: Limits
    private let clock: RuntimeClock
    private let logger: Logger
    private let state: Mutex<State>
    /// One a lane.
    private let alarms: [Alarm]
    private let written: Counter
    private let dropped: Counter
    private let failed: Counter

    /// Makes a recorder.
    ///
    /// - Parameters:
    ///   - controller: who tells, a domain-qualified name such as `moorage.dev/controller`.
    ///   - instance: which process tells.
    public convenience init(
        controller: String,
        instance: String,
        access: EventAccess,
        metrics: MetricsRegistry,
        clock: RuntimeClock = .system,
        logger: Logger = Logger(label: "runtime.events")
    ) {
        self.init(
            controller: controller,
            instance: instance,
            access: access,
            limits: Limits(),
            metrics: metrics,
            clock: clock,
            logger: logger
        )
    }

    init(
        controller: String,
        instance: String,
        access: EventAccess,
        limits: Limits,
        metrics: MetricsRegistry,
        clock: RuntimeClock,
        logger: Logger
    ) {
        self.controller = controller
        self.instance = String(instance.prefix(128))
        self.access = access
        self.limits = limits
        state = Mutex(State(lanes: Array(repeating: [], count: max(1, limits.lanes))))
        alarms = (0..<max(1, limits.lanes)).map { _ in Alarm() }
        self.clock = clock
        self.logger = logger
        let family = metrics.counters(
            "moorage_events_total",
            help: "Kubernetes Events by what became of them.",
            labels: ["result"]
        )
        written = family.with(["written"])
        dropped = family.with(["dropped"])
        failed = family.with(["failed"])
    }

    public var description: String { "EventRecorder" }

    /// Tells that something happened.
    ///
    /// - Parameters:
    ///   - reason: why, in CamelCase, 128 characters at most.
    ///   - action: what was done or tried, in CamelCase, 128 characters at most.
    ///   - note: what happened, for people; cut at 1 kB. No secrets.
    ///   - regarding: the object.
    ///   - related: another object that takes part.
    public func record(
        _ kind: Kind,
        reason: String,
        action: String,
        note: String,
        regarding: EventObject.Reference,
        related: EventObject.Reference? = nil
    ) {
        let now = clock.now
        let wallTime = clock.wallTime
        let (isDropped, lane) = state.withLock { state -> (Bool, Int?) in
            guard !state.isClosed, state.waiting < limits.queueLength else { return (true, nil) }
            // The name must be new even for two Events in one microsecond.
            state.lastNumber = max(state.lastNumber + 1, wallTime.microsecondsSinceEpoch * 1_000)
            let suffix = "." + String(state.lastNumber, radix: 16)
            let event = EventObject(
                metadata: ObjectMeta(
                    name: String(regarding.name.prefix(253 - suffix.count)) + suffix,
                    // Events about cluster-scoped objects live here by convention.
                    namespace: regarding.namespace ?? "default"
                ),
                eventTime: wallTime,
                reportingController: controller,
                reportingInstance: instance,
                action: String(action.prefix(128)),
                reason: String(reason.prefix(128)),
                type: kind.rawValue,
                note: Self.cut(note),
                regarding: regarding,
                related: related
            )
            return (false, state.machine.record(event, now: now).map { state.append($0) })
        }
        if isDropped { dropped.increment() }
        if let lane { alarms[lane].ring() }
    }

    /// Writes Events until shut down, and then for a moment longer those that are left, and those whose writing that
    /// interrupted.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in self.alarms.indices { group.addTask { try await self.writeAll(lane) } }
                group.addTask { try await self.sweepNowAndThen() }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        state.withLock { state in
            state.isClosed = true
            for write in state.machine.finish() { _ = state.append(write) }
        }
        if !Task.isCancelled {
            try? await withTimeout(
                limits.flushTimeout,
                clock: clock,
                operation: "writing the last events"
            ) {
                await withDiscardingTaskGroup { group in
                    for lane in self.alarms.indices { group.addTask { await self.flush(lane) } }
                }
            }
        }
        let left = state.withLock { state in state.waiting }
        if left > 0 {
            logger.warning("\(left) events could not be written before the end")
            dropped.increment(by: Double(left))
        }
    }

    private func writeAll(_ lane: Int) async throws {
        while true {
            try Task.checkCancellation()
            if let write = takeWrite(lane) {
                await perform(write, attempts: limits.attempts, lane: lane)
            } else {
                try await alarms[lane].sleep(until: nil, clock: clock)
            }
        }
    }

    private func flush(_ lane: Int) async {
        while !Task.isCancelled, let write = takeWrite(lane) {
            await perform(write, attempts: 1, lane: lane)
        }
    }

    private func sweepNowAndThen() async throws {
        while true {
            try await clock.sleep(until: clock.now.advanced(by: limits.sweepPeriod))
            let now = clock.now
            let lanes = state.withLock { state in state.machine.sweep(now: now).map { state.append($0) } }
            for lane in Set(lanes) { alarms[lane].ring() }
        }
    }

    private func takeWrite(_ lane: Int) -> EventSeriesStateMachine.Write? {
        state.withLock { $0.lanes[lane].popFirst() }
    }

    /// Writes one Event; where a cancellation interrupts that, it is the first of its lane again.
    private func perform(_ write: EventSeriesStateMachine.Write, attempts: Int, lane: Int) async {
        for attempt in 1...max(1, attempts) {
            switch await send(write) {
            case .written:
                written.increment()
                return
            case .refused(let reason):
                logger.warning("the server refused an event: \(reason)")
                failed.increment()
                return
            case .notFound:
                // Not the Event but its namespace is gone, which no waiting mends.
                logger.debug("an event was dropped with its namespace")
                failed.increment()
                return
            case .failed:
                if !Task.isCancelled {
                    guard attempt < attempts else { break }
                    let delay = limits.retryDelay * (1 + Double.random(in: 0...limits.retryJitter))
                    if (try? await clock.sleep(until: clock.now.advanced(by: delay))) != nil { continue }
                }
                // Writing it again does no harm: an Event that is there already counts as written.
                state.withLock { $0.lanes[lane].prepend(write) }
                return
            }
        }
        logger.warning("an event could not be written in \(attempts) attempts")
        failed.increment()
    }

    private func send(_ write: EventSeriesStateMachine.Write) async -> EventWriteOutcome {
        switch write {
        case .create(let event): return await access.create(event)
        case .patchSeries(let event):
            let outcome = await access.patchSeries(event)
            // The server forgets Events after an hour: begin anew.
            return outcome == .notFound ? await access.create(event) : outcome
        }
    }

    /// At most 1 kB of UTF-8, cut between characters.
    static func cut(_ note: String) -> String {
        guard note.utf8.count > 1_024 else { return note }
        var cut = ""
        var length = 0
        for character in note {
            let size = character.utf8.count
            guard length + size <= 1_021 else { break }
            cut.append(character)
            length += size
        }
        return cut + "…"
    }
}
