public import CRDModels
public import KubernetesAPI

/// What a decision about a claim needs to know of a namespace that exists.
public struct NamespaceFacts: Sendable, Hashable {
    /// The namespace's name.
    public var name: String
    /// The namespace's UID; a namespace that is deleted and created again has a different one.
    public var uid: String?
    /// The value of `moorage.dev/tenant` on a namespace that Moorage manages, `nil` on any other.
    public var tenantLabel: String?

    public init(name: String, uid: String? = nil, tenantLabel: String? = nil) {
        self.name = name
        self.uid = uid
        self.tenantLabel = tenantLabel
    }

    /// Reads the facts from a namespace's metadata.
    public init(_ metadata: ObjectMeta) {
        self.init(
            name: metadata.name ?? "",
            uid: metadata.uid,
            tenantLabel: ManagedLabels { metadata.labels?[$0] }?.tenant
        )
    }
}

/// Whose rules apply in a namespace.
public enum NamespaceHolder: Sendable, Hashable {
    /// A tenant whose claim is accepted.
    case tenant(MCPTenant)
    /// A tenant that was deleted and retained the namespace (`deletionPolicy: Retain`); the value is that of the label
    /// `moorage.dev/tenant`. Running servers are not changed until another tenant adopts the namespace, or an
    /// administrator removes the label.
    case retained(tenant: String)

    /// The name to display.
    public var name: String {
        switch self {
        case .tenant(let tenant): tenant.metadata.name ?? ""
        case .retained(let name): name
        }
    }

    /// The tenant whose claim is accepted, `nil` for a retained namespace.
    public var tenant: MCPTenant? {
        if case .tenant(let tenant) = self { tenant } else { nil }
    }

    /// Whether this is the same tenant in the same state of claim; its spec may differ.
    package func isSameHolder(as other: NamespaceHolder?) -> Bool {
        switch (self, other) {
        case (.tenant(let own), .tenant(let others)?): own.metadata.uid == others.metadata.uid && name == other?.name
        case (.retained(let own), .retained(let others)?): own == others
        default: false
        }
    }
}

/// Whose rules apply in which namespace. Only accepted claims count: a refused tenant has no effect, and changes of its
/// spec do not affect others.
public struct NamespaceClaims: Sendable, Hashable {
    private var holders: [String: NamespaceHolder] = [:]

    public init() {}

    /// Decides about every namespace that is claimed or was retained.
    ///
    /// - Parameters:
    ///   - tenants: all tenants.
    ///   - namespaces: the namespaces that exist. One that is missing here is considered not created yet.
    ///   - protected: the namespaces that no tenant can hold.
    public init(
        tenants: some Sequence<MCPTenant>,
        namespaces: some Sequence<NamespaceFacts> = [],
        protected: ProtectedNamespaces? = nil
    ) {
        let facts = Dictionary(namespaces.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let claims = Dictionary(grouping: tenants, by: EffectiveTenant.namespace(of:))
        for name in Set(facts.keys).union(claims.keys) where protected?.contains(name) != true {
            holders[name] = NamespaceClaims.holder(existing: facts[name], claimants: claims[name] ?? [])
        }
    }

    /// Whose rules apply in a namespace, or `nil` if it does not belong to a tenant.
    public subscript(namespace: String) -> NamespaceHolder? {
        get { holders[namespace] }
        set { holders[namespace] = newValue }
    }

    /// The tenants whose claims are accepted, by name.
    public var tenants: [MCPTenant] {
        holders.values.compactMap(\.tenant).sorted { ($0.metadata.name ?? "") < ($1.metadata.name ?? "") }
    }

    /// The tenant that gets a namespace, of those that claim it.
    ///
    /// A namespace that does not exist yet goes to the oldest claim. One that exists stays with the tenant that it was
    /// accepted for (`status.namespaceUID`, then the label); after that, the oldest claim that may adopt it gets it.
    public static func holder(existing: NamespaceFacts?, claimants: [MCPTenant]) -> NamespaceHolder? {
        let oldest = { (tenants: [MCPTenant]) in tenants.min(by: isOlder).map(NamespaceHolder.tenant) }
        guard let existing else { return oldest(claimants) }
        if let uid = existing.uid, let holder = oldest(claimants.filter { $0.status?.namespaceUID == uid }) {
            return holder
        }
        let label = existing.tenantLabel
        if let holder = oldest(claimants.filter { label == ObjectLabels.tenantValue($0.metadata.name ?? "") }) {
            return holder
        }
        return oldest(claimants.filter { $0.spec.namespace?.adopt == true })
            ?? label.map { .retained(tenant: $0) }
    }

    private static func isOlder(_ left: MCPTenant, _ right: MCPTenant) -> Bool {
        let ages = (
            left.metadata.creationTimestamp?.secondsSinceEpoch ?? .max,
            right.metadata.creationTimestamp?.secondsSinceEpoch ?? .max
        )
        return ages.0 != ages.1 ? ages.0 < ages.1 : (left.metadata.name ?? "") < (right.metadata.name ?? "")
    }
}

/// The namespaces that a tenant must not open its servers to, because they belong to another tenant or were retained by
/// one.
package struct OtherTenants {
    private let claims: NamespaceClaims
    private let own: String

    package init(than tenant: EffectiveTenant, claims: NamespaceClaims) {
        self.claims = claims
        own = tenant.namespace
    }

    /// The holder of a namespace, `nil` if the namespace is the tenant's own or has no holder.
    package func holder(of namespace: String) -> String? { namespace == own ? nil : claims[namespace]?.name }
}
