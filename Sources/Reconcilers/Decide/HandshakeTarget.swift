public import KubernetesAPI
public import Policy

/// A pod whose protocol is checked, or a remote server.
public struct HandshakeTarget: Sendable, Hashable {
    /// What is checked: the server, or its candidate.
    public var server: NamespacedName
    /// The name of the pod; empty for a remote server.
    public var pod: String
    /// The UID of the pod.
    public var podUID: String
    /// How often the server's container was restarted: after a restart it can offer something else.
    public var restarts: Int
    /// The address of the pod.
    public var address: String
    /// The port.
    public var port: Int
    /// The image that the pod runs, with its digest if it is known.
    public var image: String?
    /// The hash of the template that the pod was made from.
    public var podTemplateHash: String?
    /// The server's endpoint.
    public var endpoint: HandshakeEndpoint
    /// How the server is reached, if it is a remote one.
    public var remote: RemotePlan?

    /// Chooses the pod to check: the newest one that is ready, because that one runs the latest template. `nil` if no pod
    /// is ready.
    ///
    /// - Parameters:
    ///   - pods: the pods of the server, or of its candidate.
    ///   - key: what is checked; the server of the pods by default.
    ///   - endpoint: where they serve MCP.
    init?(pods: some Collection<PodRecord>, key: NamespacedName? = nil, endpoint: HandshakeEndpoint) {
        let ready = pods.filter { pod in
            pod.deletionTimestamp == nil && pod.status.podIP?.isEmpty == false
                && pod.status.conditions?.contains { $0.type == "Ready" && $0.status == "True" } == true
        }
        let newest = ready.max { left, right in
            let times = (
                left.creationTimestamp?.secondsSinceEpoch ?? 0, right.creationTimestamp?.secondsSinceEpoch ?? 0
            )
            // Names make the choice stable between pods of the same second.
            return times.0 == times.1 ? left.name < right.name : times.0 < times.1
        }
        guard let newest, let address = newest.status.podIP else { return nil }
        server = key ?? NamespacedName(namespace: newest.namespace, name: newest.server)
        pod = newest.name
        podUID = newest.uid
        restarts = newest.restarts
        self.address = address
        port = newest.port ?? endpoint.port
        image = newest.image
        podTemplateHash = newest.templateHash
        self.endpoint = endpoint
    }
}

/// The keys under which checks are kept: a server's own name, and a name that no server can have for its candidate.
enum HandshakeKey {
    private static let suffix = "/candidate"

    /// The key of a server's candidate.
    static func candidate(of server: NamespacedName) -> NamespacedName {
        NamespacedName(namespace: server.namespace, name: server.name + suffix)
    }

    /// The server of a key.
    static func server(of key: NamespacedName) -> NamespacedName {
        guard key.name.hasSuffix(suffix) else { return key }
        return NamespacedName(namespace: key.namespace, name: String(key.name.dropLast(suffix.count)))
    }
}
