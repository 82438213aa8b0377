import DequeModule
internal import KubernetesAPI
public import Logging
public import Observability
public import ServiceLifecycle
import Synchronization

/// The result of writing an Event.
public enum EventWriteOutcome: Sendable, Equatable {
    case written
    /// The Event to patch, or the namespace of the Event to create, does not exist.
    case notFound
    /// The namespace of the Event is being deleted, so that nothing can be created in it.
    case namespaceTerminating
    /// The server rejected it permanently.
    case refused(String)
    /// Another attempt can succeed.
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

/// Records what happened to an object as Kubernetes Events.
///
/// Recording never waits and never fails. Events are best effort: they are dropped and counted rather than delaying a
/// reconcile.
public final class EventRecorder: Service, CustomStringConvertible {
    /// The type of an Event.
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
        /// The time limit for writing the last Events at shutdown.
        var flushTimeout: Duration = .seconds(3)
        /// The number of Events that are written concurrently. Events of one series are written one after another.
        var lanes = 4
    }

    private struct State {
        var machine = EventSeriesStateMachine()
        /// The Events to write, in lanes that are written concurrently.
        var lanes: [Deque<EventSeriesStateMachine.Write>]
        var isClosed = false
        var lastNumber: Int64 = 0

        var waiting: Int { lanes.reduce(0) { $0 + $1.count } }

        /// Appends a write to the lane of its series.
        mutating func append(_ write: EventSeriesStateMachine.Write) -> Int {
            // FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), whose high bits depend on every byte.
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
    /// One for each lane.
    private let alarms: [Alarm]
    private let written: Counter
    private let dropped: Counter
    private let failed: Counter

    /// Creates a recorder.
    ///
    /// - Parameters:
    ///   - controller: the name of the controller, domain-qualified, such as `moorage.dev/controller`.
    ///   - instance: the name of the process.
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
        self.instance = instance.truncated(toUTF8Bytes: 128)
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

    /// Records an Event.
    ///
    /// - Parameters:
    ///   - reason: the reason, in CamelCase, at most 128 bytes.
    ///   - action: what was done or attempted, in CamelCase, at most 128 bytes.
    ///   - note: what happened, in plain text, truncated to 1 kB. It must not contain secrets.
    ///   - regarding: the object.
    ///   - related: another object that is involved.
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
            // The name must be unique, even for two Events in the same microsecond.
            state.lastNumber = max(state.lastNumber + 1, wallTime.microsecondsSinceEpoch * 1_000)
            let suffix = "." + String(state.lastNumber, radix: 16)
            let event = EventObject(
                metadata: ObjectMeta(
                    name: regarding.name.truncated(toUTF8Bytes: 253 - suffix.count) + suffix,
                    // The conventional namespace of Events about cluster-scoped objects.
                    namespace: regarding.namespace ?? "default"
                ),
                eventTime: wallTime,
                reportingController: controller,
                reportingInstance: instance,
                action: action.truncated(toUTF8Bytes: 128),
                reason: reason.truncated(toUTF8Bytes: 128),
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

    /// Writes Events until shut down, and then for a short time those that are left or were interrupted.
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
            logger.warning("\(left) events could not be written before the shutdown")
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

    /// Writes one Event. If a cancellation interrupts this, the Event is put back at the front of its lane.
    private func perform(_ write: EventSeriesStateMachine.Write, attempts: Int, lane: Int) async {
        for attempt in 1...max(1, attempts) {
            switch await send(write) {
            case .written:
                written.increment()
                return
            case .refused(let reason):
                logger.warning("the server rejected an event: \(reason)")
                failed.increment()
                return
            case .notFound, .namespaceTerminating:
                // Expected when a namespace is deleted, and waiting does not help.
                logger.debug("dropped an event because its namespace is deleted")
                failed.increment()
                return
            case .failed:
                if !Task.isCancelled {
                    guard attempt < attempts else { break }
                    let delay = limits.retryDelay * (1 + Double.random(in: 0...limits.retryJitter))
                    if (try? await clock.sleep(until: clock.now.advanced(by: delay))) != nil { continue }
                }
                // Writing it again is safe: an Event that already exists is considered written.
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
            // The server deletes Events after an hour: create it again.
            return outcome == .notFound ? await access.create(event) : outcome
        }
    }

    /// At most 1 kB of UTF-8 (`events.k8s.io` counts bytes), cut between code points.
    static func cut(_ note: String) -> String {
        guard note.utf8.count > 1_024 else { return note }
        return note.truncated(toUTF8Bytes: 1_021) + "…"
    }
}
