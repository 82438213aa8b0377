import KubernetesAPI

/// The simulated controller that fills aggregated ClusterRoles.
extension ClusterState {
    /// A ClusterRole changed: the rules of every aggregated role are computed again.
    mutating func aggregateRoles() {
        let roles = ClusterState.sorted(storage.objects(ClusterState.clusterRoles))
        for role in roles where !role.value.isBeingDeleted {
            guard let selectors = role.value[path: ["aggregationRule", "clusterRoleSelectors"]]?.arrayValue else {
                continue
            }
            var rules: [JSONValue] = []
            for selector in selectors.compactMap({ try? $0.decode(LabelSelector.self) }) {
                for other in roles where other.key != role.key && selector.matches(other.labels) {
                    for rule in other.value["rules"]?.arrayValue ?? [] where !rules.contains(rule) {
                        rules.append(rule)
                    }
                }
            }
            if rules != role.value["rules"]?.arrayValue ?? [] { apply(rules: rules, to: role) }
        }
    }

    private mutating func apply(rules: [JSONValue], to role: StoredObject) {
        guard let resource = registry.any(ClusterState.clusterRoles) else { return }
        let configuration: JSONValue = [
            "apiVersion": .string(resource.type.apiVersion), "kind": .string(resource.type.kind),
            "metadata": ["name": .string(role.key.name)], "rules": .array(rules),
        ]
        var request = SandboxRequest(
            method: "PATCH",
            path: "",
            query: ["fieldManager": "clusterrole-aggregation-controller", "force": "true"],
            headers: ["content-type": "application/apply-patch+yaml"]
        )
        request.body = configuration.serialized()
        _ = try? write(request, resource, key: role.key, verb: "apply", subresource: nil)
    }
}
