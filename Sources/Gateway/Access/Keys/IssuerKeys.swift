internal import ControllerRuntime
internal import Logging
internal import Policy
internal import Synchronization

/// Reads the keys of one issuer, as `KeyRefresh` decides: one request at a time, for all tokens that wait for it.
final class IssuerKeys: Sendable {
    private struct State {
        var refresh: KeyRefresh
        var isRunning = false
        var waiting: [Int: AsyncStream<Never>.Continuation] = [:]
        var lastWaiter = 0

        mutating func removeWaiting() -> [AsyncStream<Never>.Continuation] {
            defer { waiting = [:] }
            return Array(waiting.values)
        }
    }

    private let name: String
    private let source: any KeySource
    private let clock: RuntimeClock
    private let logger: Logger
    private let state: Mutex<State>
    private let requests = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - name: for logs.
    ///   - interval: how often the keys are read.
    init(name: String, source: any KeySource, interval: Duration, clock: RuntimeClock, logger: Logger) {
        self.name = name
        self.source = source
        self.clock = clock
        self.logger = logger
        state = Mutex(State(refresh: KeyRefresh(interval: interval)))
    }

    /// The key of a token, and the generation of the keys that it belongs to. May wait until the keys are read.
    ///
    /// - Throws: `AuthenticationFailure` if there is no such key, or keys cannot be read.
    func key(
        id: String?,
        _ algorithm: SignatureAlgorithm
    ) async throws(AuthenticationFailure) -> (key: VerificationKey, generation: Int) {
        var hasWaited = false
        while true {
            let (ended, waiter) = AsyncStream<Never>.makeStream()
            let now = clock.now.offset
            let (step, generation, number) = state.withLock { state in
                let step = state.refresh.find(
                    id: id,
                    algorithm,
                    now: now,
                    hasWaited: hasWaited,
                    canRead: state.isRunning
                )
                switch step {
                case .startAndWait, .wait:
                    state.lastWaiter += 1
                    state.waiting[state.lastWaiter] = waiter
                case .use, .refuse: break
                }
                return (step, state.refresh.generation, state.lastWaiter)
            }
            switch step {
            case .use(let key): return (key, generation)
            case .refuse(let failure): throw failure
            case .startAndWait: requests.continuation.yield()
            case .wait: break
            }
            // Ends when the keys were read, or this task is cancelled.
            for await _ in ended {}
            state.withLock { _ = $0.waiting.removeValue(forKey: number) }
            hasWaited = true
        }
    }

    /// The issuer of the keys, once they were read. May wait until then.
    func issuer() async -> String? {
        let (ended, waiter) = AsyncStream<Never>.makeStream()
        let number: Int? = state.withLock { state in
            guard state.refresh.keys == nil, state.isRunning, state.refresh.isReading else { return nil }
            state.lastWaiter += 1
            state.waiting[state.lastWaiter] = waiter
            return state.lastWaiter
        }
        if let number {
            for await _ in ended {}
            state.withLock { _ = $0.waiting.removeValue(forKey: number) }
        }
        return state.withLock { $0.refresh.keys?.issuer }
    }

    /// Changes whenever the keys do.
    var generation: Int { state.withLock { $0.refresh.generation } }

    /// How many tokens wait until the keys are read.
    var waiters: Int { state.withLock { $0.waiting.count } }

    /// How many keys there are, and why reading them failed the last time.
    var status: (keys: Int, failure: String?) {
        state.withLock { ($0.refresh.keys?.set.count ?? 0, $0.refresh.failure) }
    }

    /// Reads keys until the task is cancelled.
    func run() async {
        begin()
        defer {
            let waiting = state.withLock { state in
                state.isRunning = false
                state.refresh.interrupt()
                return state.removeWaiting()
            }
            waiting.forEach { $0.finish() }
        }
        while !Task.isCancelled {
            let delay = await read()
            await wait(delay)
        }
    }

    /// Notes that `run` is about to read the keys, so that tokens wait for it.
    func begin() {
        let now = clock.now.offset
        state.withLock { state in
            state.isRunning = true
            state.refresh.start(now: now)
        }
    }

    private func read() async -> Duration {
        let now = clock.now.offset
        state.withLock { $0.refresh.start(now: now) }
        let result: Result<FetchedKeys, FetchFailure>
        do { result = .success(try await source.fetch()) } catch { result = .failure(error) }
        if Task.isCancelled { return .zero }
        let (delay, changed, waiting) = state.withLock { state in
            let before = state.refresh.generation
            let delay = state.refresh.finish(result)
            return (delay, state.refresh.generation != before, state.removeWaiting())
        }
        waiting.forEach { $0.finish() }
        switch result {
        case .success(let keys):
            for problem in keys.set.problems where changed {
                logger.warning(
                    "a key of an issuer is not used",
                    metadata: ["issuer": "\(name)", "error": "\(problem)"]
                )
            }
        case .failure(let error):
            logger.warning(
                "the keys of an issuer could not be read",
                metadata: ["issuer": "\(name)", "error": "\(error)", "retryIn": "\(delay)"]
            )
        }
        return delay
    }

    /// Waits until the keys are due, or a token needs them.
    private func wait(_ delay: Duration) async {
        let requested = requests.stream
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock] in try? await clock.sleep(until: clock.now.advanced(by: delay), tolerance: nil) }
            group.addTask { for await _ in requested { return } }
            await group.next()
            group.cancelAll()
        }
    }
}
