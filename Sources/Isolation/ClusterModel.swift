public import KubernetesAPI

/// The namespaces, pods and NetworkPolicies whose effect is evaluated.
public struct ClusterModel: Sendable {
    /// A namespace.
    public struct Namespace: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The labels. `kubernetes.io/metadata.name` is added, as the API server does.
        public var labels: [String: String]
        /// The tenant that it belongs to, `nil` for a namespace of the platform.
        public var tenant: String?

        public init(name: String, labels: [String: String] = [:], tenant: String? = nil) {
            self.name = name
            self.labels = labels
            self.tenant = tenant
        }
    }

    /// A port of a container that has a name.
    public struct NamedPort: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The protocol.
        public var transport: TransportProtocol
        /// The number.
        public var number: Int

        public init(name: String, transport: TransportProtocol = .tcp, number: Int) {
            self.name = name
            self.transport = transport
            self.number = number
        }
    }

    /// A pod, or the pods that a workload creates.
    public struct Pod: Sendable, Hashable {
        /// The namespace.
        public var namespace: String
        /// The name of the pod, or the kind and the name of its workload.
        public var name: String
        /// The labels.
        public var labels: [String: String]
        /// The ports with a name.
        public var ports: [NamedPort]
        /// The addresses; empty if they are not known.
        public var addresses: [AddressRange]
        /// Whether the pod uses the network of its node, so that NetworkPolicies do not apply to it.
        public var isOnHostNetwork: Bool

        public init(
            namespace: String,
            name: String,
            labels: [String: String] = [:],
            ports: [NamedPort] = [],
            addresses: [AddressRange] = [],
            isOnHostNetwork: Bool = false
        ) {
            self.namespace = namespace
            self.name = name
            self.labels = labels
            self.ports = ports
            self.addresses = addresses
            self.isOnHostNetwork = isOnHostNetwork
        }
    }

    /// The namespaces. A namespace that only pods name has no label but its name.
    public var namespaces: [Namespace]
    /// The pods.
    public var pods: [Pod]
    /// The policies.
    public var policies: [NetworkPolicy]
    /// The addresses that pods can have, for pods whose addresses are not known.
    public var podRanges: [AddressRange]
    /// The labels of pods with values that are not known, because a controller sets them. A policy that selects by one of them
    /// cannot be evaluated.
    public var unknownLabels: Set<String>

    public init(
        namespaces: [Namespace] = [],
        pods: [Pod] = [],
        policies: [NetworkPolicy] = [],
        podRanges: [AddressRange] = ClusterModel.possiblePodRanges,
        unknownLabels: Set<String> = []
    ) {
        self.namespaces = namespaces
        self.pods = pods
        self.policies = policies
        self.podRanges = podRanges
        self.unknownLabels = unknownLabels
    }

    /// All addresses that a pod can have in any cluster: every unicast address that is neither loopback nor link-local
    /// (RFC 6890, RFC 4291).
    public static let possiblePodRanges: [AddressRange] = {
        let never = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "::/80", "fe80::/10", "ff00::/8"]
            .compactMap { AddressRange(cidr: $0) }
        return never.reduce(AddressRange.all) { rest, hole in rest.flatMap { $0.subtracting(hole) } }
    }()
}
