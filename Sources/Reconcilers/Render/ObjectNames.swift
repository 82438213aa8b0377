internal import CRDModels
internal import KubernetesAPI

/// What a server's objects are called.
enum ObjectNames {
    /// The Secret of `config.env`.
    static func environment(_ server: String) -> String { "\(server)-env" }
    /// The Secret of `config.files`.
    static func files(_ server: String) -> String { "\(server)-files" }
    /// The Secret of what templates came to.
    static func templates(_ server: String) -> String { "\(server)-templates" }
    /// The PersistentVolumeClaim.
    static func data(_ server: String) -> String { "\(server)-data" }
    /// The ResourceQuota and the LimitRange of a tenant's namespace.
    static let tenantDefaults = "moorage"
    /// The NetworkPolicy that lets nothing through in a tenant's namespace.
    static let defaultDeny = "moorage-default-deny"
    /// The RoleBinding of a role's members.
    static func members(_ role: MemberRole) -> String { "moorage-\(role.rawValue)" }
}

/// The labels of what is rendered.
enum ObjectLabels {
    /// The labels of a server's objects and pods. What they are a part of is the user's to say, by the server's own label.
    static func server(_ server: MCPServer, tenant: String) -> [String: String] {
        let name = server.metadata.name ?? ""
        return [
            MoorageLabels.name: name,
            MoorageLabels.instance: name,
            MoorageLabels.component: MoorageLabels.componentValue,
            MoorageLabels.partOf: server.metadata.labels?[MoorageLabels.partOf] ?? label(tenant),
            MoorageLabels.managedBy: MoorageLabels.managedByValue,
            MoorageLabels.tenant: label(tenant),
            MoorageLabels.server: name,
        ]
    }

    /// The labels by which a server's pods are selected. They never change, as a Deployment's selector cannot.
    static func selector(server: String) -> [String: String] {
        [MoorageLabels.server: server]
    }

    /// The labels of a tenant's objects.
    static func tenant(_ name: String) -> [String: String] {
        [
            MoorageLabels.managedBy: MoorageLabels.managedByValue,
            MoorageLabels.partOf: label(name),
            MoorageLabels.tenant: label(name),
        ]
    }

    /// A tenant's name as a label's value, which has 63 characters at most and ends in a letter or a digit.
    private static func label(_ name: String) -> String {
        var text = name.prefix(63)
        while let last = text.utf8.last, last == 0x2D || last == 0x2E || last == 0x5F { text = text.dropLast() }
        return String(text)
    }
}

extension JSONValue {
    /// An object of strings.
    static func labels(_ labels: [String: String]) -> JSONValue { .object(labels.mapValues { .string($0) }) }

    /// A list of strings.
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
