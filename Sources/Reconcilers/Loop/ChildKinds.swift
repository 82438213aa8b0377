internal import KubernetesAPI

/// The kinds that Moorage renders and keeps as rendered.
enum ChildKinds {
    /// What is rendered for a server or a tenant. Kinds of which the cluster may not know are not among them.
    static let builtIn: [ResourceType] = [
        .serviceAccount, .secret, .persistentVolumeClaim, .service, .deployment, .networkPolicy, .podDisruptionBudget,
        .horizontalPodAutoscaler, .ingress, .resourceQuota, .limitRange, .roleBinding,
        .clusterRole, .clusterRoleBinding,
    ]

    /// The kinds that come with an extension of the API, watched where the cluster serves them.
    static let optional: [ResourceType] = [.httpRoute, .serviceMonitor]

    /// Whether conditions are made from the status of this kind.
    static func keepsStatus(_ type: ResourceType) -> Bool { type == .deployment || type == .namespace }
}
