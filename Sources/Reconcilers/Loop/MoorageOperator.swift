internal import CRDModels
public import ControllerRuntime
internal import KubernetesAPI
public import KubernetesClient
public import Logging
public import Observability
public import Policy
public import ServiceLifecycle

/// The operator: its caches, its controllers, and the event routing between them.
///
/// It contains the services but does not run them. A `Manager` runs them, in the order in which they must start and
/// stop.
public struct MoorageOperator: Sendable {
    /// The informers, which every replica runs.
    public let caches: [any Service & SyncedCache]
    /// The controllers, which only the leader runs.
    public let controllers: [Controller]
    /// The service that writes Events.
    public let recorder: EventRecorder
    /// The service that listens to servers that report changes.
    public let listener: ChangeListener
    /// The service that queues every object at a long interval, as a safety net. A resync writes nothing if nothing
    /// differs.
    public let resync: PeriodicResync
    /// The service that reads the usage of tenants from the gateways; `nil` if there are none.
    public let usageReader: UsageReader?
    /// The service that checks whether the network enforces NetworkPolicies; `nil` if that is not checked.
    public let networkCheck: NetworkCheck?

    /// Creates the operator.
    ///
    /// - Parameters:
    ///   - client: the API server.
    ///   - platform: the platform's settings.
    ///   - options: how the operator runs.
    ///   - gate: whether this process is the leader. Without a gate, it always is.
    ///   - metrics: the metrics registry.
    ///   - logger: the logger; by default each part has one with its own label.
    /// - Throws: the error of discovering which kinds the API server serves.
    public init(
        client: KubernetesClient,
        platform: PlatformConfiguration = PlatformConfiguration(),
        options: OperatorOptions = OperatorOptions(),
        gate: LeadershipGate? = nil,
        metrics: MetricsRegistry,
        logger: Logger? = nil
    ) async throws {
        func makeLogger(_ label: String) -> Logger { logger ?? Logger(label: label) }
        let caches = OperatorCaches(
            client: client,
            namespaces: options.namespaces,
            controllerNamespace: options.controllerNamespace,
            optionalKinds: try await Self.served(ChildKinds.optional, by: client),
            clock: options.clock,
            logger: makeLogger("runtime.informer")
        )
        let gatewayBindings = try await Self.gatewayBindings(
            platform,
            client: client,
            options: options,
            logger: makeLogger("runtime.informer")
        )
        // Without leadership, reconcilers do not write; they still report.
        let cluster = ClientAccess(client: gate.map { client.writing(while: $0) } ?? client)
        recorder = EventRecorder(
            controller: "moorage.dev/controller",
            instance: options.identity,
            access: EventAccess(client: client),
            metrics: metrics,
            clock: options.clock,
            logger: makeLogger("runtime.events")
        )
        caches.reportUnreadable(to: recorder)
        let references = ReferenceReader(
            cluster: cluster,
            secrets: caches.secrets,
            configMaps: caches.configMaps.store
        )
        let claims = ClaimTable(
            tenants: caches.tenants.store,
            namespaces: caches.namespaces.store,
            protected: ProtectedNamespaces(platform: platform, controllerNamespace: options.controllerNamespace)
        )
        let admissions = AdmissionRegistry()
        let handshakes = HandshakeTable(
            timing: HandshakeSchedule.Timing(period: (platform.handshake ?? PlatformHandshake()).period),
            clock: options.clock
        )
        let entryPoints = EntryPointTable(clock: options.clock)
        // Servers of many tenants with one image ask the registry once; a signature that is pushed is noticed soon.
        let signatures = SignatureTable(clock: options.clock, cache: ImageReadCache(digestPeriod: .seconds(4)))
        let operatorMetrics = OperatorMetrics(registry: metrics)
        let usage = UsageTable(isRead: options.usage != nil)
        usageReader = options.usage.map { source in
            UsageReader(
                source,
                table: usage,
                tenants: { caches.tenants.store.all.compactMap(\.metadata.name) },
                gate: gate,
                exchange: nil,
                resolver: options.usageResolver,
                clock: options.clock,
                logger: makeLogger("reconcilers.usage")
            )
        }
        let network = NetworkTable(isChecked: options.networkProbe != nil)
        networkCheck = options.networkProbe.map { probe in
            NetworkCheck(
                probe,
                period: platform.networkCheck?.period ?? PlatformNetworkCheck.builtInPeriod,
                table: network,
                tenants: { caches.tenants.store.all.compactMap(\.metadata.name) },
                gate: gate,
                clock: options.clock,
                logger: makeLogger("reconcilers.network")
            )
        }
        let inbox = ContractInbox()
        let revisions = RevisionStore(informer: caches.revisions, configMaps: caches.configMaps, cluster: cluster)
        let context = OperatorContext(
            cluster: cluster,
            caches: caches,
            children: caches.childCaches,
            claims: claims,
            references: references,
            secrets: SecretSnapshot(
                cluster: cluster,
                namespaces: options.namespaces,
                logger: makeLogger("reconcilers")
            ),
            admissions: admissions,
            classRevisions: ClassRevisions(
                informer: caches.classRevisions,
                cluster: cluster,
                namespace: options.controllerNamespace
            ),
            handshakes: handshakes,
            entryPoints: entryPoints,
            signatures: signatures,
            trustedRoots: options.trustedRoots.mapValues(\.digest),
            usage: usage,
            network: network,
            revisions: RevisionKeeper(store: revisions, inbox: inbox, metrics: operatorMetrics),
            platform: platform,
            namespaces: options.namespaces.map(Set.init),
            controllerNamespace: options.controllerNamespace,
            recorder: recorder,
            metrics: operatorMetrics,
            audit: options.audit,
            clock: options.clock,
            logger: makeLogger("reconcilers")
        )
        let servers = ServerReconciler(context: context)
        let tenants = TenantReconciler(context: context)
        let classes = ClassReconciler(context: context)
        let virtualServers = VirtualServerReconciler(context: context)
        let all = caches.all + (gatewayBindings?.all ?? [])
        func controller(
            _ name: String,
            workers: Int,
            reconcile: @escaping Controller.Reconcile
        ) -> Controller {
            Controller(
                name: name,
                options: Controller.Options(workers: workers),
                caches: all,
                gate: gate,
                metrics: metrics,
                clock: options.clock,
                logger: makeLogger("runtime.controller"),
                reconcile: reconcile
            )
        }
        let handshake = platform.handshake ?? PlatformHandshake()
        let route = Self.route(handshake.route ?? .auto, client: client, isInCluster: options.isInCluster)
        listener = ChangeListener(maximum: handshake.listeners) { handshakes.checkNow($0) }
        let checks = HandshakeReconciler(
            table: handshakes,
            probe: options.probe
                ?? PodProbe(
                    route: route,
                    remotes: RemoteConnection(read: { try await cluster.get($0) }, network: options.remoteNetwork),
                    inbox: inbox,
                    isStored: { revisions.hasContract($0, of: HandshakeKey.server(of: $1)) },
                    listener: listener,
                    timeout: handshake.timeout,
                    clock: options.clock,
                    logger: makeLogger("reconcilers.handshake")
                ),
            inbox: inbox,
            listener: listener,
            exists: { caches.servers.store.get($0) != nil },
            metrics: operatorMetrics,
            clock: options.clock
        )
        let serverController = controller("mcpserver", workers: options.workers, reconcile: servers.reconcile)
        let tenantController = controller("mcptenant", workers: 2, reconcile: tenants.reconcile)
        let classController = controller("mcpserverclass", workers: 1, reconcile: classes.reconcile)
        let virtualServerController = controller("mcpvirtualserver", workers: 2, reconcile: virtualServers.reconcile)
        let bindingController = gatewayBindings.map { bindings in
            let reconciler = GatewayBindingReconciler(
                context: context,
                caches: bindings,
                settings: platform.gatewayBindings ?? PlatformGatewayBindings()
            )
            return controller("mcpgatewaybinding", workers: 2, reconcile: reconciler.reconcile)
        }
        let checkController = controller("handshake", workers: Self.checkWorkers, reconcile: checks.reconcile)
        let registries = RegistryReader(
            settings: platform.registries ?? PlatformRegistries(),
            environment: options.environment
        )
        let entryPointReconciler = EntryPointReconciler(
            table: entryPoints,
            reader: options.entryPointReader ?? registries,
            cluster: cluster,
            metrics: operatorMetrics
        )
        let entryPointController = controller(
            "entrypoint",
            workers: Self.entryPointWorkers,
            reconcile: entryPointReconciler.reconcile
        )
        let signatureReconciler = SignatureReconciler(
            table: signatures,
            reader: options.signatureReader ?? registries,
            roots: options.trustedRoots,
            cluster: cluster,
            metrics: operatorMetrics,
            now: { Timestamp(options.clock.wallTime.date) }
        )
        let signatureController = controller(
            "signature",
            workers: Self.entryPointWorkers,
            reconcile: signatureReconciler.reconcile
        )
        signatures.connect(reads: signatureController.queue, servers: serverController.queue)
        entryPoints.connect(reads: entryPointController.queue, servers: serverController.queue)
        usage.connect(tenants: tenantController.queue)
        network.connect(tenants: tenantController.queue)
        handshakes.connect(checks: checkController.queue, servers: serverController.queue)
        self.caches = all
        // The status of a class counts all servers that use it. A controller that only watches some of them must not
        // write it.
        let countsAll = options.namespaces == nil
        controllers =
            [
                tenantController, serverController, virtualServerController, checkController, entryPointController,
                signatureController,
            ]
            + (countsAll ? [classController] : []) + (bindingController.map { [$0] } ?? [])
        resync = PeriodicResync(
            name: "all",
            interval: options.resyncPeriod,
            clock: options.clock,
            logger: makeLogger("runtime.resync")
        ) {
            for key in caches.servers.store.all.map(\.namespacedName) {
                serverController.queue.add(key, priority: WorkPriority.low)
            }
            for key in caches.virtualServers.store.all.map(\.namespacedName) {
                virtualServerController.queue.add(key, priority: WorkPriority.low)
            }
            for key in gatewayBindings?.bindings.store.all.map(\.namespacedName) ?? [] {
                bindingController?.queue.add(key, priority: WorkPriority.low)
            }
            for key in caches.tenants.store.all.map(\.namespacedName) {
                tenantController.queue.add(key, priority: WorkPriority.low)
            }
            for key in caches.classes.store.all.map(\.namespacedName) where countsAll {
                classController.queue.add(key, priority: WorkPriority.low)
            }
        }
        EventRouting(
            caches: caches,
            references: references,
            claims: claims,
            admissions: admissions,
            platform: platform,
            servers: serverController.queue,
            tenants: tenantController.queue,
            classes: classController.queue,
            virtualServers: virtualServerController.queue
        ).connect()
        if let bindingController { gatewayBindings?.connect(to: bindingController.queue, servers: caches.servers) }
    }

    /// What is watched of mcp-lifecycle-operator: nothing, unless the platform's settings say so. If its definitions are installed later,
    /// they are detected at the next start.
    private static func gatewayBindings(
        _ platform: PlatformConfiguration,
        client: KubernetesClient,
        options: OperatorOptions,
        logger: Logger
    ) async throws -> GatewayBindingCaches? {
        guard platform.gatewayBindings?.isEnabled == true else { return nil }
        let caches = GatewayBindingCaches(
            client: client,
            served: try await served(GatewayBindingCaches.resourceTypes, by: client),
            namespaces: options.namespaces,
            clock: options.clock,
            logger: logger
        )
        if caches == nil {
            logger.warning(
                """
                gatewayBindings is enabled, and the cluster does not serve \(GatewayBinding.resourceType): install \
                mcp-lifecycle-operator, and restart the controller
                """
            )
        }
        return caches
    }

    private static func route(
        _ route: HandshakeRoute,
        client: KubernetesClient,
        isInCluster: Bool
    ) -> PodProbe.Route {
        switch route {
        case .podAddress: .podAddress
        case .apiServer: .apiServer(client.transport)
        case .auto: isInCluster ? .podAddress : .apiServer(client.transport)
        }
    }

    /// How many servers are checked at once. A check mostly waits for the server.
    private static let checkWorkers = 16

    /// How many images are read at once.
    private static let entryPointWorkers = 4

    /// Which of these kinds the cluster serves. A Gateway API that is installed later is detected at the next start.
    private static func served(_ kinds: [ResourceType], by client: KubernetesClient) async throws -> [ResourceType] {
        var served: [ResourceType] = []
        for type in kinds {
            do {
                let list = try JSONValue(parsing: try await client.raw("/apis/\(type.apiVersion)"))
                let isServed = list["resources"]?.arrayValue?.contains { $0["name"]?.stringValue == type.plural }
                if isServed == true { served.append(type) }
            } catch let error as APIError where error.isNotFound {
                continue
            }
        }
        return served
    }
}

extension KubernetesClient {
    /// The same client, restricted to write only while this process is the leader.
    fileprivate func writing(while gate: LeadershipGate) -> KubernetesClient {
        with(transport: GatedTransport(transport, gate: gate))
    }
}
