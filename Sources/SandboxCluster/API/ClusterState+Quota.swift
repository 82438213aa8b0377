import KubernetesAPI

/// ResourceQuotas: rejection at creation, and the status with the usage.
extension ClusterState {
    static let quotas = ResourceKey(group: "", plural: "resourcequotas")

    /// The hard limits of a quota, by resource.
    private func bounds(_ quota: StoredObject) -> PodResources.Amounts {
        PodResources.amounts(quota.value[path: ["spec", "hard"]])
    }

    /// The usage of a quota by the objects of its namespace.
    private func used(_ quota: StoredObject, names: [String]) -> PodResources.Amounts {
        var total = Dictionary(uniqueKeysWithValues: names.map { ($0, QuantitySum.zero) })
        for key in registry.namespaced {
            guard let resource = registry.any(key), concerns(resource, names) else { continue }
            for object in storage.objects(key, namespace: quota.key.namespace)
            where QuotaUsage.isMeant(object.value, plural: resource.plural, by: quota.value) {
                total.merge(QuotaUsage.of(object.value, resource: resource, names: names)) { $0 + $1 }
            }
        }
        return total
    }

    private func concerns(_ resource: ResourceDefinition, _ names: [String]) -> Bool {
        names.contains { name in
            if name == resource.plural || name == "count/\(resource.qualifiedPlural)" { return true }
            switch resource.qualifiedPlural {
            case "pods": return !name.hasPrefix("count/") && !name.hasPrefix("services")
            case "services": return name.hasPrefix("services.")
            case "persistentvolumeclaims": return name == "requests.storage" || name.contains(".storageclass.")
            default: return false
            }
        }
    }

    /// Rejects an object that would exceed a quota.
    func admitQuota(_ object: JSONValue, _ resource: ResourceDefinition) throws(APIFailure) {
        for quota in ClusterState.sorted(storage.objects(ClusterState.quotas, namespace: object.objectNamespace)) {
            let hard = bounds(quota)
            let names = Array(hard.keys)
            guard concerns(resource, names), QuotaUsage.isMeant(object, plural: resource.plural, by: quota.value) else {
                continue
            }
            if resource.plural == "pods", resource.type.group.isEmpty,
                let unsaid = QuotaUsage.unsaid(object, names: names)
            {
                throw .forbidden(resource, object.objectName, "failed quota: \(quota.key.name): \(unsaid)")
            }
            let wanted = QuotaUsage.of(object, resource: resource, names: names).filter { $0.value.nanos > 0 }
            if wanted.isEmpty { continue }
            let used = used(quota, names: Array(wanted.keys))
            let exceeded = wanted.filter { (used[$0.key] ?? .zero) + $0.value > hard[$0.key] ?? .zero }
            if exceeded.isEmpty { continue }
            throw .forbidden(
                resource,
                object.objectName,
                "exceeded quota: \(quota.key.name), requested: \(QuotaUsage.text(exceeded)), used: "
                    + "\(QuotaUsage.text(used.filter { exceeded[$0.key] != nil })), limited: "
                    + QuotaUsage.text(hard.filter { exceeded[$0.key] != nil })
            )
        }
    }

    /// Updates the status of a namespace's quotas.
    mutating func refreshQuotas(_ namespace: String) {
        guard configuration.simulatesControllers, !namespace.isEmpty else { return }
        for quota in storage.objects(ClusterState.quotas, namespace: namespace) {
            let hard = bounds(quota)
            let used = used(quota, names: Array(hard.keys))
            storeStatus(
                [
                    "hard": .object(hard.mapValues { .string($0.description) }),
                    "used": .object(used.mapValues { .string($0.description) }),
                ],
                of: quota
            )
        }
    }
}
