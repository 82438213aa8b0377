public import Logging
public import ServiceLifecycle
import UnixSignals

/// Runs everything in order, and ends it in the reverse order.
///
/// What is given first starts first and stops last: servers of health and metrics, the event recorder, caches, the election,
/// controllers. So controllers stop, and only then the lease is given back; events and metrics of the end still get out.
/// SIGTERM and SIGINT shut down gracefully, within the grace period; losing the lead ends everything at once, and `run` throws.
public struct Manager: Sendable {
    /// How long a graceful shutdown may take before what still runs is cancelled.
    public var gracePeriod: Duration
    /// Serves health and metrics.
    public var servers: [any Service]
    /// What else must run before caches and end after controllers: the event recorder, a client's upkeep.
    public var background: [any Service]
    /// The informers.
    public var caches: [any Service & SyncedCache]
    /// The leader election, if there is one.
    public var elector: LeaderElector?
    /// The controllers.
    public var controllers: [Controller]
    /// Whether SIGTERM and SIGINT are taken to mean a graceful shutdown.
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

    /// Everything in the order in which it starts.
    public var services: [any Service] {
        servers + background + caches.map { $0 as any Service } + (elector.map { [$0 as any Service] } ?? [])
            + controllers.map { $0 as any Service }
    }

    /// Runs until a signal, or until something fails.
    ///
    /// - Throws: `LeadershipLostError`, and what a service threw.
    public func run() async throws {
        // What still runs after the grace period is cancelled; what does not heed even that must not keep the process.
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
