public import Logging
public import ServiceLifecycle

/// Runs a full resync at a fixed interval: a safety net for changes that no watch event announced.
///
/// The closure usually adds every key to a work queue, with `WorkPriority.low`:
///
/// ```swift
/// let resync = PeriodicResync(name: "servers", interval: options.resyncInterval) {
///     for server in servers.store.all { queue.add(server.namespacedName, priority: WorkPriority.low) }
/// }
/// ```
///
/// The first resync is one interval after `run()` starts, because the first list has already added all keys. Each wait
/// is up to 10 % longer than the interval, at random.
public final class PeriodicResync: Service, CustomStringConvertible {
    /// The name in logs.
    public let name: String

    private let interval: Duration?
    private let seed: UInt64
    private let clock: RuntimeClock
    private let logger: Logger
    private let resync: @Sendable () async -> Void

    /// Creates a resync, which starts with `run()`.
    ///
    /// - Parameters:
    ///   - name: the name in logs.
    ///   - interval: the time between two resyncs; `nil`, zero or less turns resyncs off.
    ///   - seed: determines the jitter. Tests pass a fixed number.
    ///   - clock: measures the interval.
    ///   - logger: where each resync is logged.
    ///   - resync: runs a resync. The next interval starts when it returns.
    public init(
        name: String,
        interval: Duration?,
        seed: UInt64 = .random(in: .min ... .max),
        clock: RuntimeClock = .system,
        logger: Logger = Logger(label: "runtime.resync"),
        resync: @escaping @Sendable () async -> Void
    ) {
        self.name = name
        self.interval = interval.flatMap { $0 > .zero ? $0 : nil }
        self.seed = seed
        self.clock = clock
        self.logger = logger
        self.resync = resync
    }

    public var description: String { "PeriodicResync(\(name))" }

    /// Resyncs at each interval until a graceful shutdown. If resyncs are off, only waits for the shutdown.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.loop() }
        } catch is CancellationError {
            return
        }
    }

    /// - Throws: only `CancellationError`.
    private func loop() async throws {
        guard let interval else { return try await Signal().wait() }
        var schedule = ResyncSchedule(interval: interval, seed: seed)
        while true {
            switch schedule.next(now: clock.now) {
            case .wait(let due): try await clock.sleep(until: due)
            case .resync:
                logger.debug("full resync", metadata: ["cache": "\(name)"])
                await resync()
            }
        }
    }
}
