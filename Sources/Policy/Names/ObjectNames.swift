package import CRDModels
package import KubernetesAPI
internal import SupplyChain

/// The names of a server's objects.
package enum ObjectNames {
    /// The Secret of `config.env`.
    package static func environment(_ server: String) -> String { "\(server)-env" }
    /// The Secret of `config.files`.
    package static func files(_ server: String) -> String { "\(server)-files" }
    /// The Secret of filled-in templates.
    package static func templates(_ server: String) -> String { "\(server)-templates" }
    /// The Role and the RoleBinding that let the gateway read the Secrets of a remote server.
    package static func gateway(_ server: String) -> String { "\(server)-gateway" }
    /// The PersistentVolumeClaim.
    package static func data(_ server: String) -> String { "\(server)-data" }
    /// The ResourceQuota and the LimitRange of a tenant's namespace.
    package static let tenantDefaults = "moorage"
    /// The NetworkPolicy that denies all traffic in a tenant's namespace.
    package static let defaultDeny = "moorage-default-deny"
    /// The RoleBinding of members who have a ClusterRole that is not Moorage's.
    package static func members(clusterRole: String) -> String { "moorage-cluster-role-\(clusterRole)" }
    /// The ClusterRole that lets members read their tenant, and its ClusterRoleBinding.
    package static func reader(ofTenant tenant: String) -> String { "moorage-tenant-\(tenant)" }
}

/// Which pods of a server are rendered.
public enum WorkloadRole: Sendable, Hashable {
    /// Those that serve.
    case serving
    /// The one of a version that does not serve yet, with the digest of the reviewed part of its spec.
    case candidate(template: String)

    /// The name of the workload, which is also the beginning of the names of what its pods read.
    package func name(of server: String) -> String {
        guard self != .serving else { return server }
        let suffix = "-candidate"
        // A pod's hostname has at most 63 characters, and so has the value of a label.
        guard server.utf8.count + suffix.utf8.count > 63 else { return server + suffix }
        return "\(server.prefix(42))-\(ContentDigest.of(server.utf8).prefix(10))\(suffix)"
    }
}

/// The labels of rendered objects.
package enum ObjectLabels {
    /// The labels of a server's objects and pods. `app.kubernetes.io/part-of` is taken from the server's own label, if
    /// it has one.
    package static func server(_ server: MCPServer, tenant: String, role: WorkloadRole = .serving) -> [String: String] {
        let name = server.metadata.name ?? ""
        if case .candidate(let template) = role {
            return [
                MoorageLabels.name: role.name(of: name),
                MoorageLabels.instance: role.name(of: name),
                MoorageLabels.component: MoorageLabels.candidateComponentValue,
                MoorageLabels.partOf: server.metadata.labels?[MoorageLabels.partOf] ?? tenantValue(tenant),
                MoorageLabels.managedBy: MoorageLabels.managedByValue,
                MoorageLabels.tenant: tenantValue(tenant),
                MoorageLabels.candidate: name,
                MoorageLabels.template: templateValue(template),
            ]
        }
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
    package static func selector(server: String, role: WorkloadRole = .serving) -> [String: String] {
        role == .serving ? [MoorageLabels.server: server] : [MoorageLabels.candidate: server]
    }

    /// The digest of a template as the value of a label.
    package static func templateValue(_ template: String) -> String { String(template.prefix(32)) }

    /// The labels of a tenant's objects.
    package static func tenant(_ name: String) -> [String: String] {
        [
            MoorageLabels.managedBy: MoorageLabels.managedByValue,
            MoorageLabels.partOf: tenantValue(name),
            MoorageLabels.tenant: tenantValue(name),
        ]
    }

    /// A tenant's name as a label value, which has at most 63 characters. A longer name is cut to 52 characters and
    /// gets a digest of the whole name, so that two tenants never share a label.
    package static func tenantValue(_ name: String) -> String {
        guard name.utf8.count > 63 else { return name }
        return "\(name.prefix(52))-\(ContentDigest.of(name.utf8).prefix(10))"
    }
}

extension JSONValue {
    /// A JSON object with string values.
    package static func labels(_ labels: [String: String]) -> JSONValue { .object(labels.mapValues { .string($0) }) }

    /// A JSON array of strings.
    package static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
