internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging
internal import Policy
internal import ServiceLifecycle

/// Everything that the gateway watches. Of revisions and namespaces only metadata is.
struct RouteInformers: Sendable {
    let servers: Informer<ServerFacts>
    let virtualServers: Informer<VirtualServerFacts>
    let tenants: Informer<TenantFacts>
    let namespaces: Informer<PartialObjectMetadata>
    let revisions: Informer<PartialObjectMetadata>
    let endpoints: Informer<EndpointFacts>

    /// The indexes of the informers.
    enum Index {
        /// Servers, virtual servers and EndpointSlices by namespace.
        static let namespace = "namespace"
        /// Tenants by the namespace that they claim.
        static let claim = "claim"
    }

    /// - Parameter client: where to list and watch.
    init(client: KubernetesClient, options: ClusterRoutes.Options, clock: RuntimeClock, logger: Logger) {
        let scope = options.namespaces
        servers = Informer(
            name: "mcpservers",
            namespaces: scope,
            indexes: [Index.namespace: { [$0.namespace] }],
            clock: clock,
            logger: logger
        ) {
            client.listWatch(of: MCPServer.resourceType, in: $0) {
                ServerFacts(try KubernetesJSON.decode(from: JSONScan.withoutManagedFields($0)))
            }
        }
        virtualServers = Informer(
            name: "mcpvirtualservers",
            namespaces: scope,
            indexes: [Index.namespace: { [$0.namespace] }],
            clock: clock,
            logger: logger
        ) {
            client.listWatch(of: MCPVirtualServer.resourceType, in: $0) {
                VirtualServerFacts(try KubernetesJSON.decode(from: JSONScan.withoutManagedFields($0)))
            }
        }
        tenants = Informer(
            name: "mcptenants",
            indexes: [Index.claim: { [EffectiveTenant.namespace(of: $0.tenant)] }],
            clock: clock,
            logger: logger
        ) { _ in
            client.listWatch(of: MCPTenant.resourceType, in: nil) {
                TenantFacts(try KubernetesJSON.decode(from: JSONScan.withoutManagedFields($0)))
            }
        }
        namespaces = Informer(name: "namespaces", clock: clock, logger: logger) { _ in
            client.listWatch(of: .namespace, in: nil, metadataOnly: true) { try KubernetesJSON.decode(from: $0) }
        }
        revisions = Informer(name: "mcpserverrevisions", namespaces: scope, clock: clock, logger: logger) {
            client.listWatch(of: MCPServerRevision.resourceType, in: $0, metadataOnly: true) {
                try KubernetesJSON.decode(from: $0)
            }
        }
        endpoints = Informer(
            name: "endpointslices",
            namespaces: scope,
            indexes: [Index.namespace: { [$0.namespace] }],
            clock: clock,
            logger: logger
        ) {
            // Kubernetes copies the labels of a Service to its slices.
            client.listWatch(of: .endpointSlice, in: $0, labelSelector: MoorageLabels.managedSelector) {
                try EndpointFacts(JSONValue(parsing: Array($0), omittingFieldSets: true)) {
                    options.podHost($0.uid, $0.host)
                }
            }
        }
    }

    /// All of them, in the order in which they are started.
    var all: [any Service & SyncedCache] { [tenants, namespaces, revisions, virtualServers, servers, endpoints] }
}
