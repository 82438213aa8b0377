internal import HTTPTypes
internal import KubernetesAPI
internal import KubernetesClient
internal import Synchronization

/// Reads the cluster: only with GET, and no Secrets.
final class ClusterReader: Sendable {
    private struct Cached {
        var catalog: KindCatalog
        var read: ContinuousClock.Instant
    }

    /// How long discovery is used before it is read again.
    private static let lifetime = Duration.seconds(60)

    private let client: KubernetesClient
    private let limits: BridgeLimits
    private let catalog = Mutex<Cached?>(nil)

    init(_ client: KubernetesClient, limits: BridgeLimits) {
        var client = client.with(transport: ReadOnlyTransport(base: client.transport))
        client.maximumBodyBytes = limits.maximumClusterBytes
        client.retryPolicy.maximumAttempts = 3
        self.client = client
        self.limits = limits
    }

    /// The kinds that the cluster has.
    func kinds() async throws -> KindCatalog {
        let now = ContinuousClock.now
        if let cached = catalog.withLock({ $0 }), now - cached.read < Self.lifetime { return cached.catalog }
        async let core = discovery("/api")
        async let groups = discovery("/apis")
        let read = KindCatalog(try await [core, groups])
        catalog.withLock { $0 = Cached(catalog: read, read: now) }
        return read
    }

    private func discovery(_ path: String) async throws -> JSONValue {
        // Since Kubernetes 1.30; 1.27 to 1.29 have it as v2beta1, in the same form.
        let accept = ["v2", "v2beta1"].map { "application/json;g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList" }
        let json = try await json(path, accept: accept.joined(separator: ","))
        guard json.text("kind") == "APIGroupDiscoveryList" else {
            throw ClientError(
                .undecodable,
                "the API server has no aggregated discovery, which Kubernetes has since 1.27"
            )
        }
        return json
    }

    /// One object.
    func object(_ type: ResourceType, name: String, namespace: String?) async throws -> JSONValue {
        try await client.get(type, name: name, namespace: namespace)
    }

    /// Objects as `kubectl get` shows them: at most `limit`.
    func table(_ type: ResourceType, namespace: String?, options: ListOptions) async throws -> ObjectTable {
        let path = type.collectionPath(namespace: namespace)
        let json = try await json(
            path,
            options.items,
            accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
        )
        guard let table = ObjectTable(json) else {
            throw ClientError(.undecodable, "the API server does not answer with a Table for \(path)")
        }
        return table
    }

    /// One page of objects.
    func page(_ type: ResourceType, namespace: String?, options: ListOptions) async throws -> ObjectList<JSONValue> {
        try await client.list(type, namespace: namespace, options: options)
    }

    /// All objects of a kind up to the limit, page by page.
    ///
    /// - Returns: the objects, and whether these are all.
    func objects(
        _ type: ResourceType,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil
    ) async throws -> (items: [JSONValue], isComplete: Bool) {
        var options = ListOptions(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: 500)
        var items: [JSONValue] = []
        while true {
            let page = try await client.list(type, namespace: namespace, options: options)
            items += page.items
            guard let next = page.nextPage else { return (items, true) }
            guard items.count < limits.maximumObjects else { return (items, false) }
            options.continue = next
        }
    }

    /// How many objects of a kind there are, without reading them all.
    func count(_ type: ResourceType, namespace: String? = nil) async throws -> Int {
        let page = try await client.list(type, namespace: namespace, options: ListOptions(limit: 1)) { _ in true }
        return page.items.count + page.failures.count + Int(page.metadata.remainingItemCount ?? 0)
    }

    /// The names of a kind's objects, for completions.
    func names(_ type: ResourceType, namespace: String? = nil) async throws -> [String] {
        let list = try await client.list(
            type,
            namespace: namespace,
            options: ListOptions(limit: 1_000),
            metadataOnly: true
        ) { try JSONValue(parsing: $0).text("metadata", "name") ?? "" }
        return list.items
    }

    /// What a path answers, such as `/version`.
    func json(_ path: String, _ query: [APIRequest.QueryItem] = [], accept: String = "application/json") async throws
        -> JSONValue
    {
        let bytes = try await client.data(APIRequest(path: path, query: query, headers: [.accept: accept])).body
        return try JSONValue(parsing: bytes)
    }

    /// The log of a container.
    func log(pod: String, namespace: String, query: [APIRequest.QueryItem]) async throws -> [UInt8] {
        let path = ResourceType.pod.path(namespace: namespace, name: pod, subresource: "log")
        return try await client.data(APIRequest(path: path, query: query, headers: [.accept: "*/*"])).body
    }
}

extension ListOptions {
    /// The query of a list that is not decoded as one.
    fileprivate var items: [APIRequest.QueryItem] {
        let all: [(String, String?)] = [
            ("labelSelector", labelSelector), ("fieldSelector", fieldSelector), ("limit", limit.map(String.init)),
        ]
        return all.compactMap { name, value in value.map { APIRequest.QueryItem(name, $0) } }
    }
}

extension ResourceType {
    static let node = ResourceType(group: "", version: "v1", kind: "Node", plural: "nodes", isNamespaced: false)
    static let event = ResourceType(group: "", version: "v1", kind: "Event", plural: "events", isNamespaced: true)
    static let statefulSet = ResourceType(
        group: "apps",
        version: "v1",
        kind: "StatefulSet",
        plural: "statefulsets",
        isNamespaced: true
    )
    static let daemonSet = ResourceType(
        group: "apps",
        version: "v1",
        kind: "DaemonSet",
        plural: "daemonsets",
        isNamespaced: true
    )
    static let podMetrics = ResourceType(
        group: "metrics.k8s.io",
        version: "v1beta1",
        kind: "PodMetrics",
        plural: "pods",
        isNamespaced: true
    )
    static let nodeMetrics = ResourceType(
        group: "metrics.k8s.io",
        version: "v1beta1",
        kind: "NodeMetrics",
        plural: "nodes",
        isNamespaced: false
    )
}
