public import ControllerRuntime
internal import KubernetesAPI
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// Tries whether the network enforces NetworkPolicies.
public protocol NetworkProbing: Sendable {
    /// Lets pods try to reach each other.
    ///
    /// - Returns: why the network is not trusted, and what to do; empty if it does what the policies say.
    /// - Throws: an error if it cannot be tried.
    func problems() async throws -> [String]
}

/// What is known about the network.
public enum NetworkState: Sendable, Hashable {
    /// Nothing: it is not checked.
    case unchecked
    /// Nothing since this process has started: what the status of tenants says is still true.
    case pending
    /// It does what NetworkPolicies say.
    case enforced
    /// It does not; why, and what to do.
    case notEnforced(String)
    /// It could not be tried; why.
    case unknown(String)
}

/// What the last check of the network has shown, for the status of tenants.
final class NetworkTable: Sendable {
    private let known: Mutex<NetworkState>
    private let tenants = Mutex<WorkQueue<NamespacedName>?>(nil)

    init(isChecked: Bool) { known = Mutex(isChecked ? .pending : .unchecked) }

    var state: NetworkState { known.withLock { $0 } }

    func connect(tenants queue: WorkQueue<NamespacedName>) { tenants.withLock { $0 = queue } }

    /// Takes what a check has shown. Tenants are queued if it is new.
    func update(_ new: NetworkState, tenants names: [String]) {
        let before = known.withLock { known in
            defer { known = new }
            return known
        }
        guard before != new, let queue = tenants.withLock({ $0 }) else { return }
        for name in names { queue.add(NamespacedName(namespace: "", name: name), priority: WorkPriority.low) }
    }
}

/// Checks at the start and then at intervals whether the network enforces NetworkPolicies. Only the leader checks.
public final class NetworkCheck: Service, CustomStringConvertible {
    /// How long after a failure it is tried again, if that is sooner than the next check.
    static let retryPeriod = Duration.seconds(600)

    private let probe: any NetworkProbing
    private let period: Duration
    private let table: NetworkTable
    private let tenants: @Sendable () -> [String]
    private let gate: LeadershipGate?
    private let clock: RuntimeClock
    private let logger: Logger

    init(
        _ probe: any NetworkProbing,
        period: Duration,
        table: NetworkTable,
        tenants: @escaping @Sendable () -> [String],
        gate: LeadershipGate?,
        clock: RuntimeClock,
        logger: Logger
    ) {
        self.probe = probe
        self.period = period
        self.table = table
        self.tenants = tenants
        self.gate = gate
        self.clock = clock
        self.logger = logger
    }

    public var description: String { "NetworkCheck" }

    /// Checks until shut down.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown { [self] in
            while true {
                try await gate?.waitUntilLeading()
                let pause = await check() ? period : min(period, Self.retryPeriod)
                try await clock.sleep(until: clock.now.advanced(by: pause), tolerance: .seconds(1))
            }
        }
    }

    /// Checks once.
    ///
    /// - Returns: whether the network could be tried.
    func check() async -> Bool {
        do {
            let problems = try await probe.problems()
            if problems.isEmpty {
                logger.info("the network enforces NetworkPolicies")
                table.update(.enforced, tenants: tenants())
            } else {
                let text = problems.joined(separator: "; ")
                logger.error("NetworkPolicies are not enforced", metadata: ["problems": "\(text)"])
                table.update(.notEnforced(text), tenants: tenants())
            }
            return true
        } catch is CancellationError {
            return false
        } catch {
            logger.warning("the network cannot be checked", metadata: ["error": "\(error)"])
            table.update(.unknown("\(error)"), tenants: tenants())
            return false
        }
    }
}
