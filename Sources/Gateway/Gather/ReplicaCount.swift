public import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
public import KubernetesClient
public import Logging
public import ServiceLifecycle

/// Counts the gateways that are ready behind a Service, so that each can enforce its share of limits that are counted in each process.
public final class ReplicaCount: Service, CustomStringConvertible {
    private let informer: Informer<EndpointFacts>

    /// - Parameters:
    ///   - client: where to list and watch the EndpointSlices of the namespace.
    ///   - service: the name of the Service.
    ///   - body: takes the number, at least 1, whenever a slice changes.
    public init(
        client: KubernetesClient,
        service: String,
        namespace: String,
        clock: RuntimeClock = .system,
        logger: Logger,
        body: @escaping @Sendable (Int) -> Void
    ) {
        let informer = Informer<EndpointFacts>(
            name: "replicas",
            namespaces: [namespace],
            clock: clock,
            logger: logger
        ) {
            client.listWatch(of: .endpointSlice, in: $0, labelSelector: "\(EndpointFacts.serviceLabel)=\(service)") {
                try EndpointFacts(JSONValue(parsing: Array($0), omittingFieldSets: true))
            }
        }
        self.informer = informer
        let store = informer.store
        informer.onChange { _, _ in body(Self.count(store.all)) }
    }

    public var description: String { "ReplicaCount" }

    /// The number of ready pods, at least 1: a gateway that is not ready yet may serve already.
    static func count(_ slices: some Sequence<EndpointFacts>) -> Int {
        max(1, Set(slices.lazy.flatMap(\.pods).map(\.uid)).count)
    }

    /// Counts until shut down.
    public func run() async throws { try await informer.run() }
}
