public import KubernetesAPI
public import Logging
public import Observability
public import ServiceLifecycle
import Synchronization

import struct FoundationEssentials.UUID

/// Runs a reconcile function for each key of its queue, several concurrently, but never two for the same key.
///
/// It starts when its caches have synced and, if it has a gate, when this process is the leader. A graceful shutdown
/// lets running reconciles finish. Losing the leadership cancels them immediately, and `run` throws.
public final class Controller: Service, CustomStringConvertible {
    /// Makes the actual state equal to the desired state for one key.
    public typealias Reconcile = @Sendable (NamespacedName) async throws -> ReconcileResult

    /// The options of a controller.
    public struct Options: Sendable {
        /// The maximum number of concurrent reconciles.
        public var workers: Int
        /// The time limit of a reconcile; `nil` for none.
        public var reconcileTimeout: Duration?
        /// How long `run` waits for the caches to sync before it throws. With `nil`, it waits without limit, and is not
        /// ready until then.
        public var cacheSyncTimeout: Duration?
        /// How long keys can be ready without a worker taking one before the process is considered not alive.
        public var stallLimit: Duration
        /// The limit on retries of all keys together; `nil` if each key only has its own backoff. Changes are never
        /// delayed. The limit applies to the controller's own queue, not to a queue that is passed in.
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

    /// The delay before a key is tried again that was taken without leadership.
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
    /// Leadership, if the controller needs it.
    public let gate: LeadershipGate?

    private let options: Options
    private let reconcile: Reconcile
    private let clock: RuntimeClock
    private let metrics: ControllerMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// Creates a controller.
    ///
    /// - Parameters:
    ///   - name: the label in metrics and logs.
    ///   - queue: the queue to which informers add keys. Defaults to a new queue with the name of the controller.
    ///   - caches: the caches that must be synced before anything is reconciled.
    ///   - gate: the leadership that is required to reconcile.
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

    /// Whether the workers run: the caches are synced, and this process is the leader.
    public var isReconciling: Bool { state.withLock { $0.workingSince != nil } }

    /// Why the process should be restarted, `nil` if the workers make progress or have nothing to do.
    public var stall: String? {
        guard let since = state.withLock({ $0.workingSince }) else { return nil }
        let stalled = min(queue.stalledFor, since.duration(to: clock.now))
        guard stalled > options.stallLimit else { return nil }
        return "keys of \(name) have been ready for \(stalled), and none of \(options.workers) workers has taken one"
    }

    /// Reconciles until shut down.
    ///
    /// - Throws: `LeadershipLostError` if leadership is lost, `TimeoutError` if the caches do not sync in time.
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
            // The leadership has expired, but may still be renewed, so the key is tried again.
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
                // Only failures have a backoff, and this is not a failure.
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
            // An interruption by a shutdown or the loss of leadership is not a failure; the next leader reconciles all
            // keys.
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
