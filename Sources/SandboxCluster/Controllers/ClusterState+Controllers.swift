import KubernetesAPI

/// An object to reconcile after a delay.
struct DelayedReconciliation: Sendable {
    var key: ObjectKey
    var delay: Duration
    /// The reason. At most one is scheduled for an object and a reason.
    var reason: String
}

extension ClusterState {
    /// Lets the simulated controllers process some of the changes.
    mutating func runControllers(limit: Int = 64) -> [DelayedReconciliation] {
        var delayed: [DelayedReconciliation] = []
        var seen: Set<ObjectKey> = []
        var done = 0
        while done < limit {
            if !pendingOwners.isEmpty {
                let gone = pendingOwners
                pendingOwners = []
                for object in gone {
                    collectDependents(of: object)
                    if object.key.resource == ClusterState.pods {
                        refreshEndpoints(for: object)
                        refreshBudgets(for: object)
                    }
                }
            }
            for namespace in pendingQuotas { refreshQuotas(namespace) }
            pendingQuotas = []
            guard !pendingKeys.isEmpty else { break }
            // A new array: a slice would share the storage, so that the removal would copy the whole queue.
            let batch = Array(pendingKeys.prefix(limit))
            pendingKeys.removeFirst(batch.count)
            seen.removeAll(keepingCapacity: true)
            for key in batch where seen.insert(key).inserted {
                done += 1
                let uid = storage[key]?.uid ?? ""
                if let reconciliation = reconcile(key),
                    scheduledReconciliations.insert("\(uid) \(reconciliation.reason)").inserted
                {
                    delayed.append(reconciliation)
                }
                dueReasons[uid] = nil
            }
        }
        return delayed
    }

    /// Whether a delayed reconciliation is due.
    func isDue(_ object: StoredObject, _ reason: String? = nil) -> Bool {
        guard let due = dueReasons[object.uid] else { return false }
        return reason.map(due.contains) ?? true
    }

    /// The delay of a reconciliation is over.
    mutating func take(_ reconciliation: DelayedReconciliation) {
        guard let object = storage[reconciliation.key] else { return }
        scheduledReconciliations.remove("\(object.uid) \(reconciliation.reason)")
        dueReasons[object.uid, default: []].insert(reconciliation.reason)
        pendingKeys.append(reconciliation.key)
    }

    var hasControllerWork: Bool { !pendingKeys.isEmpty || !pendingOwners.isEmpty || !pendingQuotas.isEmpty }

    /// Discards changes if no controllers are simulated.
    mutating func discardControllerWork() {
        pendingKeys = []
        pendingOwners = []
        pendingQuotas = []
    }

    private mutating func reconcile(_ key: ObjectKey) -> DelayedReconciliation? {
        guard let object = storage[key], let resource = registry.any(key.resource) else {
            if key.resource.plural == "services" { removeSlices(of: key) }
            if key.resource == ClusterState.clusterRoles { aggregateRoles() }
            return nil
        }
        if object.value.isBeingDeleted, finishDeletion(object, resource) { return nil }
        if !object.value.isBeingDeleted, !object.value.ownerReferences.isEmpty, isAbandoned(object) {
            remove(object, resource)
            return nil
        }
        switch key.resource.plural {
        case "namespaces": namespace(object, resource)
        case "deployments": return deployment(object)
        case "replicasets": return replicaSet(object)
        case "statefulsets": return statefulSet(object)
        case "daemonsets": return daemonSet(object)
        case "jobs": return job(object)
        case "pods": return pod(object)
        case "services": endpoints(object)
        case "persistentvolumeclaims": bind(object)
        case "customresourcedefinitions": cleanCustomResources(object)
        case "poddisruptionbudgets": disruptionBudget(object)
        case "clusterroles": aggregateRoles()
        default: break
        }
        return nil
    }

    // MARK: Garbage collection

    private func isAbandoned(_ object: StoredObject) -> Bool {
        object.value.ownerReferences.allSatisfy { owner in
            guard let uid = owner["uid"]?.stringValue else { return false }
            return storage.object(uid: uid) == nil
        }
    }

    private mutating func collectDependents(of gone: StoredObject) {
        for dependent in storage.dependents(ofUID: gone.uid) {
            guard let resource = registry.any(dependent.key.resource) else { continue }
            if isAbandoned(dependent) {
                remove(dependent, resource)
            } else {
                var value = dependent.value
                value[path: ["metadata", "ownerReferences"]] = .array(
                    value.ownerReferences.filter { $0["uid"]?.stringValue != gone.uid }
                )
                store(value, at: dependent.key)
            }
        }
        for owner in gone.value.ownerReferences {
            if let uid = owner["uid"]?.stringValue, let object = storage.object(uid: uid) {
                pendingKeys.append(object.key)
            }
        }
        if gone.key.resource.plural != "namespaces", !gone.key.namespace.isEmpty {
            let key = ObjectKey(resource: ClusterState.namespaces, namespace: "", name: gone.key.namespace)
            if storage[key]?.value.isBeingDeleted == true { pendingKeys.append(key) }
        }
    }

    /// Handles the finalizers of the garbage collector. Returns whether the object was deleted or changed.
    private mutating func finishDeletion(_ object: StoredObject, _ resource: ResourceDefinition) -> Bool {
        let finalizers = object.value.finalizers
        var done: String?
        if finalizers.contains("orphan") {
            for dependent in storage.dependents(ofUID: object.uid) {
                var value = dependent.value
                let rest = value.ownerReferences.filter { $0["uid"]?.stringValue != object.uid }
                value[path: ["metadata", "ownerReferences"]] = rest.isEmpty ? JSONValue?.none : .array(rest)
                store(value, at: dependent.key)
            }
            done = "orphan"
        } else if finalizers.contains("foregroundDeletion") {
            var isBlocked = false
            for dependent in storage.dependents(ofUID: object.uid) {
                let blocks = dependent.value.ownerReferences.contains {
                    $0["uid"]?.stringValue == object.uid && $0["blockOwnerDeletion"]?.boolValue == true
                }
                if let definition = registry.any(dependent.key.resource), !dependent.value.isBeingDeleted {
                    remove(dependent, definition, propagation: "Foreground")
                }
                if blocks, storage[dependent.key] != nil { isBlocked = true }
            }
            if !isBlocked { done = "foregroundDeletion" }
        }
        guard let done else { return false }
        var value = object.value
        let rest = finalizers.filter { $0 != done }
        value[path: ["metadata", "finalizers"]] = rest.isEmpty ? JSONValue?.none : .array(rest.map { .string($0) })
        if rest.isEmpty, !isKeptWhileDeleting(value, resource) {
            erase(object.key)
        } else {
            store(value, at: object.key)
        }
        return true
    }

    // MARK: Namespaces and custom resources

    /// Creates an object as a built-in controller does.
    mutating func make(_ apiVersion: String, _ kind: String, namespace: String, _ object: JSONValue) {
        guard let resource = registry.kind(apiVersion, kind) else { return }
        let request = SandboxRequest(
            method: "POST",
            path: "",
            query: ["fieldManager": "kube-controller-manager", "fieldValidation": "Ignore"]
        )
        let outer = warnings
        _ = try? create(object, request, resource, namespace: namespace.isEmpty ? nil : namespace)
        warnings = outer
    }

    private mutating func namespace(_ object: StoredObject, _ resource: ResourceDefinition) {
        let name = object.key.name
        if object.value.isBeingDeleted {
            var isEmpty = true
            for key in registry.namespaced {
                guard let definition = registry.any(key) else { continue }
                for content in storage.objects(key, namespace: name) {
                    if !content.value.isBeingDeleted { remove(content, definition, grace: 0) }
                    if storage[content.key] != nil { isEmpty = false }
                }
            }
            guard isEmpty else { return }
            var value = object.value
            value[path: ["spec", "finalizers"]] = nil
            if value.finalizers.isEmpty {
                erase(object.key)
            } else {
                store(value, at: object.key)
            }
            return
        }
        let account = ObjectKey(
            resource: ResourceKey(group: "", plural: "serviceaccounts"),
            namespace: name,
            name: "default"
        )
        if storage[account] == nil {
            make("v1", "ServiceAccount", namespace: name, ["metadata": ["name": "default"]])
        }
        let root = ObjectKey(
            resource: ResourceKey(group: "", plural: "configmaps"),
            namespace: name,
            name: "kube-root-ca.crt"
        )
        if storage[root] == nil {
            make(
                "v1",
                "ConfigMap",
                namespace: name,
                ["metadata": ["name": "kube-root-ca.crt"], "data": ["ca.crt": .string(certificateAuthority)]]
            )
        }
    }

    private mutating func cleanCustomResources(_ object: StoredObject) {
        guard object.value.isBeingDeleted else { return }
        let key = customKey(object.value)
        if let definition = registry.any(key) {
            for instance in storage.objects(key) where !instance.value.isBeingDeleted { remove(instance, definition) }
        }
        guard storage.objects(key).isEmpty else { return }
        var value = object.value
        let rest = value.finalizers.filter { $0 != "customresourcecleanup.apiextensions.k8s.io" }
        value[path: ["metadata", "finalizers"]] = rest.isEmpty ? JSONValue?.none : .array(rest.map { .string($0) })
        if rest.isEmpty {
            erase(object.key)
        } else {
            store(value, at: object.key)
        }
    }

    private mutating func bind(_ object: StoredObject) {
        guard !object.value.isBeingDeleted, object.value[path: ["status", "phase"]] != "Bound" else { return }
        var value = object.value
        value[path: ["spec", "volumeName"]] = .string("pvc-\(object.uid)")
        value["status"] = [
            "phase": "Bound", "accessModes": value[path: ["spec", "accessModes"]] ?? [],
            "capacity": value[path: ["spec", "resources", "requests"]] ?? [:],
        ]
        store(value, at: object.key)
    }
}
