/// The admission policies of the chart that guard the namespaces of tenants. Those that record who has deployed and who has
/// approved a revision are in `charts/moorage/templates/admission.yaml`.
package enum AdmissionPolicies {
    /// All of them, in the order of the chart's values.
    package static let all: [AdmissionPolicy] = [
        images, pods, networkPolicies, namespaces, tenants, servers, quotas,
    ]

    /// The API server's own users that delete the contents of namespaces, and objects whose owners are gone.
    static let deleters = [
        "system:serviceaccount:kube-system:generic-garbage-collector",
        "system:serviceaccount:kube-system:namespace-controller",
    ]

    /// CEL for whether the user has the verb `administer` for MCPTenants. No API request has this verb; a role grants it, as
    /// `escalate` and `bind` are granted.
    static let isAdministrator =
        "authorizer.group('moorage.dev').resource('mcptenants').check('administer').allowed()"

    /// A list of strings in CEL.
    static func list(_ values: [String]) -> String {
        "[\(values.map { "'\($0)'" }.joined(separator: ", "))]"
    }
}
