import KubernetesAPI

/// Users cannot grant permissions that they do not have: the API server checks this when roles and bindings are
/// written.
extension ClusterState {
    /// Rejects a role or binding that grants more permissions than its author has.
    ///
    /// - Parameters:
    ///   - name: the name in the request's path, empty for a create.
    ///   - old: the object before the change; `nil` for a new one.
    func admitGrants(_ object: JSONValue, old: JSONValue?, _ resource: ResourceDefinition, name: String)
        throws(APIFailure)
    {
        guard configuration.enforcesRBAC, let requester, !requester.groups.contains(UserInfo.masters),
            resource.type.group == "rbac.authorization.k8s.io"
        else { return }
        if let old, ClusterState.withoutCollectorFields(old) == ClusterState.withoutCollectorFields(object) { return }
        let namespace = object.objectNamespace
        switch resource.type.kind {
        case "Role", "ClusterRole":
            let escalate = AccessRequest(
                verb: "escalate",
                group: resource.type.group,
                resource: resource.plural,
                namespace: namespace,
                name: name
            )
            if decide(escalate, for: requester).isAllowed { return }
            try confirm(PolicyRule.rules(of: object), by: requester, resource, object)
            guard ClusterState.isAggregated(object) || old.map(ClusterState.isAggregated) == true else { return }
            let owned = rules(for: requester, in: "").rules
            guard PolicyRule.missing(from: owned, in: PolicyRule.everything).isEmpty else {
                throw .forbidden(
                    resource,
                    object.objectName,
                    "must have cluster-admin privileges to use the aggregationRule"
                )
            }
        case "RoleBinding", "ClusterRoleBinding":
            let reference = object["roleRef"] ?? [:]
            let bind = AccessRequest(
                verb: "bind",
                group: reference["apiGroup"]?.stringValue ?? "",
                resource: reference["kind"] == "Role" ? "roles" : "clusterroles",
                namespace: namespace,
                name: reference["name"]?.stringValue ?? ""
            )
            if decide(bind, for: requester).isAllowed { return }
            try confirm(try rules(of: reference, in: namespace), by: requester, resource, object)
        default: return
        }
    }

    private func confirm(
        _ granted: [PolicyRule],
        by user: UserInfo,
        _ resource: ResourceDefinition,
        _ object: JSONValue
    ) throws(APIFailure) {
        let (owned, errors) = rules(for: user, in: object.objectNamespace)
        let missing = PolicyRule.missing(from: owned, in: granted)
        if missing.isEmpty { return }
        var message =
            "user \"\(user.name)\" (groups=\(PolicyRule.quoted(user.groups))) is attempting to grant RBAC permissions not "
            + "currently held:\n" + Set(missing.map(\.summary)).sorted().joined(separator: "\n")
        if !errors.isEmpty { message += "; resolution errors: [\(ClusterState.aggregate(errors))]" }
        throw .forbidden(resource, object.objectName, message)
    }

    private static func isAggregated(_ role: JSONValue) -> Bool {
        role[path: ["aggregationRule", "clusterRoleSelectors"]]?.arrayValue?.isEmpty == false
    }

    /// An object without the fields that the garbage collector changes.
    private static func withoutCollectorFields(_ object: JSONValue) -> JSONValue {
        var object = object
        for name in ["ownerReferences", "finalizers", "managedFields"] { object[path: ["metadata", name]] = nil }
        return object
    }
}
