internal import CRDModels
internal import KubernetesAPI
internal import SupplyChain

/// The names of a server's objects.
enum ObjectNames {
    /// The Secret of `config.env`.
    static func environment(_ server: String) -> String { "\(server)-env" }
    /// The Secret of `config.files`.
    static func files(_ server: String) -> String { "\(server)-files" }
    /// The Secret of filled-in templates.
    static func templates(_ server: String) -> String { "\(server)-templates" }
    /// The PersistentVolumeClaim.
    static func data(_ server: String) -> String { "\(server)-data" }
    /// The ResourceQuota and the LimitRange of a tenant's namespace.
    static let tenantDefaults = "moorage"
    /// The NetworkPolicy that denies all traffic in a tenant's namespace.
    static let defaultDeny = "moorage-default-deny"
    /// The RoleBinding of members who have a ClusterRole that is not Moorage's.
    static func members(clusterRole: String) -> String { "moorage-cluster-role-\(clusterRole)" }
    /// The ClusterRole that lets members read their tenant, and its ClusterRoleBinding.
    static func reader(ofTenant tenant: String) -> String { "moorage-tenant-\(tenant)" }
}

/// The labels of rendered objects.
enum ObjectLabels {
    /// The labels of a server's objects and pods. `app.kubernetes.io/part-of` is taken from the server's own label, if
    /// it has one.
    static func server(_ server: MCPServer, tenant: String) -> [String: String] {
        let name = server.metadata.name ?? ""
        return [
            MoorageLabels.name: name,
            MoorageLabels.instance: name,
            MoorageLabels.component: MoorageLabels.componentValue,
            MoorageLabels.partOf: server.metadata.labels?[MoorageLabels.partOf] ?? tenantValue(tenant),
            MoorageLabels.managedBy: MoorageLabels.managedByValue,
            MoorageLabels.tenant: tenantValue(tenant),
            MoorageLabels.server: name,
        ]
    }

    /// The labels that select a server's pods. They never change, because a Deployment's selector cannot be changed.
    static func selector(server: String) -> [String: String] {
        [MoorageLabels.server: server]
    }

    /// The labels of a tenant's objects.
    static func tenant(_ name: String) -> [String: String] {
        [
            MoorageLabels.managedBy: MoorageLabels.managedByValue,
            MoorageLabels.partOf: tenantValue(name),
            MoorageLabels.tenant: tenantValue(name),
        ]
    }

    /// A tenant's name as a label value, which has at most 63 characters. A longer name is cut to 52 characters and
    /// gets a digest of the whole name, so that two tenants never share a label.
    static func tenantValue(_ name: String) -> String {
        guard name.utf8.count > 63 else { return name }
        return "\(name.prefix(52))-\(ContentDigest.of(name.utf8).prefix(10))"
    }
}

extension JSONValue {
    /// A JSON object with string values.
    static func labels(_ labels: [String: String]) -> JSONValue { .object(labels.mapValues { .string($0) }) }

    /// A JSON array of strings.
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
