package import CRDModels
internal import KubernetesAPI

/// Whether a namespace is ready for pods according to its tenant. Pure.
package enum TenantReadiness {
    /// Whether the tenant that claims a namespace has written the namespace's labels and its default-deny policy.
    /// Servers in a namespace without a tenant do not wait.
    ///
    /// This is read from the tenant's status, so the answer is the same after a restart. A change of a tenant that has
    /// been Programmed does not delay its servers: the existing objects are changed, not removed.
    package static func isProgrammed(_ tenant: MCPTenant?, namespace: String) -> Bool {
        guard let tenant else { return true }
        return tenant.status?.namespace == namespace
            && tenant.status?.conditions?[type: ConditionType.programmed]?.status == .true
    }
}
