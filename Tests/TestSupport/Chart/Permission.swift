internal import KubernetesAPI
public import KubernetesClient
import HTTPTypes

/// The permission that a request needs, as the API server passes it to its authorizer.
public struct Permission: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection` or `bind`.
    public var verb: String
    /// The API group; empty for the core.
    public var group: String
    /// The plural, with the subresource behind a slash.
    public var resource: String
    /// The namespace; `nil` for cluster-scoped resources and for all namespaces.
    public var namespace: String?
    /// The object's name; `nil` if the request does not name one.
    public var name: String?

    public init(_ verb: String, group: String, resource: String, namespace: String? = nil, name: String? = nil) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }

    public var description: String {
        let resource = group.isEmpty ? resource : "\(resource).\(group)"
        return "\(verb) \(resource)\(name.map { " \"\($0)\"" } ?? "") in \(namespace ?? "all namespaces")"
    }

    public static func < (left: Permission, right: Permission) -> Bool { left.description < right.description }
}

extension Permission {
    /// The permission that a request needs before it is processed; `nil` for paths that are not resources, such as
    /// discovery.
    public init?(_ request: APIRequest) {
        var parts = request.path.split(separator: "/").map(String.init)[...]
        switch parts.popFirst() {
        case "api" where parts.popFirst() != nil: group = ""
        case "apis":
            guard let group = parts.popFirst(), parts.popFirst() != nil else { return nil }
            self.group = group
        default: return nil
        }
        guard let first = parts.first else { return nil }
        // `namespaces/NAME` is the namespace itself; what follows is a resource in it, except for the namespace's
        // subresources.
        let own = ["status", "finalize"]
        if first == "namespaces", parts.count > 2, let third = parts.dropFirst(2).first, !own.contains(third) {
            parts.removeFirst()
            namespace = parts.popFirst()
        }
        guard let resource = parts.popFirst() else { return nil }
        name = parts.popFirst()
        // What follows `proxy` is the path at the pod.
        if parts.first == "proxy" { parts = ["proxy"] }
        self.resource = parts.isEmpty ? resource : "\(resource)/\(parts.joined(separator: "/"))"
        switch request.method {
        case .get where request.queryValue("watch") == "true" || request.queryValue("watch") == "1": verb = "watch"
        case .get: verb = name == nil ? "list" : "get"
        case .post: verb = "create"
        case .put: verb = "update"
        case .patch: verb = "patch"
        case .delete: verb = name == nil ? "deletecollection" : "delete"
        default: return nil
        }
        // The API server does this for a list or watch of one object.
        let selector = "metadata.name="
        if name == nil, let fields = request.queryValue("fieldSelector"), fields.hasPrefix(selector) {
            name = String(fields.dropFirst(selector.count))
        }
    }

    /// Further permissions that depend on what a request writes: an owner reference that blocks the owner's deletion
    /// needs `update` of the owner's finalizers (the admission plug-in OwnerReferencesPermissionEnforcement). A
    /// RoleBinding of a ClusterRole needs `bind` of it, or all permissions of the role. A Role and a ClusterRole need all
    /// permissions that they grant, and so does a binding, for which nothing has to be checked if the same client wrote
    /// the role.
    public static func implied(by request: APIRequest) -> [Permission] {
        guard let own = Permission(request), let body = request.body, let value = try? JSONValue(parsing: body) else {
            return []
        }
        var permissions: [Permission] = []
        for owner in value[path: ["metadata", "ownerReferences"]]?.arrayValue ?? []
        where owner["blockOwnerDeletion"] == true {
            let kind = owner["kind"]?.stringValue ?? ""
            let version = owner["apiVersion"]?.stringValue ?? ""
            let group = version.firstIndex(of: "/").map { String(version[..<$0]) } ?? ""
            permissions.append(
                Permission(
                    "update",
                    group: group,
                    resource: "\(kind.lowercased())s/finalizers",
                    namespace: kind == "MCPTenant" ? nil : own.namespace,
                    name: owner["name"]?.stringValue
                )
            )
        }
        if own.resource == "rolebindings", let role = value["roleRef"], role["kind"] == "ClusterRole" {
            permissions.append(
                Permission(
                    "bind",
                    group: own.group,
                    resource: "clusterroles",
                    namespace: own.namespace,
                    name: role["name"]?.stringValue
                )
            )
        }
        if own.resource == "clusterroles" || own.resource == "roles" {
            func texts(_ rule: JSONValue, _ field: String) -> [String] {
                rule[field]?.arrayValue?.compactMap(\.stringValue) ?? []
            }
            for rule in value["rules"]?.arrayValue ?? [] {
                let names: [String?] = rule["resourceNames"] == nil ? [nil] : texts(rule, "resourceNames")
                for (group, resource) in texts(rule, "apiGroups").flatMap({ group in
                    texts(rule, "resources").map { (group, $0) }
                }) {
                    for verb in texts(rule, "verbs") {
                        permissions += names.map {
                            Permission(verb, group: group, resource: resource, namespace: own.namespace, name: $0)
                        }
                    }
                }
            }
        }
        return permissions
    }

    /// The permission that an apply that created an object needs in addition to `patch`.
    public static func creating(_ request: APIRequest) -> Permission? {
        guard request.method == .patch, var permission = Permission(request), !permission.resource.contains("/") else {
            return nil
        }
        permission.verb = "create"
        return permission
    }
}
