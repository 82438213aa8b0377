internal import CRDModels
internal import KubernetesAPI

/// Whether a namespace is as its tenant has it, so that pods may start there. Pure.
enum TenantReadiness {
    /// Whether the tenant that claims a namespace, if any does, has written the namespace's labels and its default-deny
    /// policy. A namespace that no tenant claims waits for nobody.
    ///
    /// Read from the tenant's status, which holds across restarts. A tenant that was Programmed once and then changes does
    /// not hold up its servers: what was in place is changed, not taken away.
    static func isProgrammed(_ tenant: MCPTenant?, namespace: String) -> Bool {
        guard let tenant else { return true }
        return tenant.status?.namespace == namespace
            && tenant.status?.conditions?[type: ConditionType.programmed]?.status == .true
    }
}
