import KubernetesAPI
import Logging
import Synchronization

/// Keeps a local copy of a collection in step with the server: lists, watches, and does what its state machine says.
final class Reflector<Object: CachedObject>: Sendable {
    private typealias Machine = ReflectorStateMachine<SystemRandomNumberGenerator>

    struct Configuration: Sendable {
        var machine = ReflectorStateMachine<SystemRandomNumberGenerator>.Configuration()
        /// A watch that says nothing for so long is taken for dead. The server sends a bookmark a minute.
        var idleTimeout: Duration = .seconds(90)
        /// A streaming list that says nothing for so long, and is not complete, comes from a server that streams no lists.
        var streamingListPatience: Duration = .seconds(30)
        /// How often the silence is looked at, and a streaming list that is not complete is warned of.
        var watchdogPeriod: Duration = .seconds(10)
        /// How long one page may take. The server gives up after 60 s.
        var listTimeout: Duration = .seconds(90)
    }

    /// What a reflector tells of what it learnt.
    enum Output: Sendable {
        /// These are all objects, and why some of them cannot be read.
        case replace(Replacement<Object>, unreadable: [UnreadableObject])
        case upsert(Object)
        case delete(Object)
        /// An object is there, or gone, that cannot be read.
        case unreadable(UnreadableObject)
    }

    /// Ends a watch from within.
    private struct WatchFailed: Error {
        var failure: ListWatchFailure
        var status: Status
    }

    private struct State {
        var machine: Machine
        /// What a streaming list has sent so far.
        var collected: [NamespacedName: Object] = [:]
        /// What was among that and could not be read.
        var unreadable: [NamespacedName: UnreadableObject] = [:]
        var lastActivity = RuntimeClock.Instant()
        var trouble: String?
    }

    private let name: String
    private let source: ListWatch<Object>
    private let configuration: Configuration
    private let clock: RuntimeClock
    private let logger: Logger
    private let heartbeat: Heartbeat
    private let receive: @Sendable (Output) -> Void
    private let state: Mutex<State>

    init(
        name: String,
        source: ListWatch<Object>,
        configuration: Configuration = Configuration(),
        clock: RuntimeClock,
        logger: Logger,
        heartbeat: Heartbeat,
        receive: @escaping @Sendable (Output) -> Void
    ) {
        self.name = name
        self.source = source
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.heartbeat = heartbeat
        self.receive = receive
        let machine = Machine(configuration: configuration.machine, random: SystemRandomNumberGenerator())
        state = Mutex(State(machine: machine))
    }

    /// Why the copy may be stale, `nil` while all is well.
    var trouble: String? { state.withLock { $0.trouble } }

    /// Runs until the task is cancelled.
    func run() async {
        defer { heartbeat.stop() }
        let now = clock.now
        var step = state.withLock { $0.machine.start(now: now) }
        while !Task.isCancelled {
            heartbeat.beat()
            if step.delay > .zero {
                await rest(for: step.delay)
                if Task.isCancelled { return }
            }
            switch step.request {
            case .list(let request): step = await list(request)
            case .watch(let request): step = await watch(request)
            }
        }
    }

    /// Waits, and shows all the while that it is alive: a server may ask for more patience than a health check has.
    private func rest(for delay: Duration) async {
        let end = clock.now.advanced(by: delay)
        while !Task.isCancelled, clock.now < end {
            try? await clock.sleep(until: min(end, clock.now.advanced(by: .seconds(60))))
            heartbeat.beat()
        }
    }

    // MARK: Lists

    private func list(_ first: ListRequest) async -> Machine.Step {
        var objects: [Object] = []
        var unreadable: [UnreadableObject] = []
        var request = first
        while true {
            do {
                let page = try await withTimeout(configuration.listTimeout, clock: clock, operation: "list \(name)") {
                    [source, request] in try await source.list(request)
                }
                heartbeat.beat()
                objects.append(contentsOf: page.objects)
                unreadable.append(contentsOf: page.unreadable)
                let now = clock.now
                switch state.withLock({ $0.machine.listed(page, now: now) }) {
                case .more(let next):
                    request = next
                case .replace(let step, let isRewound):
                    replace(with: objects, unreadable, version: page.resourceVersion, isRewound: isRewound)
                    recovered()
                    return step
                }
            } catch {
                let failure = source.classify(error)
                if !Task.isCancelled { report("list", failure, error) }
                let now = clock.now
                return state.withLock { $0.machine.listFailed(failure, now: now) }
            }
        }
    }

    private func replace(
        with objects: [Object],
        _ unreadable: [UnreadableObject],
        version: String?,
        isRewound: Bool
    ) {
        if isRewound {
            logger.warning(
                "the server was set back to an earlier state: everything is taken over anew",
                metadata: ["cache": "\(name)", "resourceVersion": "\(version ?? "")"]
            )
        }
        let replacement = Replacement(
            objects: objects,
            unreadable: Set(unreadable.map(\.key)),
            resourceVersion: version,
            isRewound: isRewound
        )
        receive(.replace(replacement, unreadable: unreadable))
    }

    // MARK: Watches

    private func watch(_ request: WatchRequest) async -> Machine.Step {
        let now = clock.now
        state.withLock { state in
            state.lastActivity = now
            state.collected = [:]
            state.unreadable = [:]
        }
        let failure = await withTaskGroup(of: ListWatchFailure?.self) { group in
            group.addTask { await self.runWatch(request) }
            group.addTask { await self.watchOverSilence(isStreamingList: request.sendInitialEvents) }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
        let end = clock.now
        return state.withLock { state in
            state.collected = [:]
            state.unreadable = [:]
            return state.machine.watchEnded(failure, now: end)
        }
    }

    private func runWatch(_ request: WatchRequest) async -> ListWatchFailure? {
        do {
            try await source.watch(
                request,
                {
                    let now = self.clock.now
                    self.state.withLock { state in
                        state.lastActivity = now
                        state.machine.watchStarted(now: now)
                    }
                    if !request.sendInitialEvents { self.recovered() }
                },
                { event in try self.handle(event) },
                { object in self.handle(object) }
            )
            logger.debug("watch ended", metadata: ["cache": "\(name)"])
            return nil
        } catch let error as WatchFailed {
            report("watch", error.failure, error.status)
            return error.failure
        } catch {
            if Task.isCancelled { return .dropped }
            let failure = source.classify(error)
            report("watch", failure, error)
            return failure
        }
    }

    private func handle(_ event: WatchEvent<Object>) throws {
        let now = clock.now
        heartbeat.beat()
        let kind: Machine.EventKind
        let object: Object?
        let version: String?
        switch event {
        case .added(let value): (kind, object, version) = (.added, value, value.metadata.resourceVersion)
        case .modified(let value): (kind, object, version) = (.modified, value, value.metadata.resourceVersion)
        case .deleted(let value): (kind, object, version) = (.deleted, value, value.metadata.resourceVersion)
        case .bookmark(let bookmarkVersion, let isEnd):
            (kind, object, version) = (.bookmark(initialEventsEnd: isEnd), nil, bookmarkVersion)
        case .error(let status):
            throw WatchFailed(failure: ListWatchFailure(status), status: status)
        }
        let (action, collected, unreadable) = state.withLock { state in
            state.lastActivity = now
            let action = state.machine.received(kind, resourceVersion: version, now: now)
            if action == .collect, let object {
                state.collected[object.namespacedName] = kind == .deleted ? nil : object
                state.unreadable[object.namespacedName] = nil
            }
            guard case .replace = action else { return (action, [Object](), [UnreadableObject]()) }
            defer {
                state.collected = [:]
                state.unreadable = [:]
            }
            return (action, Array(state.collected.values), Array(state.unreadable.values))
        }
        switch action {
        case .ignore, .collect: break
        case .apply:
            if let object { receive(kind == .deleted ? .delete(object) : .upsert(object)) }
        case .replace(let isRewound):
            replace(with: collected, unreadable, version: version, isRewound: isRewound)
            recovered()
        case .rewind:
            let message =
                "the server is at resourceVersion \(version ?? ""), which is before what it told already"
            throw WatchFailed(
                failure: .expired,
                status: Status(code: 410, reason: "Expired", message: message)
            )
        }
    }

    /// An event whose object cannot be read.
    private func handle(_ object: UnreadableObject) {
        let now = clock.now
        heartbeat.beat()
        let isInitial = state.withLock { state in
            state.lastActivity = now
            guard state.machine.isCollecting else { return false }
            state.collected[object.key] = nil
            state.unreadable[object.key] = object.isDeletion ? nil : object
            return true
        }
        if !isInitial { receive(.unreadable(object)) }
    }

    /// Returns when the watch has been silent for too long: the connection may be dead without either side knowing.
    private func watchOverSilence(isStreamingList: Bool) async -> ListWatchFailure? {
        while true {
            guard (try? await clock.sleep(until: clock.now.advanced(by: configuration.watchdogPeriod))) != nil else {
                return .dropped
            }
            heartbeat.beat()
            let now = clock.now
            let (silence, isCollecting) = state.withLock { state in
                (state.lastActivity.duration(to: now), state.machine.isCollecting)
            }
            if isCollecting {
                logger.warning(
                    "the streaming list is not complete yet",
                    metadata: ["cache": "\(name)", "silence": "\(silence)"]
                )
                if silence >= configuration.streamingListPatience { return .unsupported }
            } else if silence >= configuration.idleTimeout {
                logger.info("watch was silent for too long", metadata: ["cache": "\(name)", "silence": "\(silence)"])
                return .dropped
            }
        }
    }

    // MARK: Reports

    private func recovered() {
        let trouble = state.withLock { state -> String? in
            defer { state.trouble = nil }
            return state.trouble
        }
        if trouble != nil { logger.info("in step again", metadata: ["cache": "\(name)"]) }
    }

    private func report(_ verb: String, _ failure: ListWatchFailure, _ error: any Error) {
        let level: Logger.Level
        let trouble: String
        switch failure {
        case .forbidden:
            level = .warning
            trouble = "may not \(verb) \(name): grant the verbs list and watch on it (\(error))"
        case .expired, .dropped:
            level = .debug
            trouble = "\(verb) of \(name) failed: \(error)"
        default:
            level = .info
            trouble = "\(verb) of \(name) failed: \(error)"
        }
        logger.log(level: level, "\(trouble)", metadata: ["cache": "\(name)"])
        // A watch that has expired is the common course of things.
        guard failure != .expired else { return }
        state.withLock { $0.trouble = trouble }
    }
}
