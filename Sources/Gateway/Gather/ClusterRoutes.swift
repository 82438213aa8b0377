public import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
public import KubernetesClient
public import Logging
public import Observability
public import Policy
public import ServiceLifecycle
internal import Synchronization

/// Watches a cluster, and keeps the gateway's routes up to date.
///
/// The routes of a namespace are decided again when one of its servers, revisions or pods, or its tenant, changes. They are in force
/// with the next table, which collects the changes of a few milliseconds. The first table is given once everything is known.
public final class ClusterRoutes: Service, CustomStringConvertible {
    /// How the routes are gathered.
    public struct Options: Sendable {
        /// The namespaces with servers; `nil` for all.
        public var namespaces: [String]?
        /// The namespace of the controller, which contains no servers.
        public var controllerNamespace: String
        /// How long changes are collected before they are in force together.
        public var pause: Duration = .milliseconds(10)
        /// The host at which a pod is reached, from its UID and its address. The address by default.
        public var podHost: @Sendable (_ uid: String, _ address: String) -> String = { $1 }

        public init(
            namespaces: [String]? = nil,
            controllerNamespace: String = PlatformNamespaces.builtInControllerNamespace
        ) {
            self.namespaces = namespaces
            self.controllerNamespace = controllerNamespace
        }
    }

    private let options: Options
    private let informers: RouteInformers
    private let book: RouteBook
    /// Decides namespaces, whose keys have no name.
    private let deciding: Controller
    /// Reads revisions.
    private let reading: Controller
    /// Reads the credentials of remote servers.
    private let readingRemotes: Controller
    private let changes: AsyncStream<Void>
    private let hasChanged: AsyncStream<Void>.Continuation
    private let published = Signal()
    private let clock: RuntimeClock
    private let logger: Logger
    private let handlers = Mutex<[@Sendable (RouteTable) -> Void]>([])
    private let changeHandlers: ChangeHandlers

    private final class ChangeHandlers: Sendable {
        let handlers = Mutex<[@Sendable ([RuleChange]) -> Void]>([])
    }

    /// - Parameters:
    ///   - client: where to list and watch; it needs the permissions that the chart gives to the gateway.
    ///   - platform: the platform's settings.
    public init(
        client: KubernetesClient,
        platform: PlatformConfiguration,
        options: Options = Options(),
        metrics: MetricsRegistry = MetricsRegistry(),
        clock: RuntimeClock = .system,
        logger: Logger
    ) {
        self.options = options
        self.clock = clock
        self.logger = logger
        let (changes, hasChanged) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (self.changes, self.hasChanged) = (changes, hasChanged)
        let informers = RouteInformers(client: client, options: options, clock: clock, logger: logger)
        let namespaces = WorkQueue<NamespacedName>(name: "routes", clock: clock, metrics: metrics)
        let revisions = WorkQueue<NamespacedName>(name: "revisions", clock: clock, metrics: metrics)
        let remotes = WorkQueue<NamespacedName>(name: "remotes", clock: clock, metrics: metrics)
        let book = RouteBook(
            informers: informers,
            platform: platform,
            protected: ProtectedNamespaces(platform: platform, controllerNamespace: options.controllerNamespace),
            revisionQueue: revisions,
            remoteQueue: remotes,
            logger: logger
        )
        let changeHandlers = ChangeHandlers()
        self.informers = informers
        self.book = book
        self.changeHandlers = changeHandlers
        deciding = Controller(
            name: "routes",
            options: .init(workers: 1),
            queue: namespaces,
            caches: informers.all,
            metrics: metrics,
            clock: clock,
            logger: logger
        ) { key in
            let (isNews, changes) = book.decide(key.namespace)
            if isNews { hasChanged.yield() }
            if !changes.isEmpty { for handler in changeHandlers.handlers.withLock({ $0 }) { handler(changes) } }
            return .done
        }
        let reader = RevisionFactsReader(client: client)
        reading = Controller(
            name: "revisions",
            options: .init(workers: 8, reconcileTimeout: .seconds(30)),
            queue: revisions,
            caches: informers.all,
            metrics: metrics,
            clock: clock,
            logger: logger
        ) { key in
            defer { namespaces.add(Self.key(key.namespace)) }
            try await book.read(key, reader)
            return .done
        }
        let remoteReader = RemoteFactsReader(client: client)
        readingRemotes = Controller(
            name: "remotes",
            options: .init(workers: 8, reconcileTimeout: .seconds(30)),
            queue: remotes,
            caches: informers.all,
            metrics: metrics,
            clock: clock,
            logger: logger
        ) { key in
            try await book.readRemote(key, remoteReader) { namespaces.add(Self.key(key.namespace)) }
            return .done
        }
        Self.connect(informers, to: namespaces, book)
    }

    public var description: String { "ClusterRoutes" }

    /// The key of a namespace.
    private static func key(_ namespace: String) -> NamespacedName { NamespacedName(namespace: namespace, name: "") }

    /// Says which namespaces a change concerns.
    private static func connect(
        _ informers: RouteInformers,
        to queue: WorkQueue<NamespacedName>,
        _ book: RouteBook
    ) {
        informers.servers.enqueue(to: queue) { old, new in
            // Only what routes depend on: the status changes with every check.
            var old = old
            old?.resourceVersion = new?.resourceVersion ?? ""
            return old == new ? [] : [old ?? new].compactMap { $0.map { key($0.namespace) } }
        }
        informers.virtualServers.enqueue(to: queue) { old, new in
            // Only what routes depend on, and not the status.
            var old = old
            old?.resourceVersion = new?.resourceVersion ?? ""
            return old == new ? [] : [old ?? new].compactMap { $0.map { key($0.namespace) } }
        }
        informers.endpoints.enqueue(to: queue) { old, new in [new ?? old].compactMap { $0.map { key($0.namespace) } } }
        informers.tenants.enqueue(to: queue) { old, new in
            Set([old, new].compactMap { $0.map { EffectiveTenant.namespace(of: $0.tenant) } }).map(key)
        }
        informers.namespaces.enqueue(to: queue) { old, new in
            [new ?? old].compactMap { $0?.metadata.name.map(key) }
        }
        informers.revisions.onChange { old, new in
            if let new { book.changed(new.metadata) } else if let old { book.removed(old.metadata) }
        }
    }

    /// Calls `body` with changes of rules, before the table with them is in force. It must return soon. Call it before `run()`.
    public func onRuleChange(_ body: @escaping @Sendable ([RuleChange]) -> Void) {
        changeHandlers.handlers.withLock { $0.append(body) }
    }

    /// Calls `body` with each new table. It must return soon. Call it before `run()`.
    public func onChange(_ body: @escaping @Sendable (RouteTable) -> Void) {
        handlers.withLock { $0.append(body) }
    }

    /// What must be true before the gateway serves: everything is listed, and its routes are in force.
    public var readiness: [HealthCheck] {
        ManagerHealth.readiness(caches: informers.all, controllers: []) + [
            HealthCheck(name: "routes") { [published] in
                published.isRaised ? nil : "the routes are not decided yet"
            }
        ]
    }

    /// What must be true as long as the process is not restarted.
    public var liveness: [HealthCheck] {
        ManagerHealth.liveness(caches: informers.all, controllers: [deciding, reading, readingRemotes])
    }

    /// Returns once the first table is in force.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilReady() async throws { try await published.wait() }

    /// The tenant that holds a namespace; `nil` if none does.
    public func tenant(of namespace: String) -> String? { book.holder(of: namespace)?.tenant?.metadata.name }

    /// Why servers cannot be called through the gateway.
    public var problems: [RouteProblem] { book.problems }

    /// Watches until shut down. The routes stay as they are then, for requests in flight.
    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for informer in informers.all { group.addTask { try await informer.run() } }
            group.addTask { try await self.deciding.run() }
            group.addTask { try await self.reading.run() }
            group.addTask { try await self.readingRemotes.run() }
            group.addTask { try? await cancelWhenGracefulShutdown { try await self.publish() } }
        }
    }

    /// Gives tables, when all namespaces are decided and whenever one has changed.
    private func publish() async throws {
        for informer in informers.all { try await informer.waitForSync() }
        book.begin()
        hasChanged.yield()
        for await _ in changes {
            guard book.isComplete else { continue }
            // Changes of servers come together with those of their pods and revisions.
            if published.isRaised { try await clock.sleep(for: options.pause) }
            let table = book.table
            for handler in handlers.withLock({ $0 }) { handler(table) }
            guard !published.isRaised else { continue }
            published.raise()
            logger.info("the routes of the cluster are in force", metadata: ["routes": "\(table.all.count)"])
        }
    }
}
