internal import CRDModels
internal import KubernetesAPI

/// Who can change what keeps tenants apart.
extension AdmissionPolicies {
    /// NetworkPolicies add up: one more can open what Moorage's keep closed.
    static let networkPolicies = AdmissionPolicy(
        name: "networkPolicies",
        suffix: "networkpolicies",
        purpose: """
            NetworkPolicies in the namespaces of tenants come from Moorage only: policies add up, so one more can open what the \
            others keep closed. The same applies to the policies of network plug-ins.
            """,
        resources: [
            AdmissionResource(
                group: "networking.k8s.io",
                resources: ["networkpolicies"],
                operations: ["CREATE", "UPDATE", "DELETE"]
            ),
            AdmissionResource(
                group: "cilium.io",
                resources: ["ciliumnetworkpolicies"],
                operations: ["CREATE", "UPDATE", "DELETE"]
            ),
            AdmissionResource(
                group: "crd.projectcalico.org",
                resources: ["networkpolicies", "stagednetworkpolicies"],
                operations: ["CREATE", "UPDATE", "DELETE"]
            ),
            AdmissionResource(
                group: "projectcalico.org",
                resources: ["networkpolicies", "stagednetworkpolicies"],
                operations: ["CREATE", "UPDATE", "DELETE"]
            ),
        ],
        scope: .tenantNamespaces,
        rules: [
            AdmissionRule(
                "network-policy",
                """
                request.userInfo.username in variables.controllers || \
                request.operation == 'DELETE' && request.userInfo.username in \(list(deleters))
                """,
                message: """
                    only Moorage can write NetworkPolicies in the namespace of a tenant: use spec.network of the MCPTenant or of the \
                    MCPServer
                    """,
                accepts: { review in
                    review.isFromController || review.operation == "DELETE" && deleters.contains(review.user)
                }
            )
        ]
    )

    /// The labels that make a namespace a tenant's, and those of Pod Security, decide which rules apply in it.
    static let namespaces = AdmissionPolicy(
        name: "namespaces",
        suffix: "namespaces",
        purpose: """
            The labels that make a namespace a tenant's, and its Pod Security labels, decide which rules apply in it. Only Moorage and \
            those who administer tenants can change them.
            """,
        resources: [AdmissionResource(group: "", resources: ["namespaces"], operations: ["CREATE", "UPDATE"])],
        scope: .cluster,
        variables: [
            ("labels", "object.metadata.?labels.orValue({})"),
            ("oldLabels", "oldObject == null ? {} : oldObject.metadata.?labels.orValue({})"),
            (
                "guarded",
                """
                [variables.labels, variables.oldLabels].exists(m, '\(MoorageLabels.tenant)' in m && \
                m[?'\(MoorageLabels.managedBy)'].orValue('') == '\(MoorageLabels.managedByValue)')
                """
            ),
            (
                "changed",
                """
                (variables.labels.map(k, k) + variables.oldLabels.map(k, k))\
                .filter(k, k in \(list(guardedLabels)) || k.startsWith('\(MoorageLabels.podSecurityPrefix)'))\
                .filter(k, variables.labels[?k] != variables.oldLabels[?k])
                """
            ),
        ],
        rules: [
            AdmissionRule(
                "namespace-labels",
                """
                !variables.guarded || variables.changed.size() == 0 || \
                request.userInfo.username in variables.controllers || \(isAdministrator)
                """,
                message: """
                    only Moorage and administrators of tenants can change the labels that make a namespace a tenant's, and its Pod \
                    Security labels: use spec.namespace and spec.podSecurity of the MCPTenant
                    """,
                messageExpression: """
                    'only Moorage and administrators of tenants can change the label ' + string(variables.changed[0]) + ' of a \
                    namespace of a tenant: use spec.namespace and spec.podSecurity of the MCPTenant'
                    """,
                accepts: { review in
                    let (labels, old) = (review.object?.labels ?? [:], review.oldObject?.labels ?? [:])
                    let isTenants = [labels, old].contains { labels in ManagedLabels { labels[$0] }?.tenant != nil }
                    let changes = Set(labels.keys).union(old.keys).contains { key in
                        let isGuarded =
                            guardedLabels.contains(key) || key.hasPrefix(MoorageLabels.podSecurityPrefix)
                        return isGuarded && labels[key] != old[key]
                    }
                    return !isTenants || !changes || review.isFromController || review.isAdministrator
                }
            )
        ]
    )

    /// Tenants set the limits of everybody else.
    static let tenants = AdmissionPolicy(
        name: "tenants",
        suffix: "tenants",
        purpose: """
            MCPTenants are written by those who administer tenants: the verb administer for mcptenants, which the ClusterRole \
            of administrators has, and every role with all verbs. A role that can only create or update them is not enough.
            """,
        resources: [
            AdmissionResource(
                group: Moorage.group,
                resources: ["mcptenants"],
                operations: ["CREATE", "UPDATE", "DELETE"]
            )
        ],
        scope: .cluster,
        rules: [
            AdmissionRule(
                "tenant-administrator",
                """
                request.userInfo.username in variables.controllers || \(isAdministrator) || \
                request.operation == 'DELETE' && request.userInfo.username in \(list(deleters))
                """,
                message: """
                    only administrators of tenants can write an MCPTenant: the user needs the verb administer for mcptenants in the \
                    API group moorage.dev
                    """,
                accepts: { review in
                    review.isFromController || review.isAdministrator
                        || review.operation == "DELETE" && deleters.contains(review.user)
                }
            )
        ]
    )

    /// A policy cannot count objects; it reads the number that the controller has counted.
    static let quotas = AdmissionPolicy(
        name: "quotas",
        suffix: "server-quotas",
        purpose: """
            A new MCPServer of a tenant whose quota of servers is used up. A policy cannot count objects, so it reads what the \
            controller has counted; two servers that are created at the same moment can both pass. By default this only warns, \
            because such a server is kept, and starts when there is a place for it.
            """,
        resources: [AdmissionResource(group: Moorage.group, resources: ["mcpservers"], operations: ["CREATE"])],
        scope: .tenantNamespaces,
        readsTenant: true,
        rules: [
            AdmissionRule(
                "server-quota",
                """
                !params.?status.?servers.?limit.hasValue() || \
                params.?status.?servers.?admitted.orValue(0) < params.status.servers.limit
                """,
                message: "the tenant's quota of servers is used up",
                messageExpression: """
                    'the tenant ' + params.metadata.name + ' runs ' + string(params.?status.?servers.?admitted.orValue(0)) + ' of ' + \
                    string(params.?status.?servers.?limit.orValue(0)) + ' servers: this server waits until another one is deleted or \
                    the quota is raised'
                    """,
                accepts: { review in
                    let servers = review.tenant?[path: ["status", "servers"]]
                    guard let limit = servers?["limit"]?.integerValue else { return true }
                    return servers?["admitted"]?.integerValue ?? 0 < limit
                }
            )
        ]
    )
}

/// The labels of Moorage that say whose a namespace is.
private let guardedLabels = [MoorageLabels.tenant, MoorageLabels.managedBy]

extension JSONValue {
    /// The labels of an object.
    fileprivate var labels: [String: String] {
        self[path: ["metadata", "labels"]]?.objectValue?.compactMapValues(\.stringValue) ?? [:]
    }
}

extension AdmissionReview {
    /// Whether the request is one of Moorage's.
    var isFromController: Bool { platform.controllers.contains(user) }
}
