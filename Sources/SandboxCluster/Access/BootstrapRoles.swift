import KubernetesAPI

/// The ClusterRoles and ClusterRoleBindings that every cluster has for its users. Those of the control plane's
/// components are omitted, because the sandbox has no such components.
enum BootstrapRoles {
    private static let read = ["get", "list", "watch"]
    private static let write = ["create", "delete", "deletecollection", "patch", "update"]
    private static let readWrite = read + write

    /// Read access to most objects in a namespace, except Secrets, roles and bindings.
    private static let view = [
        rule(
            read,
            "",
            "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
                + "replicationcontrollers/scale serviceaccounts services services/status"
        ),
        rule(
            read,
            "",
            "bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas "
                + "resourcequotas/status"
        ),
        rule(read, "", "namespaces"),
        PolicyRule(verbs: read, apiGroups: ["", "events.k8s.io"], resources: ["events"]),
        rule(read, "discovery.k8s.io", "endpointslices"),
        rule(
            read,
            "apps",
            "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets "
                + "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status"
        ),
        rule(read, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
        rule(read, "batch", "cronjobs cronjobs/status jobs jobs/status"),
        rule(
            read,
            "extensions",
            "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status "
                + "networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale"
        ),
        rule(read, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
        rule(read, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
        rule(read, "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"),
    ]

    /// Write access to most objects in a namespace, including Secrets and everything that runs as one of its
    /// ServiceAccounts.
    private static let edit = [
        rule(read, "", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
        rule(["impersonate"], "", "serviceaccounts"),
        rule(write, "", "pods pods/attach pods/exec pods/portforward pods/proxy"),
        rule(["create"], "", "pods/eviction"),
        rule(
            write,
            "",
            "configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts "
                + "services services/proxy"
        ),
        rule(["create"], "", "serviceaccounts/token"),
        PolicyRule(verbs: write, apiGroups: ["", "events.k8s.io"], resources: ["events"]),
        rule(
            write,
            "apps",
            "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
                + "statefulsets/scale"
        ),
        rule(write, "autoscaling", "horizontalpodautoscalers"),
        rule(write, "batch", "cronjobs jobs"),
        rule(
            write,
            "extensions",
            "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets "
                + "replicasets/scale replicationcontrollers/scale"
        ),
        rule(write, "policy", "poddisruptionbudgets"),
        rule(write, "networking.k8s.io", "ingresses networkpolicies"),
        rule(readWrite, "coordination.k8s.io", "leases"),
        rule(write, "resource.k8s.io", "resourceclaims resourceclaimtemplates"),
    ]

    private static let admin = [
        rule(["create"], "authorization.k8s.io", "localsubjectaccessreviews"),
        rule(readWrite, "rbac.authorization.k8s.io", "rolebindings roles"),
    ]

    private static let health = ["/healthz", "/livez", "/readyz"]
    private static let version = ["/version", "/version/"]

    static let clusterRoles: [JSONValue] = [
        role("cluster-admin", PolicyRule.everything),
        role("admin", aggregates: "admin"),
        role("edit", aggregates: "edit", joins: "admin"),
        role("view", aggregates: "view", joins: "edit"),
        role("system:aggregate-to-admin", admin, joins: "admin"),
        role("system:aggregate-to-edit", edit, joins: "edit"),
        role("system:aggregate-to-view", view, joins: "view"),
        role(
            "system:discovery",
            [paths(["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"] + health + version)]
        ),
        role("system:public-info-viewer", [paths(health + version)]),
        role(
            "system:monitoring",
            [
                paths(["/metrics", "/metrics/slis"] + health + health.map { "\($0)/*" }),
                rule(["get"], "", "nodes/metrics"),
            ]
        ),
        role(
            "system:basic-user",
            [
                rule(["create"], "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
                rule(["create"], "authentication.k8s.io", "selfsubjectreviews"),
            ]
        ),
        role(
            "system:auth-delegator",
            [
                rule(["create"], "authentication.k8s.io", "tokenreviews"),
                rule(["create"], "authorization.k8s.io", "subjectaccessreviews"),
            ]
        ),
        role(
            "system:service-account-issuer-discovery",
            [
                paths([
                    "/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks",
                    "/openid/v1/jwks/",
                ])
            ]
        ),
    ]

    static let clusterRoleBindings: [JSONValue] = [
        binding("cluster-admin", [UserInfo.masters]),
        binding("system:monitoring", ["system:monitoring"]),
        binding("system:discovery", [UserInfo.authenticated]),
        binding("system:basic-user", [UserInfo.authenticated]),
        binding("system:public-info-viewer", [UserInfo.authenticated, UserInfo.unauthenticated]),
        binding("system:service-account-issuer-discovery", [UserInfo.serviceAccounts]),
    ]

    private static func rule(_ verbs: [String], _ group: String, _ resources: String) -> PolicyRule {
        PolicyRule(verbs: verbs, apiGroups: [group], resources: resources.split(separator: " ").map(String.init))
    }

    private static func paths(_ paths: [String]) -> PolicyRule { PolicyRule(verbs: ["get"], nonResourceURLs: paths) }

    /// - Parameters:
    ///   - aggregates: the aggregated role whose label this one selects.
    ///   - joins: the aggregated role that this one is part of.
    private static func role(
        _ name: String,
        _ rules: [PolicyRule] = [],
        aggregates: String? = nil,
        joins: String? = nil
    ) -> JSONValue {
        func label(_ name: String) -> String { "rbac.authorization.k8s.io/aggregate-to-\(name)" }
        var result: JSONValue = ["metadata": metadata(name)]
        if let joins { result[path: ["metadata", "labels", label(joins)]] = "true" }
        if let aggregates {
            result["aggregationRule"] = ["clusterRoleSelectors": [["matchLabels": [label(aggregates): "true"]]]]
        }
        if !rules.isEmpty { result["rules"] = .array(rules.map(\.json)) }
        return result
    }

    private static func binding(_ name: String, _ groups: [String]) -> JSONValue {
        [
            "metadata": metadata(name),
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name)],
            "subjects": .array(
                groups.map { ["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": .string($0)] }
            ),
        ]
    }

    private static func metadata(_ name: String) -> JSONValue {
        [
            "name": .string(name), "labels": ["kubernetes.io/bootstrapping": "rbac-defaults"],
            "annotations": ["rbac.authorization.kubernetes.io/autoupdate": "true"],
        ]
    }
}
