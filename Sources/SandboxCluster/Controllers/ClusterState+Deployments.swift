import KubernetesAPI

/// The simulated controller of Deployments.
extension ClusterState {
    private static let prefix = "deployment.kubernetes.io/"
    private static let revisionAnnotation = ["metadata", "annotations", "\(prefix)revision"]
    private static let ownAnnotations: Set<String> = [
        "kubectl.kubernetes.io/last-applied-configuration", "\(prefix)revision", "\(prefix)revision-history",
        "\(prefix)desired-replicas", "\(prefix)max-replicas", "deprecated.deployment.rollback.to",
    ]

    private func revision(_ set: StoredObject) -> Int {
        set.value[path: ClusterState.revisionAnnotation]?.stringValue.flatMap(Int.init) ?? 0
    }

    private func number(_ set: StoredObject, _ path: String...) -> Int64 {
        storage[set.key]?.value[path: path]?.integerValue ?? 0
    }

    private func replicas(_ set: StoredObject) -> RollingUpdate.Replicas {
        .init(wanted: number(set, "spec", "replicas"), available: number(set, "status", "availableReplicas"))
    }

    mutating func deployment(_ object: StoredObject) -> DelayedReconciliation? {
        guard !object.value.isBeingDeleted else { return nil }
        let spec = object.value["spec"] ?? [:]
        let rolling = spec[path: ["strategy", "rollingUpdate"]]
        let isRecreate = spec[path: ["strategy", "type"]] == "Recreate"
        var update = RollingUpdate(
            wanted: spec["replicas"]?.integerValue ?? 1,
            maxSurge: rolling?["maxSurge"],
            maxUnavailable: rolling?["maxUnavailable"]
        )
        if isRecreate { update.maxSurge = 0 }
        let hash = shortHash(spec["template"] ?? [:])
        let name = "\(object.key.name)-\(hash)"
        let sets = controlled(ClusterState.replicaSets, by: object).sorted { revision($0) < revision($1) }
        let old = sets.filter { $0.key.name != name }
        var current = sets.first { $0.key.name == name }
        var isNew = false
        if spec["paused"]?.boolValue == true {
            let active = sets.filter { number($0, "spec", "replicas") > 0 }
            if active.count <= 1, let set = active.first ?? current { resize(set, to: update.wanted, update) }
        } else if isRecreate {
            for set in old { resize(set, to: 0, update) }
            let isEmpty = old.allSatisfy { controlled(ClusterState.pods, by: $0).isEmpty }
            if current == nil, isEmpty {
                current = makeReplicaSet(object, name: name, hash: hash, replicas: update.wanted, old: old, update)
                isNew = true
            } else if let set = current, isEmpty {
                revise(set, object, old: old)
                resize(set, to: update.wanted, update)
            }
        } else {
            let total = sets.reduce(0) { $0 + number($1, "spec", "replicas") }
            if let set = current {
                revise(set, object, old: old)
                resize(set, to: update.next(new: number(set, "spec", "replicas"), total: total), update)
            } else {
                let first = update.next(new: 0, total: total)
                current = makeReplicaSet(object, name: name, hash: hash, replicas: first, old: old, update)
                isNew = true
            }
            if let current {
                let targets = update.next(old: old.map { replicas($0) }, new: replicas(current))
                for (set, target) in zip(old, targets) { resize(set, to: target, update) }
            }
        }
        return report(object, current: current, isNew: isNew, update)
    }

    // MARK: ReplicaSets of a Deployment

    private mutating func makeReplicaSet(
        _ object: StoredObject,
        name: String,
        hash: String,
        replicas: Int64,
        old: [StoredObject],
        _ update: RollingUpdate
    ) -> StoredObject? {
        var template = object.value[path: ["spec", "template"]] ?? [:]
        template[path: ["metadata", "labels", "pod-template-hash"]] = .string(hash)
        var selector = object.value[path: ["spec", "selector"]] ?? [:]
        selector[path: ["matchLabels", "pod-template-hash"]] = .string(hash)
        var annotations = inherited(object)
        annotations["\(ClusterState.prefix)revision"] = .string(String((old.map { revision($0) }.max() ?? 0) + 1))
        annotations["\(ClusterState.prefix)desired-replicas"] = .string(String(update.wanted))
        annotations["\(ClusterState.prefix)max-replicas"] = .string(String(update.wanted + update.maxSurge))
        var spec: JSONValue = ["replicas": .integer(replicas), "selector": selector, "template": template]
        spec["minReadySeconds"] = object.value[path: ["spec", "minReadySeconds"]]
        make(
            "apps/v1",
            "ReplicaSet",
            namespace: object.key.namespace,
            [
                "metadata": [
                    "name": .string(name), "labels": template[path: ["metadata", "labels"]] ?? [:],
                    "annotations": .object(annotations), "ownerReferences": [ownerReference(object)],
                ], "spec": spec,
            ]
        )
        return storage[ObjectKey(resource: ClusterState.replicaSets, namespace: object.key.namespace, name: name)]
    }

    private func inherited(_ object: StoredObject) -> [String: JSONValue] {
        (object.value.metadata["annotations"]?.objectValue ?? [:]).filter {
            !ClusterState.ownAnnotations.contains($0.key)
        }
    }

    /// Makes a ReplicaSet the latest revision after a rollback to it.
    private mutating func revise(_ set: StoredObject, _ object: StoredObject, old: [StoredObject]) {
        guard var value = storage[set.key]?.value else { return }
        for (key, text) in inherited(object) { value[path: ["metadata", "annotations", key]] = text }
        let latest = old.map { revision($0) }.max() ?? 0
        if revision(set) <= latest {
            let path = ["metadata", "annotations", "\(ClusterState.prefix)revision-history"]
            let history = (value[path: path]?.stringValue.map { "\($0)," } ?? "") + String(revision(set))
            value[path: path] = .string(history)
            value[path: ClusterState.revisionAnnotation] = .string(String(latest + 1))
        }
        store(value, at: set.key)
    }

    private mutating func resize(_ set: StoredObject, to replicas: Int64, _ update: RollingUpdate) {
        guard var value = storage[set.key]?.value, !value.isBeingDeleted else { return }
        if value[path: ["spec", "replicas"]]?.integerValue != replicas {
            value[path: ["spec", "replicas"]] = .integer(replicas)
            value[path: ["metadata", "generation"]] = .integer((value.metadata["generation"]?.integerValue ?? 0) + 1)
        }
        let desired = ["metadata", "annotations", "\(ClusterState.prefix)desired-replicas"]
        value[path: desired] = .string(String(update.wanted))
        let most = ["metadata", "annotations", "\(ClusterState.prefix)max-replicas"]
        value[path: most] = .string(String(update.wanted + update.maxSurge))
        store(value, at: set.key)
    }

    // MARK: Status

    /// The replica counts of a Deployment.
    private struct Numbers {
        var replicas: Int64 = 0
        var updated: Int64 = 0
        var ready: Int64 = 0
        var available: Int64 = 0

        /// Whether a rollout made progress.
        func isProgress(from old: Numbers) -> Bool {
            updated > old.updated || replicas - updated < old.replicas - old.updated || ready > old.ready
                || available > old.available
        }
    }

    private mutating func report(_ object: StoredObject, current: StoredObject?, isNew: Bool, _ update: RollingUpdate)
        -> DelayedReconciliation?
    {
        let sets = controlled(ClusterState.replicaSets, by: object)
        var numbers = Numbers()
        for set in sets {
            numbers.replicas += number(set, "status", "replicas")
            numbers.ready += number(set, "status", "readyReplicas")
            numbers.available += number(set, "status", "availableReplicas")
        }
        if let current { numbers.updated = number(current, "status", "replicas") }
        let before = object.value["status"]
        let old = Numbers(
            replicas: before?["replicas"]?.integerValue ?? 0,
            updated: before?["updatedReplicas"]?.integerValue ?? 0,
            ready: before?["readyReplicas"]?.integerValue ?? 0,
            available: before?["availableReplicas"]?.integerValue ?? 0
        )
        let isComplete =
            current != nil && numbers.updated == update.wanted && numbers.replicas == update.wanted
            && numbers.available == update.wanted
        var status: JSONValue = [
            "observedGeneration": object.value.metadata["generation"] ?? 1, "terminatingReplicas": 0,
        ]
        for (key, value) in [
            ("replicas", numbers.replicas), ("updatedReplicas", numbers.updated), ("readyReplicas", numbers.ready),
            ("availableReplicas", numbers.available),
            ("unavailableReplicas", max(0, sets.reduce(0) { $0 + number($1, "spec", "replicas") } - numbers.available)),
        ] where value > 0 {
            status[key] = .integer(value)
        }
        let conditions = before?["conditions"]
        let isAvailable = numbers.available >= update.minAvailable
        var all = [
            condition(
                "Available",
                isAvailable ? "True" : "False",
                isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                isAvailable ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
                in: conditions,
                hasUpdateTime: true
            )
        ]
        let isPaused = object.value[path: ["spec", "paused"]]?.boolValue == true
        let hasProgress = isNew || numbers.isProgress(from: old)
        let progress = progressing(
            object,
            name: current?.key.name,
            isNew: isNew,
            isComplete: isComplete,
            hasProgress: hasProgress,
            isPaused: isPaused,
            allUpdated: numbers.updated == numbers.replicas
        )
        all.append(
            condition(
                "Progressing",
                progress.status,
                progress.reason,
                progress.message,
                in: conditions,
                isUpdated: hasProgress,
                hasUpdateTime: true
            )
        )
        let failure = current.flatMap { storage[$0.key] }?.value[path: ["status", "conditions"]]?.arrayValue?.first {
            $0["type"] == "ReplicaFailure"
        }
        if let failure {
            all.append(
                condition(
                    "ReplicaFailure",
                    "True",
                    failure["reason"]?.stringValue ?? "",
                    failure["message"]?.stringValue ?? "",
                    in: conditions,
                    hasUpdateTime: true
                )
            )
        }
        status["conditions"] = .array(all)
        var value = storage[object.key]?.value ?? object.value
        value["status"] = status
        let revision = current.flatMap { storage[$0.key] }?.value[path: ClusterState.revisionAnnotation]
        if let revision { value[path: ClusterState.revisionAnnotation] = revision }
        store(value, at: object.key)
        if isComplete { forgetOldSets(object, current: current) }
        guard !isComplete, hasProgress, !isPaused else { return nil }
        let deadline = object.value[path: ["spec", "progressDeadlineSeconds"]]?.integerValue ?? 600
        let mark = (progressMarks[object.uid] ?? 0) + 1
        progressMarks[object.uid] = mark
        return DelayedReconciliation(key: object.key, delay: .seconds(deadline), reason: "progress \(mark)")
    }

    private func progressing(
        _ object: StoredObject,
        name: String?,
        isNew: Bool,
        isComplete: Bool,
        hasProgress: Bool,
        isPaused: Bool,
        allUpdated: Bool
    ) -> (status: String, reason: String, message: String) {
        let set = "ReplicaSet \"\(name ?? "")\""
        let before = object.value[path: ["status", "conditions"]]?.arrayValue?.first { $0["type"] == "Progressing" }
        let reason = before?["reason"]?.stringValue
        let same = (
            before?["status"]?.stringValue ?? "True", reason ?? "", before?["message"]?.stringValue ?? ""
        )
        if isPaused { return ("Unknown", "DeploymentPaused", "Deployment is paused") }
        if isComplete { return ("True", "NewReplicaSetAvailable", "\(set) has successfully progressed.") }
        if isNew { return ("True", "NewReplicaSetCreated", "Created new replica set \"\(name ?? "")\"") }
        if reason == "NewReplicaSetAvailable", allUpdated { return same }
        if hasProgress || reason == nil || reason == "DeploymentPaused" || reason == "NewReplicaSetAvailable" {
            return ("True", "ReplicaSetUpdated", "\(set) is progressing.")
        }
        if isDue(object, "progress \(progressMarks[object.uid] ?? 0)") {
            return ("False", "ProgressDeadlineExceeded", "\(set) has timed out progressing.")
        }
        return same
    }

    private mutating func forgetOldSets(_ object: StoredObject, current: StoredObject?) {
        let limit = Int(object.value[path: ["spec", "revisionHistoryLimit"]]?.integerValue ?? 10)
        let old = controlled(ClusterState.replicaSets, by: object).filter { set in
            set.key != current?.key && number(set, "spec", "replicas") == 0 && number(set, "status", "replicas") == 0
                && !set.value.isBeingDeleted
        }
        guard old.count > limit, let resource = registry.any(ClusterState.replicaSets) else { return }
        for set in old.sorted(by: { revision($0) < revision($1) }).prefix(old.count - limit) { remove(set, resource) }
    }
}
