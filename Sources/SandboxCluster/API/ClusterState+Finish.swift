import KubernetesAPI

/// The last steps of every update, patch and apply: fields that cannot change are restored, the rest is checked and stored.
extension ClusterState {
    /// The last steps of every change of an existing object.
    ///
    /// - Parameter isAdmitted: whether admission policies have already decided, by an object of another kind.
    mutating func finish(
        _ input: JSONValue,
        stored: StoredObject?,
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        subresource: String?,
        managed: inout ManagedFields,
        identity: ManagedFields.Identity?,
        isAdmitted: Bool = false
    ) throws(APIFailure) -> JSONValue {
        guard let stored else { throw .notFound(resource, key.name) }
        var live = convert(stored.value, to: resource)
        let before = live
        live[path: ["metadata", "managedFields"]] = nil
        var object = input
        object["apiVersion"] = .string(resource.type.apiVersion)
        object["kind"] = .string(resource.type.kind)
        if subresource == "status" {
            var base = live
            base["status"] = object["status"]
            if !resource.isCustom {
                for name in ["labels", "annotations"] {
                    base[path: ["metadata", name]] = object.metadata[name]
                }
            }
            object = base
        } else if resource.hasStatus {
            object["status"] = live["status"]
        }
        var metadata = object.metadata
        for name in [
            "name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp",
            "deletionGracePeriodSeconds", "generateName",
        ] {
            metadata[name] = live.metadata[name]
        }
        metadata["managedFields"] = nil
        for name in ["labels", "annotations", "finalizers", "ownerReferences"]
        where metadata[name]?.objectValue?.isEmpty == true || metadata[name]?.arrayValue?.isEmpty == true {
            metadata[name] = nil
        }
        object["metadata"] = metadata
        try decode(&object, request, resource, reportsUnknown: identity != nil)
        carryOver(&object, from: live, kind: resource.type.kind)
        try admitGrants(object, old: live, resource, name: key.name)
        try mutate(&object, resource, isNew: false)
        var attempt: AdmissionAttempt?
        if !isAdmitted {
            var update = AdmissionAttempt(
                .update,
                resource,
                subresource: subresource,
                object: object,
                old: live,
                key: key,
                user: requester,
                request: request
            )
            object = try mutateByPolicies(update) ?? object
            update.object = object
            attempt = update
        }
        try check(object, old: live, resource, subresource: subresource)
        if subresource == nil {
            try admit(object, old: live, resource, policies: attempt)
        } else if let attempt {
            try admitByPolicies(attempt)
        }
        if subresource == nil, hasGeneration(resource), desired(object, resource) != desired(live, resource) {
            object[path: ["metadata", "generation"]] = .integer((live.metadata["generation"]?.integerValue ?? 0) + 1)
        }
        if let identity {
            managed.update(
                from: live,
                to: object,
                as: resource.shape,
                by: identity,
                resets: resets(resource, subresource: subresource)
            )
        }
        EventShapes.complete(&object, resource)
        if object == live, managed == ManagedFields(before.metadata["managedFields"]) { return before }
        object[path: ["metadata", "managedFields"]] = managed.json
        if request.isDryRun { return object }
        if object.isBeingDeleted, object.finalizers.isEmpty, live.isBeingDeleted, !isKeptWhileDeleting(object, resource)
        {
            erase(key)
            return object
        }
        let result = store(EventShapes.stored(object, resource), at: key)?.value ?? object
        if resource.type.kind == "CustomResourceDefinition", subresource == nil { return establish(result, key: key) }
        return convert(result, to: resource)
    }

    /// Namespaces remain until their own finalizer is removed, pods until the kubelet has stopped them.
    func isKeptWhileDeleting(_ object: JSONValue, _ resource: ResourceDefinition) -> Bool {
        switch resource.type.kind {
        case "Namespace": object[path: ["spec", "finalizers"]]?.arrayValue?.isEmpty == false
        case "Pod":
            (object.metadata["deletionGracePeriodSeconds"]?.integerValue ?? 0) > 0
                && object[path: ["spec", "nodeName"]] != nil
        default: false
        }
    }

    func hasGeneration(_ resource: ResourceDefinition) -> Bool {
        if resource.isCustom { return true }
        return [
            "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Ingress", "NetworkPolicy", "PodDisruptionBudget",
            "CustomResourceDefinition", "Job", "CronJob", "Pod", "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
            "EndpointSlice", "IngressClass", "PriorityClass",
        ].contains(resource.type.kind)
    }

    private func desired(_ object: JSONValue, _ resource: ResourceDefinition) -> JSONValue {
        var object = object
        object["metadata"] = nil
        if resource.hasStatus || !resource.isCustom { object["status"] = nil }
        return object
    }

    /// Fields that the server assigned keep their values if an update omits them.
    private func carryOver(_ object: inout JSONValue, from live: JSONValue, kind: String) {
        switch kind {
        case "Service":
            for name in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]
            where object[path: ["spec", name]] == nil {
                object[path: ["spec", name]] = live[path: ["spec", name]]
            }
        case "PersistentVolumeClaim":
            if object[path: ["spec", "volumeName"]] == nil {
                object[path: ["spec", "volumeName"]] = live[path: ["spec", "volumeName"]]
            }
        case "Pod":
            if object[path: ["spec", "nodeName"]] == nil {
                object[path: ["spec", "nodeName"]] = live[path: ["spec", "nodeName"]]
            }
        case "Namespace":
            object[path: ["spec", "finalizers"]] = live[path: ["spec", "finalizers"]]
        default: break
        }
    }
}
