import KubernetesAPI

/// RBAC: decides requests by the stored roles and bindings.
extension ClusterState {
    private static let group = "rbac.authorization.k8s.io"
    private static let roles = ResourceKey(group: group, plural: "roles")
    private static let roleBindings = ResourceKey(group: group, plural: "rolebindings")
    static let clusterRoles = ResourceKey(group: group, plural: "clusterroles")
    private static let clusterRoleBindings = ResourceKey(group: group, plural: "clusterrolebindings")

    /// The answer to an access request.
    struct Decision {
        var isAllowed: Bool
        /// The binding that allows it, or the roles that could not be found.
        var reason: String
    }

    /// A binding that applies to a user, with the rules of its role.
    private struct Grant {
        var source: String
        var rules: [PolicyRule]
    }

    /// Throws the API server's rejection of a request that the roles do not allow.
    func authorize(_ request: AccessRequest, for user: UserInfo) throws(APIFailure) {
        let decision = decide(request, for: user)
        if !decision.isAllowed { throw request.forbidden(to: user, reason: decision.reason) }
    }

    func decide(_ request: AccessRequest, for user: UserInfo) -> Decision {
        if user.groups.contains(UserInfo.masters) { return Decision(isAllowed: true, reason: "") }
        let (grants, errors) = grants(for: user, in: request.namespace)
        for grant in grants where grant.rules.contains(where: { $0.allows(request) }) {
            return Decision(isAllowed: true, reason: "RBAC: allowed by \(grant.source)")
        }
        return Decision(isAllowed: false, reason: errors.isEmpty ? "" : "RBAC: \(ClusterState.aggregate(errors))")
    }

    /// The rules that apply to a user in a namespace, or at the cluster scope if it is empty, and errors of roles that
    /// were not found.
    func rules(for user: UserInfo, in namespace: String) -> (rules: [PolicyRule], errors: [String]) {
        let (grants, errors) = grants(for: user, in: namespace)
        return (grants.flatMap(\.rules), errors)
    }

    /// Several errors in the format of the server.
    static func aggregate(_ errors: [String]) -> String {
        errors.count == 1 ? errors[0] : "[\(errors.joined(separator: ", "))]"
    }

    private func grants(for user: UserInfo, in namespace: String) -> (grants: [Grant], errors: [String]) {
        var grants: [Grant] = []
        var errors: [String] = []
        var bindings = ClusterState.sorted(storage.objects(ClusterState.clusterRoleBindings))
        if !namespace.isEmpty {
            bindings += ClusterState.sorted(storage.objects(ClusterState.roleBindings, namespace: namespace))
        }
        for binding in bindings {
            let subjects = binding.value["subjects"]?.arrayValue ?? []
            guard let subject = subjects.first(where: { applies($0, to: user, in: binding.key.namespace) }) else {
                continue
            }
            do throws(APIFailure) {
                let reference = binding.value["roleRef"] ?? [:]
                let rules = try rules(of: reference, in: binding.key.namespace)
                grants.append(Grant(source: describe(binding, subject, reference), rules: rules))
            } catch {
                errors.append(error.status.message ?? "")
            }
        }
        return (grants, errors)
    }

    /// The rules of the role that a binding refers to.
    func rules(of reference: JSONValue, in namespace: String) throws(APIFailure) -> [PolicyRule] {
        let name = reference["name"]?.stringValue ?? ""
        let key: ObjectKey
        switch reference["kind"]?.stringValue {
        case "Role": key = ObjectKey(resource: ClusterState.roles, namespace: namespace, name: name)
        case "ClusterRole": key = ObjectKey(resource: ClusterState.clusterRoles, namespace: "", name: name)
        case let kind:
            throw APIFailure(500, "InternalError", "unsupported role reference kind: \"\(kind ?? "")\"")
        }
        guard let role = storage[key] else {
            guard let resource = registry.any(key.resource) else { throw .noSuchPath }
            // The server reads roles from its cache, whose errors name the kind in the singular.
            throw APIFailure(
                404,
                "NotFound",
                "\(resource.singular).\(ClusterState.group) \"\(name)\" not found",
                details: .init(name: name, group: ClusterState.group, kind: resource.singular)
            )
        }
        return PolicyRule.rules(of: role.value)
    }

    private func applies(_ subject: JSONValue, to user: UserInfo, in namespace: String) -> Bool {
        guard let name = subject["name"]?.stringValue else { return false }
        switch subject["kind"]?.stringValue {
        case "User": return user.name == name
        case "Group": return user.groups.contains(name)
        case "ServiceAccount":
            let own = subject["namespace"]?.stringValue ?? ""
            let home = own.isEmpty ? namespace : own
            return !home.isEmpty && user.name == UserInfo.serviceAccountName(home, name)
        default: return false
        }
    }

    private func describe(_ binding: StoredObject, _ subject: JSONValue, _ reference: JSONValue) -> String {
        func text(_ value: JSONValue, _ key: String) -> String { value[key]?.stringValue ?? "" }
        let place = binding.key.namespace
        var name = text(subject, "name")
        if text(subject, "kind") == "ServiceAccount" {
            let home = text(subject, "namespace")
            name += "/\(home.isEmpty ? place : home)"
        }
        let kind = place.isEmpty ? "ClusterRoleBinding" : "RoleBinding"
        let title = place.isEmpty ? binding.key.name : "\(binding.key.name)/\(place)"
        return "\(kind) \"\(title)\" of \(text(reference, "kind")) \"\(text(reference, "name"))\" to "
            + "\(text(subject, "kind")) \"\(name)\""
    }
}
