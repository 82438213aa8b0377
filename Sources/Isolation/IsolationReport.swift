/// Who reaches whom, and which of these paths break the isolation of tenants.
public struct IsolationReport: Sendable, Hashable {
    /// Pods of one namespace at one end of a path.
    public struct End: Sendable, Hashable {
        /// The namespace.
        public var namespace: String
        /// The tenant, `nil` for a namespace of the platform.
        public var tenant: String?
        /// The names of the pods, sorted.
        public var pods: [String]
    }

    /// What a path between pods is for the isolation of tenants.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// From one tenant to another.
        case crossing
        /// From one tenant to another, which the caller allows.
        case allowed
        /// Within one tenant.
        case sameTenant
        /// From or to a namespace of the platform.
        case shared
    }

    /// Pods that reach pods at the same ports, for the same reasons.
    public struct Path: Sendable, Hashable {
        /// What the path is.
        public var kind: Kind
        /// The pods that open connections.
        public var source: End
        /// The pods that are reached.
        public var target: End
        /// The ports.
        public var ports: PortSet
        /// Why the source allows it.
        public var egress: Reachability.Opening
        /// Why the target allows it.
        public var ingress: Reachability.Opening
    }

    /// Pods of a tenant that reach blocked addresses.
    public struct BlockedPath: Sendable, Hashable {
        /// The pods.
        public var source: End
        /// The ranges of which at least one address is reached.
        public var ranges: [BlockedRange]
        /// The ports.
        public var ports: PortSet
        /// Why the pods reach them.
        public var egress: Reachability.Opening
    }

    /// Addresses that pods of a tenant reach. They can be addresses of the cluster as well.
    public struct OutsidePath: Sendable, Hashable {
        /// The pods.
        public var source: End
        /// The addresses.
        public var block: AddressBlock
        /// The ports.
        public var ports: PortSet
        /// Why the pods reach them.
        public var egress: Reachability.Opening
    }

    /// The paths between pods: crossings first, sorted.
    public var paths: [Path]
    /// The paths into blocked ranges.
    public var blocked: [BlockedPath]
    /// The addresses that pods of tenants reach.
    public var outside: [OutsidePath]
    /// The pods that use the network of their node.
    public var onHostNetwork: [End]
    /// The namespaces, sorted by tenant and name.
    public var namespaces: [ClusterModel.Namespace]
    /// How many pods were evaluated.
    public var podCount: Int

    /// Whether no path breaks the isolation of tenants.
    public var isIsolated: Bool { blocked.isEmpty && !paths.contains { $0.kind == .crossing } }

    /// The paths from one tenant to another.
    public var crossings: [Path] { paths.filter { $0.kind == .crossing } }
}
