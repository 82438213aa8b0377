import KubernetesAPI

extension ClusterState {
    static let namespaces = ResourceKey(group: "", plural: "namespaces")

    /// A namespace must exist and must not be going away for anything to be created in it.
    func admitNamespace(_ namespace: String, _ resource: ResourceDefinition, name: String) throws(APIFailure) {
        let key = ObjectKey(resource: ClusterState.namespaces, namespace: "", name: namespace)
        guard let object = storage[key] else {
            throw APIFailure(
                404,
                "NotFound",
                "namespaces \"\(namespace)\" not found",
                details: .init(name: namespace, kind: "namespaces")
            )
        }
        guard !object.value.isBeingDeleted else {
            var failure = APIFailure.forbidden(
                resource,
                name,
                "unable to create new content in namespace \(namespace) because it is being terminated"
            )
            failure.status.details?.causes = [
                .init(
                    reason: "NamespaceTerminating",
                    message: "namespace \(namespace) is being terminated",
                    field: "metadata.namespace"
                )
            ]
            throw failure
        }
    }

    /// The admission that the API server does by default.
    mutating func admit(_ object: inout JSONValue, _ resource: ResourceDefinition, isNew: Bool, dryRun: Bool)
        throws(APIFailure)
    {
        switch resource.type.kind {
        case "Pod" where resource.type.group.isEmpty && isNew:
            if object[path: ["spec", "serviceAccountName"]] == nil {
                object[path: ["spec", "serviceAccountName"]] = "default"
                object[path: ["spec", "serviceAccount"]] = "default"
            }
            object["status"] = ["phase": "Pending", "qosClass": "BestEffort"]
            try admitPodSecurity(object["spec"] ?? [:], resource, name: object.objectName, object.objectNamespace)
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job":
            warnPodSecurity(object[path: ["spec", "template", "spec"]] ?? [:], object.objectNamespace)
        case "Service" where resource.type.group.isEmpty:
            if object[path: ["spec", "clusterIP"]] == nil, object[path: ["spec", "type"]] != "ExternalName" {
                let number = nextServiceAddress
                nextServiceAddress += 1
                object[path: ["spec", "clusterIP"]] = .string("10.96.\(number / 250).\(number % 250 + 1)")
            }
            if let address = object[path: ["spec", "clusterIP"]] {
                if object[path: ["spec", "clusterIPs"]] == nil {
                    object[path: ["spec", "clusterIPs"]] = .array([address])
                }
                if object[path: ["spec", "ipFamilies"]] == nil { object[path: ["spec", "ipFamilies"]] = ["IPv4"] }
                if object[path: ["spec", "ipFamilyPolicy"]] == nil {
                    object[path: ["spec", "ipFamilyPolicy"]] = "SingleStack"
                }
            }
            if isNew { object["status"] = ["loadBalancer": [:]] }
        case "PersistentVolumeClaim" where isNew: object["status"] = ["phase": "Pending"]
        case "Namespace" where isNew: object["status"] = ["phase": "Active"]
        default: break
        }
        if isNew, resource.type.isNamespaced { try admitQuota(object, resource) }
    }

    /// Object counts of ResourceQuotas.
    private func admitQuota(_ object: JSONValue, _ resource: ResourceDefinition) throws(APIFailure) {
        let namespace = object.objectNamespace
        for quota in storage.objects(ResourceKey(group: "", plural: "resourcequotas"), namespace: namespace) {
            for (name, hard) in quota.value[path: ["spec", "hard"]]?.stringMap ?? [:] {
                let counted = name == resource.plural || name == "count/\(resource.qualifiedPlural)"
                guard counted, let limit = Int(hard) else { continue }
                let used = storage.count(resource.key, namespace: namespace)
                if used + 1 > limit {
                    throw .forbidden(
                        resource,
                        object.objectName,
                        "exceeded quota: \(quota.key.name), requested: \(name)=1, used: \(name)=\(used), limited: \(name)=\(limit)"
                    )
                }
            }
        }
    }

    private func podSecurityLevel(_ namespace: String, _ mode: String) -> PodSecurity.Level {
        let key = ObjectKey(resource: ClusterState.namespaces, namespace: "", name: namespace)
        let text = storage[key]?.labels["pod-security.kubernetes.io/\(mode)"] ?? "privileged"
        return PodSecurity.Level(rawValue: text) ?? .privileged
    }

    private mutating func admitPodSecurity(
        _ spec: JSONValue,
        _ resource: ResourceDefinition,
        name: String,
        _ namespace: String
    ) throws(APIFailure) {
        let level = podSecurityLevel(namespace, "enforce")
        let violations = PodSecurity.violations(spec, level: level)
        if !violations.isEmpty {
            throw .forbidden(
                resource,
                name,
                "violates PodSecurity \"\(level.rawValue):latest\": \(violations.joined(separator: ", "))"
            )
        }
        warnPodSecurity(spec, namespace)
    }

    private mutating func warnPodSecurity(_ spec: JSONValue, _ namespace: String) {
        let level = podSecurityLevel(namespace, "warn")
        let violations = PodSecurity.violations(spec, level: level)
        if !violations.isEmpty {
            warnings.append(
                "would violate PodSecurity \"\(level.rawValue):latest\": \(violations.joined(separator: ", "))"
            )
        }
    }
}
