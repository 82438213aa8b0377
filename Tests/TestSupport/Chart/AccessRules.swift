public import KubernetesAPI

/// The permissions that manifests grant to a ServiceAccount through RBAC.
public struct AccessRules: Sendable {
    /// One verb on one resource, and on one name if the rule has names: the smallest part of a rule.
    public struct Atom: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// The Role or ClusterRole that contains it.
        public var role: String
        public var verb: String
        public var group: String
        public var resource: String
        public var name: String?

        public var description: String {
            let resource = group.isEmpty ? resource : "\(resource).\(group)"
            return "\(role): \(verb) \(resource)\(name.map { " \"\($0)\"" } ?? "")"
        }

        public static func < (left: Atom, right: Atom) -> Bool { left.description < right.description }

        func covers(_ permission: Permission) -> Bool {
            verb == permission.verb && group == permission.group && resource == permission.resource
                && (name == nil || name == permission.name)
        }
    }

    /// A bound role: for the cluster, or in one namespace.
    public struct Grant: Sendable, Hashable, CustomStringConvertible {
        public var namespace: String?
        public var atoms: Set<Atom>

        public var description: String {
            "\(atoms.first?.role ?? "an empty role") in \(namespace ?? "all namespaces")"
        }
    }

    /// All bound roles.
    public var grants: [Grant]

    /// The roles that manifests bind to a ServiceAccount.
    public init(_ documents: [JSONValue], serviceAccount: String, namespace: String) {
        var roles: [String: Set<Atom>] = [:]
        for document in documents {
            guard let kind = document["kind"]?.stringValue, ["Role", "ClusterRole"].contains(kind) else { continue }
            let key = Self.key(kind, document, name: document[path: ["metadata", "name"]]?.stringValue)
            roles[key] = Self.atoms(of: document, role: key)
        }
        grants = documents.compactMap { document in
            guard let kind = document["kind"]?.stringValue, ["RoleBinding", "ClusterRoleBinding"].contains(kind),
                document["subjects"]?.arrayValue?.contains(where: {
                    $0["kind"] == "ServiceAccount" && $0["name"]?.stringValue == serviceAccount
                        && $0["namespace"]?.stringValue == namespace
                }) == true,
                let role = document["roleRef"], let roleKind = role["kind"]?.stringValue
            else { return nil }
            let key = Self.key(roleKind, document, name: role["name"]?.stringValue)
            return Grant(
                namespace: kind == "RoleBinding" ? document[path: ["metadata", "namespace"]]?.stringValue : nil,
                atoms: roles[key] ?? []
            )
        }
    }

    /// Whether a request is allowed.
    public func allows(_ permission: Permission) -> Bool {
        grants.contains { grant in
            (grant.namespace == nil || grant.namespace == permission.namespace)
                && grant.atoms.contains { $0.covers(permission) }
        }
    }

    /// The parts of roles, and the bindings, that none of these permissions needed.
    public func unused(by permissions: some Sequence<Permission>) -> (atoms: [Atom], grants: [Grant]) {
        let permissions = Set(permissions)
        var used: Set<Atom> = []
        var idle: [Grant] = []
        for grant in grants {
            let needed = grant.atoms.filter { atom in
                permissions.contains {
                    (grant.namespace == nil || grant.namespace == $0.namespace) && atom.covers($0)
                }
            }
            if needed.isEmpty { idle.append(grant) }
            used.formUnion(needed)
        }
        let all = grants.reduce(into: Set<Atom>()) { $0.formUnion($1.atoms) }
        return (all.subtracting(used).sorted(), idle)
    }

    private static func key(_ kind: String, _ document: JSONValue, name: String?) -> String {
        let namespace = kind == "Role" ? document[path: ["metadata", "namespace"]]?.stringValue : nil
        return "\(kind) \(namespace.map { "\($0)/" } ?? "")\(name ?? "")"
    }

    private static func atoms(of role: JSONValue, role name: String) -> Set<Atom> {
        func texts(_ rule: JSONValue, _ field: String) -> [String] {
            rule[field]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
        var atoms: Set<Atom> = []
        for rule in role["rules"]?.arrayValue ?? [] {
            let names: [String?] = rule["resourceNames"] == nil ? [nil] : texts(rule, "resourceNames").map { $0 }
            for group in texts(rule, "apiGroups") {
                for resource in texts(rule, "resources") {
                    for verb in texts(rule, "verbs") {
                        for object in names {
                            atoms.insert(
                                Atom(role: name, verb: verb, group: group, resource: resource, name: object)
                            )
                        }
                    }
                }
            }
        }
        return atoms
    }
}
