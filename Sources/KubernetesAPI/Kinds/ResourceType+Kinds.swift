extension ResourceType {
    /// `Namespace`.
    public static let namespace = core("Namespace", "namespaces", isNamespaced: false)
    /// `Secret`.
    public static let secret = core("Secret", "secrets")
    /// `ConfigMap`.
    public static let configMap = core("ConfigMap", "configmaps")
    /// `Service`.
    public static let service = core("Service", "services")
    /// `ServiceAccount`.
    public static let serviceAccount = core("ServiceAccount", "serviceaccounts")
    /// `Pod`.
    public static let pod = core("Pod", "pods")
    /// `PersistentVolumeClaim`.
    public static let persistentVolumeClaim = core("PersistentVolumeClaim", "persistentvolumeclaims")
    /// `ResourceQuota`.
    public static let resourceQuota = core("ResourceQuota", "resourcequotas")
    /// `LimitRange`.
    public static let limitRange = core("LimitRange", "limitranges")
    /// `Deployment.apps`.
    public static let deployment = grouped("apps", "v1", "Deployment", "deployments")
    /// `ReplicaSet.apps`.
    public static let replicaSet = grouped("apps", "v1", "ReplicaSet", "replicasets")
    /// `ControllerRevision.apps`.
    public static let controllerRevision = grouped("apps", "v1", "ControllerRevision", "controllerrevisions")
    /// `NetworkPolicy.networking.k8s.io`.
    public static let networkPolicy = grouped("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
    /// `Ingress.networking.k8s.io`.
    public static let ingress = grouped("networking.k8s.io", "v1", "Ingress", "ingresses")
    /// `HTTPRoute.gateway.networking.k8s.io`.
    public static let httpRoute = grouped("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes")
    /// `EndpointSlice.discovery.k8s.io`.
    public static let endpointSlice = grouped("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
    /// `ServiceMonitor.monitoring.coreos.com`.
    public static let serviceMonitor = grouped("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors")
    /// `PodDisruptionBudget.policy`.
    public static let podDisruptionBudget = grouped("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
    /// `HorizontalPodAutoscaler.autoscaling`.
    public static let horizontalPodAutoscaler = grouped(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers"
    )
    /// `Role.rbac.authorization.k8s.io`.
    public static let role = grouped("rbac.authorization.k8s.io", "v1", "Role", "roles")
    /// `RoleBinding.rbac.authorization.k8s.io`.
    public static let roleBinding = grouped("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")

    /// `ClusterRole.rbac.authorization.k8s.io`.
    public static let clusterRole = grouped(
        "rbac.authorization.k8s.io",
        "v1",
        "ClusterRole",
        "clusterroles",
        isNamespaced: false
    )
    /// `ClusterRoleBinding.rbac.authorization.k8s.io`.
    public static let clusterRoleBinding = grouped(
        "rbac.authorization.k8s.io",
        "v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        isNamespaced: false
    )

    private static func core(_ kind: String, _ plural: String, isNamespaced: Bool = true) -> ResourceType {
        ResourceType(group: "", version: "v1", kind: kind, plural: plural, isNamespaced: isNamespaced)
    }

    private static func grouped(
        _ group: String,
        _ version: String,
        _ kind: String,
        _ plural: String,
        isNamespaced: Bool = true
    ) -> ResourceType {
        ResourceType(group: group, version: version, kind: kind, plural: plural, isNamespaced: isNamespaced)
    }
}
