internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// Renders the objects of a tenant, the namespace first. Pure: the same plan gives the same bytes.
public func render(_ plan: TenantPlan) -> [RenderedObject] {
    TenantRenderer(plan: plan).render()
}

/// The objects of a tenant.
struct TenantRenderer {
    let plan: TenantPlan

    private var spec: MCPTenantSpec { plan.tenant.spec }
    private var name: String { plan.tenant.metadata.name ?? "" }

    func render() -> [RenderedObject] {
        let optional: [RenderedObject?] = [namespace(), resourceQuota(), limitRange(), defaultDeny()]
        return optional.compactMap { $0 } + roleBindings() + reading()
    }

    /// Whether the namespace stays as strict as it is when the tenant is deleted. If so, the objects that make it
    /// strict have no owner. The members' bindings are always deleted with the tenant.
    private var isRetained: Bool { spec.namespace?.deletionPolicy != .delete }

    /// The objects that can belong to the tenant without an owner reference, rendered now or not.
    static func retainable(in namespace: String) -> Set<ObjectReference> {
        [
            ObjectReference(type: .resourceQuota, namespace: namespace, name: ObjectNames.tenantDefaults),
            ObjectReference(type: .limitRange, namespace: namespace, name: ObjectNames.tenantDefaults),
            ObjectReference(type: .networkPolicy, namespace: namespace, name: ObjectNames.defaultDeny),
        ]
    }

    private var owner: OwnerReference? {
        plan.tenant.metadata.uid.map { uid in
            OwnerReference(
                apiVersion: Moorage.apiVersion,
                kind: MCPTenant.resourceType.kind,
                name: name,
                uid: uid,
                controller: true,
                blockOwnerDeletion: true
            )
        }
    }

    private func metadata(_ name: String) -> ObjectMeta {
        ObjectMeta(
            name: name,
            namespace: plan.effective.namespace,
            labels: ObjectLabels.tenant(self.name),
            ownerReferences: owner.map { [$0] }
        )
    }

    private func clusterMetadata(_ name: String) -> ObjectMeta {
        var metadata = metadata(name)
        metadata.namespace = nil
        return metadata
    }

    /// The namespace has an owner reference to its tenant only if the deletion policy is `Delete`. Its labels identify
    /// the tenant in both cases.
    private func namespace() -> RenderedObject {
        var labels = (spec.namespace?.labels ?? [:]).merging(ObjectLabels.tenant(name)) { _, own in own }
        labels.merge(podSecurityLabels()) { _, own in own }
        let metadata = ObjectMeta(
            name: plan.effective.namespace,
            labels: labels,
            annotations: spec.namespace?.annotations,
            ownerReferences: isRetained ? nil : owner.map { [$0] }
        )
        return RenderedObject(.namespace, metadata, [:])
    }

    private func podSecurityLabels() -> [String: String] {
        let levels = plan.effective.podSecurity
        guard levels.enabled ?? true else { return [:] }
        let prefix = MoorageLabels.podSecurityPrefix
        var labels: [String: String] = [:]
        labels["\(prefix)enforce"] = levels.enforce?.rawValue
        labels["\(prefix)enforce-version"] = levels.enforceVersion
        labels["\(prefix)audit"] = levels.audit?.rawValue
        labels["\(prefix)audit-version"] = levels.auditVersion
        labels["\(prefix)warn"] = levels.warn?.rawValue
        labels["\(prefix)warn-version"] = levels.warnVersion
        return labels
    }

    private func resourceQuota() -> RenderedObject? {
        spec.quotas?.resourceQuota.map { quota in
            var quota = quota
            quota.hard = canonical(quota.hard)
            return RenderedObject(
                .resourceQuota,
                metadata(ObjectNames.tenantDefaults),
                ["spec": .encoding(quota)],
                isRetained: isRetained
            )
        }
    }

    private func limitRange() -> RenderedObject? {
        spec.quotas?.limitRange.map { range in
            var range = range
            for index in range.limits.indices {
                range.limits[index].max = canonical(range.limits[index].max)
                range.limits[index].min = canonical(range.limits[index].min)
                range.limits[index].default = canonical(range.limits[index].default)
                range.limits[index].defaultRequest = canonical(range.limits[index].defaultRequest)
                range.limits[index].maxLimitRequestRatio = canonical(range.limits[index].maxLimitRequestRatio)
            }
            return RenderedObject(
                .limitRange,
                metadata(ObjectNames.tenantDefaults),
                ["spec": .encoding(range)],
                isRetained: isRetained
            )
        }
    }

    /// Quantities in the form in which the API server returns them.
    private func canonical(_ amounts: [String: Quantity]?) -> [String: Quantity]? {
        amounts?.mapValues { Quantity($0.canonicalText) ?? $0 }
    }

    /// Denies all traffic of all pods of the namespace, or of all servers, except what other policies allow.
    private func defaultDeny() -> RenderedObject? {
        guard plan.effective.network.enabled else { return nil }
        let selector =
            switch plan.effective.network.defaultDeny {
            case .allPods: LabelSelector()
            case .serversOnly:
                LabelSelector(matchExpressions: [
                    LabelSelector.Requirement(key: MoorageLabels.server, operator: "Exists")
                ])
            }
        let policy = NetworkPolicySpec(podSelector: selector, policyTypes: ["Ingress", "Egress"])
        return RenderedObject(
            .networkPolicy,
            metadata(ObjectNames.defaultDeny),
            ["spec": JSONValue(policy)],
            isRetained: isRetained
        )
    }

    // MARK: Members

    private func roleBindings() -> [RenderedObject] {
        plan.members.map { binding in
            RenderedObject(
                .roleBinding,
                metadata(binding.name),
                ["roleRef": roleReference(binding.clusterRole), "subjects": subjects(binding.members)]
            )
        }
    }

    /// Members can read their own tenant and all classes. Both are cluster-scoped, so this needs a ClusterRole, which
    /// names only this tenant.
    private func reading() -> [RenderedObject] {
        guard !plan.members.isEmpty else { return [] }
        let name = ObjectNames.reader(ofTenant: name)
        let verbs: JSONValue = ["get", "list", "watch"]
        let rules: JSONValue = [
            [
                "apiGroups": [.string(Moorage.group)], "resources": [.string(MCPTenant.resourceType.plural)],
                "resourceNames": [.string(self.name)], "verbs": verbs,
            ],
            [
                "apiGroups": [.string(Moorage.group)], "resources": [.string(MCPServerClass.resourceType.plural)],
                "verbs": verbs,
            ],
        ]
        return [
            RenderedObject(.clusterRole, clusterMetadata(name), ["rules": rules]),
            RenderedObject(
                .clusterRoleBinding,
                clusterMetadata(name),
                ["roleRef": roleReference(name), "subjects": subjects(plan.members.flatMap(\.members))]
            ),
        ]
    }

    private func roleReference(_ clusterRole: String) -> JSONValue {
        [
            "apiGroup": .string(ResourceType.roleBinding.group), "kind": "ClusterRole", "name": .string(clusterRole),
        ]
    }

    /// The subjects of a binding, without duplicates, in a fixed order.
    private func subjects(_ members: [TenantMember]) -> JSONValue {
        .array(
            Set(members.map(subject)).sorted { left, right in
                left.serialized().lexicographicallyPrecedes(right.serialized())
            }
        )
    }

    private func subject(_ member: TenantMember) -> JSONValue {
        let kind = member.kind ?? .user
        guard kind == .serviceAccount else {
            return [
                "kind": .string(kind.rawValue), "apiGroup": .string(ResourceType.roleBinding.group),
                "name": .string(member.name),
            ]
        }
        return [
            "kind": .string(kind.rawValue), "name": .string(member.name),
            "namespace": .string(member.namespace ?? plan.effective.namespace),
        ]
    }
}
