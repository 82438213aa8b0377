public import KubernetesAPI
public import Logging
public import ServiceLifecycle
import Synchronization

import struct FoundationEssentials.UUID

/// Runs a reconcile function for each key of its queue, several concurrently, but never two for the same key.
///
/// It starts when its caches have synced and, where a gate is given, when this process leads. A graceful shutdown lets the
/// running reconciles finish; losing the lead cancels them at once, and `run` throws.
public final class Controller: Service, CustomStringConvertible {
    /// Makes the actual state equal to the desired state for one key.
    public typealias Reconcile = @Sendable (NamespacedName) async throws -> ReconcileResult

    /// How a controller works.
    public struct Options: Sendable {
        /// How many keys are reconciled at the same time.
        public var workers: Int
        /// The time limit of a reconcile; `nil` for none.
        public var reconcileTimeout: Duration?
        /// How long `run` waits for synced caches before it throws; `nil` waits without limit, and is not ready meanwhile.
        public var cacheSyncTimeout: Duration?
        /// How long keys may be ready without a worker taking one before the process counts as not alive.
        public var stallLimit: Duration
        /// The limit on retries of all keys together; `nil` for only the backoff of each key. Changes are never delayed. It
        /// applies to the controller's own queue, not to one that is passed in.
        public var retryLimit: TokenBucket?

        public init(
            workers: Int = 8,
            reconcileTimeout: Duration? = nil,
            cacheSyncTimeout: Duration? = nil,
            stallLimit: Duration = .seconds(600),
            retryLimit: TokenBucket? = .retries
        ) {
            self.workers = max(1, workers)
            self.reconcileTimeout = reconcileTimeout
            self.cacheSyncTimeout = cacheSyncTimeout
            self.stallLimit = stallLimit
            self.retryLimit = retryLimit
        }
    }

    /// When a key that was taken without the lead is tried again.
    private static let lapsedLeadDelay = Duration.seconds(1)

    private struct State {
        /// When the workers started; `nil` while they do not run.
        var workingSince: RuntimeClock.Instant?
    }

    /// The name, for metrics and logs.
    public let name: String
    /// The keys to reconcile.
    public let queue: WorkQueue<NamespacedName>
    /// The caches that must be synced before the first reconcile.
    public let caches: [any SyncedCache]
    /// Leadership, where the controller needs it.
    public let gate: LeadershipGate?

    private let options: Options
    private let reconcile: Reconcile
    private let clock: RuntimeClock
    private let metrics: ControllerMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a controller.
    ///
    /// - Parameters:
    ///   - name: the label in metrics and logs.
    ///   - queue: where informers put keys; by default one of its own, named as the controller.
    ///   - caches: what must have synced before anything is reconciled.
    ///   - gate: what must be held to reconcile.
    public init(
        name: String,
        options: Options = Options(),
        queue: WorkQueue<NamespacedName>? = nil,
        caches: [any SyncedCache] = [],
        gate: LeadershipGate? = nil,
        metrics: MetricsRegistry,
        clock: RuntimeClock = .system,
        logger: Logger = Logger(label: "runtime.controller"),
        reconcile: @escaping Reconcile
    ) {
        self.name = name
        self.options = options
        self.queue =
            queue ?? WorkQueue(name: name, overallLimit: options.retryLimit, clock: clock, metrics: metrics)
        self.caches = caches
        self.gate = gate
        self.reconcile = reconcile
        self.clock = clock
        self.metrics = ControllerMetrics(controller: name, workers: options.workers, registry: metrics)
        self.logger = logger
    }

    public var description: String { "Controller(\(name))" }

    /// Whether the workers run: the caches have synced, and the lead is held.
    public var isReconciling: Bool { state.withLock { $0.workingSince != nil } }

    /// Why the process should be restarted, `nil` while the workers make progress or need not.
    public var stall: String? {
        guard let since = state.withLock({ $0.workingSince }) else { return nil }
        let stalled = min(queue.stalledFor, since.duration(to: clock.now))
        guard stalled > options.stallLimit else { return nil }
        return "keys of \(name) have been ready for \(stalled), and none of \(options.workers) workers has taken one"
    }

    /// Reconciles until shut down.
    ///
    /// - Throws: `LeadershipLostError` when the lead is lost, `TimeoutError` when the caches do not sync in time.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            do {
                try await cancelWhenGracefulShutdown { try await self.waitUntilReady() }
            } catch is CancellationError {
                return
            }
            guard !queue.isShutDown else { return }
            try await work()
        } onGracefulShutdown: {
            self.queue.shutDown()
        }
    }

    private func waitUntilReady() async throws {
        let caches = caches
        let wait: @Sendable () async throws -> Void = {
            for cache in caches { try await cache.waitForSync() }
        }
        if let limit = options.cacheSyncTimeout {
            try await withTimeout(limit, clock: clock, operation: "syncing the caches of \(name)", wait)
        } else {
            try await wait()
        }
        try await gate?.waitUntilLeading()
    }

    private func work() async throws {
        let now = clock.now
        state.withLock { $0.workingSince = now }
        defer { state.withLock { $0.workingSince = nil } }
        logger.info("reconciling", metadata: ["controller": "\(name)", "workers": "\(options.workers)"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let gate {
                group.addTask {
                    try await gate.waitUntilLost()
                    throw LeadershipLostError()
                }
            }
            group.addTask { [queue] in await queue.run() }
            for _ in 0..<options.workers {
                group.addTask {
                    while let item = await self.queue.next() {
                        await self.process(item)
                    }
                }
            }
            // The workers and the queue's timer end with the queue; the gate is observed until then.
            for _ in 0...options.workers { try await group.next() }
            group.cancelAll()
        }
    }

    private func process(_ item: WorkItem<NamespacedName>) async {
        defer { queue.done(item.key) }
        guard !Task.isCancelled else { return }
        guard gate?.isLeading ?? true else {
            // The lead has expired, but may still be renewed: then the key is still due.
            queue.add(item.key, priority: item.priority, after: Self.lapsedLeadDelay)
            return
        }
        let context = ReconcileContext(
            controller: name,
            key: item.key,
            reconcileID: UUID().uuidString.lowercased(),
            priority: item.priority
        )
        metrics.activeWorkers.add(1)
        let start = clock.now
        await ReconcileContext.$current.withValue(context) {
            await reconcileOnce(item, metadata: context.logMetadata)
        }
        metrics.time.observe(start.duration(to: clock.now).inSeconds)
        metrics.activeWorkers.add(-1)
    }

    private func reconcileOnce(_ item: WorkItem<NamespacedName>, metadata: Logger.Metadata) async {
        do {
            switch try await runReconcile(item.key) {
            case .done:
                queue.forget(item.key)
                metrics.count(.success)
            case .requeueAfter(let delay):
                // Only failures back off, and this is not one.
                queue.forget(item.key)
                queue.add(item.key, priority: item.priority, after: delay)
                metrics.count(.requeueAfter)
            }
        } catch let error as TerminalError {
            metrics.terminalErrors.increment()
            metrics.errors.increment()
            metrics.count(.error)
            logger.error("reconcile failed permanently: \(error)", metadata: metadata)
        } catch {
            // An interruption by the shutdown or the loss of the lead is not a failure; the next leader reconciles all keys.
            if Task.isCancelled { return }
            if error is TimeoutError { metrics.timeouts.increment() }
            queue.addRateLimited(item.key, priority: item.priority)
            metrics.errors.increment()
            metrics.count(.error)
            logger.error("reconcile failed: \(error)", metadata: metadata)
        }
    }

    private func runReconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let limit = options.reconcileTimeout else { return try await reconcile(key) }
        return try await withTimeout(limit, clock: clock, operation: "reconciling \(key)") { [reconcile] in
            try await reconcile(key)
        }
    }
}
