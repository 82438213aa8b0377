internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging
internal import Policy
internal import ServiceLifecycle

extension GatewayBinding: CachedObject {}
extension LifecycleServer: CachedObject {}

/// What is watched of mcp-lifecycle-operator.
struct GatewayBindingCaches: Sendable {
    /// All bindings, also those of other providers: one that is given to another provider no longer needs its MCPServer.
    let bindings: Informer<GatewayBinding>
    /// The operator's MCPServers.
    let targets: Informer<LifecycleServer>

    /// Bindings by the server that they name, `namespace/name`.
    static let serverIndex = "server"

    /// The kinds that have to be served: the binding, and any version of the server.
    static let resourceTypes = [GatewayBinding.resourceType] + LifecycleServer.resourceTypes

    /// Creates the informers.
    ///
    /// - Parameters:
    ///   - client: where to list and watch.
    ///   - served: which of `resourceTypes` the cluster serves.
    ///   - namespaces: which namespaces to watch, `nil` for all.
    ///   - clock: the runtime's clock.
    ///   - logger: where the informers log.
    /// - Returns: `nil` if the operator's definitions are not installed.
    init?(
        client: KubernetesClient,
        served: [ResourceType],
        namespaces: [String]?,
        clock: RuntimeClock,
        logger: Logger
    ) {
        guard served.contains(GatewayBinding.resourceType),
            let target = LifecycleServer.resourceTypes.first(where: served.contains)
        else { return nil }
        bindings = Informer(
            name: GatewayBinding.resourceType.plural,
            namespaces: namespaces,
            indexes: [Self.serverIndex: { [$0.server.description] }],
            clock: clock,
            logger: logger
        ) { client.listWatch(of: GatewayBinding.resourceType, in: $0) { try Self.decode($0) } }
        targets = Informer(
            name: "\(target.plural).\(target.group)",
            namespaces: namespaces,
            clock: clock,
            logger: logger
        ) { client.listWatch(of: target, in: $0) { try Self.decode($0) } }
    }

    private static func decode<Object: Decodable>(_ bytes: ArraySlice<UInt8>) throws -> Object {
        try KubernetesJSON.decode(from: JSONScan.withoutManagedFields(bytes))
    }

    /// The informers, in the order in which they are started.
    var all: [any Service & SyncedCache] { [bindings, targets] }

    /// Queues the bindings that a change concerns. Call it before the informers run.
    ///
    /// - Parameters:
    ///   - queue: the queue of the bindings.
    ///   - servers: Moorage's MCPServers.
    func connect(to queue: WorkQueue<NamespacedName>, servers: Informer<MCPServer>) {
        bindings.enqueue(to: queue)
        targets.enqueue(to: queue) { old, new in
            if let old, let new, old.spec == new.spec, old.metadata.uid == new.metadata.uid { return [] }
            return naming((new ?? old)?.namespacedName)
        }
        servers.enqueue(to: queue) { old, new in
            if let old, let new, old.saysTheSame(as: new) { return [] }
            return Array(
                Set(naming((new ?? old)?.namespacedName) + [owner(of: old), owner(of: new)].compactMap { $0 })
            ).sorted()
        }
    }

    /// The bindings that name a server.
    private func naming(_ server: NamespacedName?) -> [NamespacedName] {
        server.map { bindings.store.keys(index: Self.serverIndex, value: $0.description) } ?? []
    }

    /// The binding that an MCPServer was created for.
    private func owner(of server: MCPServer?) -> NamespacedName? {
        guard let owner = server?.metadata.controllerReference, owner.kind == GatewayBinding.resourceType.kind,
            owner.apiVersion.hasPrefix("\(LifecycleServer.group)/")
        else { return nil }
        return NamespacedName(namespace: server?.metadata.namespace ?? "", name: owner.name)
    }
}

extension MCPServer {
    /// Whether two versions of an MCPServer are the same for a binding.
    fileprivate func saysTheSame(as other: MCPServer) -> Bool {
        func conditions(_ server: MCPServer) -> [Condition] {
            (server.status?.conditions ?? []).filter {
                $0.type == ConditionType.accepted || $0.type == ConditionType.ready
            }
        }
        var metadata = metadata
        metadata.resourceVersion = other.metadata.resourceVersion
        return metadata == other.metadata && spec.remote == other.spec.remote && conditions(self) == conditions(other)
    }
}
