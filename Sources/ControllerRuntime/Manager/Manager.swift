public import Logging
public import ServiceLifecycle
import UnixSignals

/// Runs all services in order, and stops them in the reverse order.
///
/// The services start in this order and stop in reverse: servers of health and metrics, the event recorder, caches, the
/// election, controllers. The lease is therefore released only after the controllers have stopped, and the last events
/// and metrics are still written. SIGTERM and SIGINT cause a graceful shutdown, within the grace period. Losing
/// leadership stops everything immediately, and `run` throws.
public struct Manager: Sendable {
    /// The time limit of a graceful shutdown, after which running services are cancelled.
    public var gracePeriod: Duration
    /// The servers of health and metrics.
    public var servers: [any Service]
    /// Services that must start before caches and stop after controllers: the event recorder, and background work of
    /// the client.
    public var background: [any Service]
    /// The informers.
    public var caches: [any Service & SyncedCache]
    /// The leader election, if there is one.
    public var elector: LeaderElector?
    /// The controllers.
    public var controllers: [Controller]
    /// Whether SIGTERM and SIGINT cause a graceful shutdown.
    public var handlesSignals: Bool

    private let logger: Logger

    public init(
        servers: [any Service] = [],
        background: [any Service] = [],
        caches: [any Service & SyncedCache] = [],
        elector: LeaderElector? = nil,
        controllers: [Controller] = [],
        gracePeriod: Duration = .seconds(30),
        handlesSignals: Bool = true,
        logger: Logger = Logger(label: "runtime.manager")
    ) {
        self.servers = servers
        self.background = background
        self.caches = caches
        self.elector = elector
        self.controllers = controllers
        self.gracePeriod = gracePeriod
        self.handlesSignals = handlesSignals
        self.logger = logger
    }

    /// All services, in the order in which they start.
    public var services: [any Service] {
        servers + background + caches.map { $0 as any Service } + (elector.map { [$0 as any Service] } ?? [])
            + controllers.map { $0 as any Service }
    }

    /// Runs until a signal, or until something fails.
    ///
    /// - Throws: `LeadershipLostError`, and errors of services.
    public func run() async throws {
        // What still runs after the grace period is cancelled, and must not keep the process running if it ignores the
        // cancellation.
        let graceful = gracePeriod * 0.9
        var configuration = ServiceGroupConfiguration(
            services: services.map { service in
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: service,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup
                )
            },
            gracefulShutdownSignals: handlesSignals ? [.sigterm, .sigint] : [],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = graceful
        configuration.maximumCancellationDuration = gracePeriod - graceful
        try await ServiceGroup(configuration: configuration).run()
    }
}
