internal import KubernetesAPI

/// The kinds that Moorage renders.
enum ChildKinds {
    /// The kinds that are rendered for a server or a tenant and that every cluster serves.
    static let builtIn: [ResourceType] = [
        .serviceAccount, .secret, .persistentVolumeClaim, .service, .deployment, .networkPolicy, .podDisruptionBudget,
        .horizontalPodAutoscaler, .ingress, .resourceQuota, .limitRange, .role, .roleBinding,
        .clusterRole, .clusterRoleBinding,
    ]

    /// The kinds of API extensions. They are watched if the cluster serves them.
    static let optional: [ResourceType] = [.httpRoute, .serviceMonitor]

    /// Whether objects of this kind that are not Moorage's are watched as well, since servers can use them: Secrets by
    /// metadata alone, claims for how they can be mounted, ServiceAccounts for whether they exist.
    static func includesOthers(_ type: ResourceType) -> Bool {
        type == .secret || type == .persistentVolumeClaim || type == .serviceAccount
    }

    /// Whether conditions are made from the status of this kind.
    static func keepsStatus(_ type: ResourceType) -> Bool { type == .deployment || type == .namespace }

    /// Whether decisions read the content of this kind, so that it is kept after it was compared: tenants read their
    /// namespace, and servers read how claims can be mounted.
    static func isContentRead(_ type: ResourceType) -> Bool { type == .namespace || type == .persistentVolumeClaim }
}
