import KubernetesAPI
import Logging
import Synchronization

/// Keeps a local copy of a collection up to date with the server: it lists and watches as its state machine decides.
final class Reflector<Object: CachedObject>: Sendable {
    private typealias Machine = ReflectorStateMachine<Object, SystemRandomNumberGenerator>

    /// Ends a watch from inside.
    private struct WatchFailed: Error {
        var failure: ListWatchFailure
        var status: Status
    }

    /// How a watch ended.
    private enum WatchEnd: Sendable {
        case ended(ListWatchFailure?)
        case silent
    }

    private struct State {
        var machine: Machine
        var failure: String?
    }

    private let name: String
    private let source: ListWatch<Object>
    private let configuration: ReflectorConfiguration
    private let clock: RuntimeClock
    private let logger: Logger
    private let heartbeat: Heartbeat
    private let receive: @Sendable (ReflectorOutput<Object>) -> Void
    private let state: Mutex<State>
    /// Rings when the deadline of the current watch may have changed.
    private let deadlineChanged = Alarm()

    init(
        name: String,
        source: ListWatch<Object>,
        configuration: ReflectorConfiguration = ReflectorConfiguration(),
        clock: RuntimeClock,
        logger: Logger,
        heartbeat: Heartbeat,
        receive: @escaping @Sendable (ReflectorOutput<Object>) -> Void
    ) {
        self.name = name
        self.source = source
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.heartbeat = heartbeat
        self.receive = receive
        state = Mutex(State(machine: Machine(configuration: configuration, random: SystemRandomNumberGenerator())))
    }

    /// Why the copy may be out of date, `nil` if it is up to date.
    var syncFailure: String? { state.withLock { $0.failure } }

    /// Runs until the task is cancelled.
    func run() async {
        defer { heartbeat.stop() }
        var step = state.withLock { $0.machine.start() }
        while !Task.isCancelled {
            heartbeat.beat()
            if step.delay > .zero {
                await rest(for: step.delay)
                if Task.isCancelled { return }
            }
            switch step.request {
            case .list(let request): step = await list(request)
            case .check(let request): step = await check(request)
            case .watch(let request): step = await watch(request)
            }
        }
    }

    /// Waits with a running heartbeat, because a server can ask for a longer delay than a health check allows.
    private func rest(for delay: Duration) async {
        let end = clock.now.advanced(by: delay)
        while !Task.isCancelled, clock.now < end {
            try? await clock.sleep(until: min(end, clock.now.advanced(by: .seconds(60))))
            heartbeat.beat()
        }
    }

    // MARK: Lists

    private func page(_ request: ListRequest) async throws -> ListResult<Object> {
        let page = try await withTimeout(configuration.listTimeout, clock: clock, operation: "list \(name)") {
            [source] in try await source.list(request)
        }
        heartbeat.beat()
        return page
    }

    private func list(_ request: ListRequest) async -> Machine.Step {
        do {
            let page = try await page(request)
            let now = clock.now
            let (output, step) = state.withLock { $0.machine.listed(page, now: now) }
            if let output {
                deliver(output)
                recovered()
            }
            return step
        } catch {
            let failure = source.classify(error)
            if !Task.isCancelled { report("list", failure, error) }
            let now = clock.now
            return state.withLock { $0.machine.listFailed(failure, now: now) }
        }
    }

    private func check(_ request: ListRequest) async -> Machine.Step {
        logger.debug("checking the resource version of a silent watch", metadata: ["cache": "\(name)"])
        do {
            let page = try await page(request)
            let now = clock.now
            return state.withLock { $0.machine.checked(page, now: now) }
        } catch {
            let failure = source.classify(error)
            if !Task.isCancelled { report("list", failure, error) }
            let now = clock.now
            return state.withLock { $0.machine.checkFailed(failure, now: now) }
        }
    }

    private func deliver(_ output: ReflectorOutput<Object>) {
        if case .replace(let replacement, _) = output, replacement.isRewound {
            logger.warning(
                "the server was restored from a backup: all objects are replaced",
                metadata: ["cache": "\(name)", "resourceVersion": "\(replacement.resourceVersion ?? "")"]
            )
        }
        receive(output)
    }

    // MARK: Watches

    private func watch(_ request: WatchRequest) async -> Machine.Step {
        let start = clock.now
        state.withLock { $0.machine.watchRequested(now: start) }
        let end = await withTaskGroup(of: WatchEnd.self) { group in
            group.addTask { .ended(await self.runWatch(request)) }
            group.addTask { await self.waitForSilence() }
            let first = await group.next()
            // The machine must not receive events of this watch after its end, so the group waits for both tasks.
            group.cancelAll()
            await group.waitForAll()
            return first ?? .ended(.dropped)
        }
        let now = clock.now
        return state.withLock { state in
            switch end {
            case .ended(let failure): state.machine.watchEnded(failure, now: now)
            case .silent: state.machine.watchWasSilent(now: now)
            }
        }
    }

    private func runWatch(_ request: WatchRequest) async -> ListWatchFailure? {
        do {
            try await source.watch(
                request,
                {
                    let now = self.clock.now
                    let isCurrent = self.state.withLock { $0.machine.watchAccepted(now: now) }
                    self.deadlineChanged.ring()
                    if isCurrent { self.recovered() }
                },
                { event in try self.handle(.object(event)) },
                { object in try? self.handle(.unreadable(object)) }
            )
            logger.debug("watch ended", metadata: ["cache": "\(name)"])
            return nil
        } catch let error as WatchFailed {
            report(request, error.failure, error.status)
            return error.failure
        } catch {
            if Task.isCancelled { return .dropped }
            let failure = source.classify(error)
            report(request, failure, error)
            return failure
        }
    }

    private func report(_ request: WatchRequest, _ failure: ListWatchFailure, _ error: any Error) {
        guard failure == .unsupported, request.sendInitialEvents else { return report("watch", failure, error) }
        // This is not a problem: a list has the same result.
        logger.debug("the server does not support streaming lists: \(error)", metadata: ["cache": "\(name)"])
    }

    /// - Throws: `WatchFailed` if the event ends the watch.
    private func handle(_ event: Machine.Event) throws {
        let now = clock.now
        heartbeat.beat()
        switch state.withLock({ $0.machine.received(event, now: now) }) {
        case .ignore: break
        case .deliver(let output):
            deliver(output)
            if case .replace = output {
                deadlineChanged.ring()
                recovered()
            }
        case .end(let failure, let status):
            throw WatchFailed(failure: failure, status: status)
        }
    }

    /// Returns when the watch has been silent until its deadline: the connection may be dead without either side
    /// noticing.
    private func waitForSilence() async -> WatchEnd {
        while true {
            let now = clock.now
            let (deadline, isStreaming) = state.withLock { ($0.machine.silenceDeadline, $0.machine.isStreaming) }
            if let deadline, deadline <= now {
                logger.info(
                    isStreaming ? "a streaming list was silent before it was complete" : "a watch was silent",
                    metadata: ["cache": "\(name)"]
                )
                state.withLock { $0.failure = "watch of \(name) failed: the server sent nothing in time" }
                return .silent
            }
            // Wakes up at least once a minute, for the heartbeat.
            let wakeUp = now.advanced(by: .seconds(60))
            do {
                try await deadlineChanged.sleep(until: min(deadline ?? wakeUp, wakeUp), clock: clock)
            } catch {
                return .ended(.dropped)
            }
            heartbeat.beat()
        }
    }

    // MARK: Reports

    private func recovered() {
        let failure = state.withLock { state -> String? in
            defer { state.failure = nil }
            return state.failure
        }
        if failure != nil { logger.info("in sync again", metadata: ["cache": "\(name)"]) }
    }

    private func report(_ verb: String, _ failure: ListWatchFailure, _ error: any Error) {
        let level: Logger.Level
        let message: String
        switch failure {
        case .forbidden:
            level = .warning
            message = "not allowed to \(verb) \(name): grant the verbs list and watch on it (\(error))"
        case .expired, .dropped:
            level = .debug
            message = "\(verb) of \(name) failed: \(error)"
        default:
            level = .info
            message = "\(verb) of \(name) failed: \(error)"
        }
        logger.log(level: level, "\(message)", metadata: ["cache": "\(name)"])
        // Watches expire regularly.
        guard failure != .expired else { return }
        state.withLock { $0.failure = message }
    }
}
