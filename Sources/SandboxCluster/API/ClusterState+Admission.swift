import KubernetesAPI

extension ClusterState {
    static let namespaces = ResourceKey(group: "", plural: "namespaces")

    /// A namespace must exist, and must not be terminating, for an object to be created in it.
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

    /// Mutating admission, before validation.
    mutating func mutate(_ object: inout JSONValue, _ resource: ResourceDefinition, isNew: Bool) throws(APIFailure) {
        switch resource.qualifiedPlural {
        case "pods" where isNew: try mutatePod(&object, resource)
        case "services": allotAddress(&object, isNew: isNew)
        case "persistentvolumeclaims" where isNew: object["status"] = ["phase": "Pending"]
        case "namespaces" where isNew: object["status"] = ["phase": "Active"]
        default: break
        }
    }

    /// Validating admission, after validation.
    ///
    /// - Parameter policies: what comes before quotas, which count only what nothing else rejects.
    mutating func admit(
        _ object: JSONValue,
        old: JSONValue?,
        _ resource: ResourceDefinition,
        policies attempt: AdmissionAttempt? = nil
    ) throws(APIFailure) {
        let namespace = object.objectNamespace
        switch resource.qualifiedPlural {
        case "pods" where old == nil:
            warnings.append(contentsOf: PodAppArmor.warnings(object))
            try admitLimits(object, resource)
            try admitPodSecurity(object, resource)
        case "persistentvolumeclaims": try admitLimits(object, resource)
        case "deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch":
            warnPodSecurity(object[path: ["spec", "template"]] ?? [:], namespace)
        case "customresourcedefinitions.apiextensions.k8s.io": warnOfDefinition(object)
        case "validatingwebhookconfigurations.admissionregistration.k8s.io",
            "mutatingwebhookconfigurations.admissionregistration.k8s.io":
            warnings.append("the sandbox does not call webhooks: \(object.objectName) is stored, but has no effect")
        case "namespaces":
            let errors = PodSecurity.labelErrors(object.metadata["labels"]?.stringMap ?? [:])
            if !errors.isEmpty { throw .invalid(resource, object.objectName, errors) }
            if let old { warnOfPods(in: object, old: old) }
        default: break
        }
        if let attempt { try admitByPolicies(attempt) }
        if old == nil, resource.type.isNamespaced { try admitQuota(object, resource) }
    }

    private func admitLimits(_ object: JSONValue, _ resource: ResourceDefinition) throws(APIFailure) {
        let ranges = limitRanges(object.objectNamespace)
        if let refusal = LimitRanges.refusal(object, kind: resource.type.kind, ranges: ranges) {
            throw .forbidden(resource, object.objectName, refusal)
        }
    }

    private mutating func allotAddress(_ object: inout JSONValue, isNew: Bool) {
        if object[path: ["spec", "clusterIP"]] == nil, object[path: ["spec", "type"]] != "ExternalName" {
            let number = nextServiceAddress
            nextServiceAddress += 1
            object[path: ["spec", "clusterIP"]] = .string("10.96.\(number / 250).\(number % 250 + 1)")
        }
        if let address = object[path: ["spec", "clusterIP"]] {
            if object[path: ["spec", "clusterIPs"]] == nil {
                object[path: ["spec", "clusterIPs"]] = .array([address])
            }
            // A headless Service without a selector can have any IP family.
            let isFree = address == "None" && (object[path: ["spec", "selector"]]?.objectValue ?? [:]).isEmpty
            if object[path: ["spec", "ipFamilies"]] == nil {
                object[path: ["spec", "ipFamilies"]] = isFree ? ["IPv4", "IPv6"] : ["IPv4"]
            }
            if object[path: ["spec", "ipFamilyPolicy"]] == nil {
                object[path: ["spec", "ipFamilyPolicy"]] = isFree ? "RequireDualStack" : "SingleStack"
            }
        }
        if ["NodePort", "LoadBalancer"].contains(object[path: ["spec", "type"]]?.stringValue),
            var spec = object["spec"]
        {
            Defaults.each(&spec, "ports") { port in
                if port["nodePort"] != nil { return }
                port["nodePort"] = .integer(Int64(30_000 + nextNodePort % 2_768))
                nextNodePort += 1
            }
            object["spec"] = spec
        }
        if isNew { object["status"] = ["loadBalancer": [:]] }
    }
}
