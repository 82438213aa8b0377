import KubernetesAPI

/// The simulated controller of PodDisruptionBudgets, and evictions, which depend on it.
extension ClusterState {
    private static let budgets = ResourceKey(group: "policy", plural: "poddisruptionbudgets")

    private func selects(_ budget: StoredObject, _ pod: StoredObject) -> Bool {
        guard budget.key.namespace == pod.key.namespace, let selector = budget.value[path: ["spec", "selector"]] else {
            return false
        }
        // Most selectors only have labels. Those are not decoded, because every change of a pod is matched here.
        for (key, value) in selector["matchLabels"]?.objectValue ?? [:] where pod.labels[key] != value.stringValue {
            return false
        }
        guard selector["matchExpressions"] != nil else { return true }
        return (try? selector.decode(LabelSelector.self))?.matches(pod.labels) == true
    }

    /// Reconciles the budgets that select a changed pod.
    mutating func refreshBudgets(for pod: StoredObject) {
        for budget in storage.objects(ClusterState.budgets, namespace: pod.key.namespace) where selects(budget, pod) {
            pendingKeys.append(budget.key)
        }
    }

    /// Recounts the budgets that select a pod immediately.
    mutating func recountBudgets(of pod: StoredObject) {
        for budget in storage.objects(ClusterState.budgets, namespace: pod.key.namespace) where selects(budget, pod) {
            disruptionBudget(budget)
        }
    }

    mutating func disruptionBudget(_ object: StoredObject) {
        guard !object.value.isBeingDeleted else { return }
        let spec = object.value["spec"] ?? [:]
        let pods = storage.objects(ClusterState.pods, namespace: object.key.namespace).filter { pod in
            let phase = pod.value[path: ["status", "phase"]]?.stringValue
            return phase != "Succeeded" && phase != "Failed" && selects(object, pod)
        }
        let healthy = Int64(pods.filter { isReady($0.value) && !$0.value.isBeingDeleted }.count)
        var expected = Int64(pods.count)
        let wanted: Int64
        if let most = spec["maxUnavailable"] {
            expected = controllerReplicas(of: pods)
            wanted = max(0, expected - RollingUpdate.amount(most, of: expected, roundsUp: true))
        } else if let least = spec["minAvailable"], least.stringValue != nil {
            expected = controllerReplicas(of: pods)
            wanted = RollingUpdate.amount(least, of: expected, roundsUp: true)
        } else {
            wanted = spec["minAvailable"]?.integerValue ?? 0
        }
        let allowed = expected > 0 ? max(0, healthy - wanted) : 0
        var condition = condition(
            "DisruptionAllowed",
            allowed > 0 ? "True" : "False",
            allowed > 0 ? "SufficientPods" : "InsufficientPods",
            "",
            in: object.value[path: ["status", "conditions"]]
        )
        let generation = object.value.metadata["generation"] ?? 1
        condition["observedGeneration"] = generation
        storeStatus(
            [
                "observedGeneration": generation, "disruptionsAllowed": .integer(allowed),
                "currentHealthy": .integer(healthy), "desiredHealthy": .integer(wanted),
                "expectedPods": .integer(expected), "conditions": [condition],
            ],
            of: object
        )
    }

    /// The number of pods that the controllers of these pods should have.
    private func controllerReplicas(of pods: [StoredObject]) -> Int64 {
        var counts: [String: Int64] = [:]
        var alone: Int64 = 0
        for pod in pods {
            guard let owner = pod.value.ownerReferences.first(where: { $0["controller"]?.boolValue == true }),
                let uid = owner["uid"]?.stringValue, var controller = storage.object(uid: uid)
            else {
                alone += 1
                continue
            }
            let above = controller.value.ownerReferences.first { $0["controller"]?.boolValue == true }
            if let uid = above?["uid"]?.stringValue, let object = storage.object(uid: uid) { controller = object }
            counts[controller.uid] = controller.value[path: ["spec", "replicas"]]?.integerValue ?? 1
        }
        return counts.values.reduce(alone, +)
    }

    /// Rejects an eviction that a budget does not allow.
    func admitEviction(of pod: StoredObject) throws(APIFailure) {
        guard isReady(pod.value), !pod.value.isBeingDeleted else { return }
        for budget in ClusterState.sorted(storage.objects(ClusterState.budgets, namespace: pod.key.namespace))
        where selects(budget, pod) {
            let status = budget.value["status"]
            guard (status?["disruptionsAllowed"]?.integerValue ?? 0) <= 0 else { continue }
            let needed = status?["desiredHealthy"]?.integerValue ?? 0
            let healthy = status?["currentHealthy"]?.integerValue ?? 0
            throw APIFailure(
                429,
                "TooManyRequests",
                "Cannot evict pod as it would violate the pod's disruption budget.",
                details: .init(
                    causes: [
                        .init(
                            reason: "DisruptionBudget",
                            message: "The disruption budget \(budget.key.name) needs \(needed) healthy pods and has "
                                + "\(healthy) currently"
                        )
                    ]
                )
            )
        }
    }
}
