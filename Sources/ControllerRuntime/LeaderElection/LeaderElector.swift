public import Logging
public import Observability
public import ServiceLifecycle
import Synchronization

/// Tries to hold a Lease, and opens a `LeadershipGate` while it holds it.
///
/// If the lease is lost, the gate is closed, `run` throws, and the process ends: nothing may be written after that. A
/// graceful shutdown releases the lease, so it must come after everything that writes has stopped.
public final class LeaderElector: Service, CustomStringConvertible {
    /// Open while this process is the leader.
    public let gate: LeadershipGate
    /// Shows that the loop makes progress.
    public let heartbeat: Heartbeat

    private let configuration: LeaderElectionConfiguration
    private let lease: LeaseAccess
    private let clock: RuntimeClock
    private let logger: Logger
    private let random: @Sendable () -> Double
    private let masterStatus: Gauge
    private let slowPath: Counter
    private let machine: Mutex<LeaderElectionStateMachine>

    /// Creates an elector.
    ///
    /// - Parameters:
    ///   - lease: reads and writes the Lease. It needs its own client, which is not slowed down by other requests.
    ///   - random: returns a number between 0 and 1.
    public init(
        configuration: LeaderElectionConfiguration,
        lease: LeaseAccess,
        metrics: MetricsRegistry,
        clock: RuntimeClock = .system,
        logger: Logger = Logger(label: "runtime.leaderelection"),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.configuration = configuration
        self.lease = lease
        self.clock = clock
        self.logger = logger
        self.random = random
        gate = LeadershipGate(clock: clock)
        heartbeat = Heartbeat(limit: configuration.leaseDuration * 4 + .seconds(60), clock: clock)
        machine = Mutex(LeaderElectionStateMachine(configuration: configuration))
        masterStatus = metrics.gauges(
            "leader_election_master_status",
            help: "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates "
                + "master. 'name' is the string used to identify the lease. Please make sure to group by name.",
            labels: ["name"]
        ).with([configuration.name])
        slowPath = metrics.counters(
            "leader_election_slowpath_total",
            help:
                "Total number of slow path exercised in renewing leader leases. 'name' is the string used to identify "
                + "the lease. Please make sure to group by name.",
            labels: ["name"]
        ).with([configuration.name])
    }

    public var description: String { "LeaderElector(\(configuration.namespace)/\(configuration.name))" }

    /// Whether this process is the leader.
    public var isLeader: Bool { gate.isLeading }

    /// The current leader, if known.
    public var currentHolder: String? { machine.withLock { $0.observed?.holderIdentity } }

    /// Takes part in the election until shut down.
    ///
    /// - Throws: `LeadershipLostError` if the lease was held and could not be renewed.
    public func run() async throws {
        defer {
            gate.close()
            masterStatus.set(0)
            heartbeat.stop()
        }
        do {
            try await cancelWhenGracefulShutdown { try await self.campaign() }
        } catch is CancellationError {
            // This is a graceful shutdown, or a cancellation of the whole process, during which others may still be
            // writing.
            guard !Task.isCancelled else { return }
        }
        // The writers have already stopped. The gate is closed first anyway, so that none can write after the release.
        gate.close()
        await release()
    }

    private func campaign() async throws {
        logger.info("waiting for the lease", metadata: metadata)
        while true {
            heartbeat.beat()
            let succeeded = try await attempt()
            let now = clock.now
            let jitter = random()
            let (verdict, validUntil) = machine.withLock { machine in
                (machine.endAttempt(succeeded: succeeded, now: now, jitter: jitter), machine.validUntil)
            }
            switch verdict {
            case .lost:
                gate.close()
                masterStatus.set(0)
                logger.error("lost the lead", metadata: metadata)
                throw LeadershipLostError()
            case .renew(let period):
                if succeeded {
                    if !gate.isLeading { logger.info("became the leader", metadata: metadata) }
                    masterStatus.set(1)
                    gate.open(until: validUntil)
                }
                try await clock.sleep(until: now.advanced(by: period))
            case .retry(let period):
                try await clock.sleep(until: now.advanced(by: period))
            }
        }
    }

    /// Tries once to acquire or renew the lease.
    ///
    /// - Throws: only `CancellationError`.
    private func attempt() async throws -> Bool {
        let now = clock.now
        let wallTime = clock.wallTime
        var step = machine.withLock { $0.beginAttempt(now: now, wallTime: wallTime) }
        var isFirstRequest = true
        while step != .failed {
            if step == .get, !isFirstRequest { slowPath.increment() }
            isFirstRequest = false
            do {
                switch step {
                case .get:
                    let record = try await limited { [lease] in try await lease.get() }
                    let now = clock.now
                    let wallTime = clock.wallTime
                    step = machine.withLock { $0.got(record, now: now, wallTime: wallTime) }
                case .create(let record):
                    let stored = try await limited { [lease] in try await lease.create(record) }
                    let now = clock.now
                    machine.withLock { $0.wrote(stored, now: now) }
                    return true
                case .update(let record):
                    let stored = try await limited { [lease] in try await lease.update(record) }
                    let now = clock.now
                    machine.withLock { $0.wrote(stored, now: now) }
                    return true
                case .failed:
                    break
                }
            } catch {
                try Task.checkCancellation()
                logger.debug("leader election: a request failed: \(error)", metadata: metadata)
                step = machine.withLock { $0.requestFailed() }
            }
        }
        return false
    }

    /// Runs a request with its time limit, and at most until the leadership ends.
    private func limited<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        var limit = configuration.requestTimeout
        if let validUntil = machine.withLock({ $0.validUntil }) {
            limit = min(limit, clock.now.duration(to: validUntil))
        }
        return try await withTimeout(max(limit, .zero), clock: clock, operation: "leader election request", body)
    }

    private func release() async {
        // Another process can write at the same time, but only this one can renew, so a few attempts are enough.
        for _ in 0..<5 {
            do {
                let current = try await withTimeout(configuration.requestTimeout, clock: clock, operation: "release") {
                    [lease] in try await lease.get()
                }
                let wallTime = clock.wallTime
                guard let record = machine.withLock({ $0.release(of: current, wallTime: wallTime) }) else { return }
                _ = try await withTimeout(configuration.requestTimeout, clock: clock, operation: "release") {
                    [lease] in try await lease.update(record)
                }
                logger.info("released the lease", metadata: metadata)
                return
            } catch {
                if Task.isCancelled { return }
                logger.debug("giving the lead back failed: \(error)", metadata: metadata)
            }
        }
        logger.warning("could not release the lease; it expires in \(configuration.leaseDuration)")
    }

    private var metadata: Logger.Metadata {
        [
            "lease": "\(configuration.namespace)/\(configuration.name)",
            "identity": "\(configuration.identity)",
        ]
    }
}
