import KubernetesAPI

/// The simulated scheduler and kubelet. No container runs; containers with a command can run as processes of this machine.
extension ClusterState {
    mutating func pod(_ object: StoredObject) -> DelayedReconciliation? {
        if object.value.isBeingDeleted {
            if processPods[object.uid] != nil {
                stopProcesses(object)
            } else if object.value.finalizers.isEmpty {
                erase(object.key)
            }
            return nil
        }
        let phase = object.value[path: ["status", "phase"]]?.stringValue
        if isReady(object.value) || phase == "Succeeded" || phase == "Failed" {
            let reconciliation = isReady(object.value) ? awaitAvailability(of: object) : nil
            notifyOwners(object)
            refreshBudgets(for: object)
            return reconciliation
        }
        if processPods[object.uid] != nil {
            // Its status follows its processes.
            notifyOwners(object)
            refreshBudgets(for: object)
            return nil
        }
        let reconciliation: DelayedReconciliation?
        if let reason = schedulingObstacle(object.value) {
            reconciliation = unschedulable(object, reason)
        } else if let waiting = obstacle(object.value) {
            reconciliation = wait(object, waiting)
        } else if runsProcesses(object.value) {
            reconciliation = startProcesses(object)
        } else if configuration.podReadyDelay > .zero, !isDue(object) {
            var value = object.value
            value[path: ["spec", "nodeName"]] = value[path: ["spec", "nodeName"]] ?? "sandbox"
            if value[path: ["status", "conditions"]] == nil {
                value[path: ["status", "conditions"]] = .array(conditions(value, isReady: false))
            }
            store(value, at: object.key)
            reconciliation = DelayedReconciliation(key: object.key, delay: configuration.podReadyDelay, reason: "ready")
        } else {
            start(object)
            reconciliation = nil
        }
        notifyOwners(object)
        if let stored = storage[object.key] { refreshBudgets(for: stored) }
        return reconciliation
    }

    /// Makes a pod run. Pods of Jobs complete immediately.
    private mutating func start(_ object: StoredObject) {
        var value = object.value
        let isDone = isJobs(value)
        value[path: ["spec", "nodeName"]] = value[path: ["spec", "nodeName"]] ?? "sandbox"
        let address = takePodAddress()
        let state: JSONValue =
            isDone
            ? [
                "terminated": [
                    "exitCode": 0, "reason": "Completed", "startedAt": .string(now.description),
                    "finishedAt": .string(now.description),
                ]
            ] : ["running": ["startedAt": .string(now.description)]]
        let containers = value[path: ["spec", "containers"]]?.arrayValue ?? []
        let statuses = containers.map { container -> JSONValue in
            [
                "name": container["name"] ?? "", "image": container["image"] ?? "",
                "imageID": container["image"] ?? "", "ready": .bool(!isDone), "restartCount": 0,
                "started": .bool(!isDone), "state": state,
            ]
        }
        value["status"] = [
            "phase": isDone ? "Succeeded" : "Running", "podIP": .string(address), "podIPs": [["ip": .string(address)]],
            "hostIP": "127.0.0.1", "hostIPs": [["ip": "127.0.0.1"]], "startTime": .string(now.description),
            "qosClass": value[path: ["status", "qosClass"]] ?? "BestEffort",
            "conditions": .array(conditions(value, isReady: !isDone, reason: isDone ? "PodCompleted" : nil)),
            "containerStatuses": .array(statuses),
        ]
        if let stored = store(value, at: object.key) { refreshEndpoints(for: stored) }
    }

    /// An address for a pod. Nothing listens there.
    mutating func takePodAddress() -> String {
        defer { nextPodAddress += 1 }
        return "10.244.\(nextPodAddress / 250 % 250).\(nextPodAddress % 250 + 1)"
    }

    /// Reports why a pod's containers cannot run.
    mutating func wait(_ object: StoredObject, _ waiting: (reason: String, message: String))
        -> DelayedReconciliation?
    {
        var value = object.value
        let isCrash = waiting.reason == "CrashLoopBackOff"
        let hasFailed = isCrash && isJobs(value)
        var state: JSONValue = [
            "waiting": ["reason": .string(waiting.reason), "message": .string(waiting.message)]
        ]
        if hasFailed {
            state = [
                "terminated": [
                    "exitCode": 1, "reason": "Error", "startedAt": .string(now.description),
                    "finishedAt": .string(now.description),
                ]
            ]
        }
        let containers = value[path: ["spec", "containers"]]?.arrayValue ?? []
        value[path: ["spec", "nodeName"]] = value[path: ["spec", "nodeName"]] ?? "sandbox"
        value[path: ["status", "phase"]] = hasFailed ? "Failed" : isCrash ? "Running" : "Pending"
        value[path: ["status", "containerStatuses"]] = .array(
            containers.map { container in
                [
                    "name": container["name"] ?? "", "image": container["image"] ?? "", "imageID": "",
                    "ready": false, "restartCount": isCrash && !hasFailed ? 3 : 0, "started": false, "state": state,
                ]
            }
        )
        value[path: ["status", "conditions"]] = .array(
            conditions(value, isReady: false, reason: hasFailed ? "PodFailed" : nil)
        )
        store(value, at: object.key)
        guard waiting.reason == "CreateContainerConfigError" || waiting.reason == "ContainerCreating" else {
            return nil
        }
        return DelayedReconciliation(key: object.key, delay: .seconds(1), reason: "again")
    }

    /// Why a pod cannot be scheduled, with the scheduler's message.
    private func schedulingObstacle(_ pod: JSONValue) -> String? {
        for volume in pod[path: ["spec", "volumes"]]?.arrayValue ?? [] {
            guard let name = volume[path: ["persistentVolumeClaim", "claimName"]]?.stringValue else { continue }
            let claims = ResourceKey(group: "", plural: "persistentvolumeclaims")
            if storage[ObjectKey(resource: claims, namespace: pod.objectNamespace, name: name)] == nil {
                return "persistentvolumeclaim \"\(name)\" not found."
            }
        }
        // Pods that have a node keep it. Pods of DaemonSets are also scheduled to cordoned nodes.
        if pod[path: ["spec", "nodeName"]] != nil { return nil }
        let nodes = storage.objects(ResourceKey(group: "", plural: "nodes"))
        let isCordoned = nodes.allSatisfy { $0.value[path: ["spec", "unschedulable"]]?.boolValue == true }
        return isCordoned ? "\(nodes.count) node(s) were unschedulable." : nil
    }

    private mutating func unschedulable(_ object: StoredObject, _ reason: String) -> DelayedReconciliation {
        var value = object.value
        value[path: ["status", "conditions"]] = [
            condition(
                "PodScheduled",
                "False",
                "Unschedulable",
                "0/\(storage.objects(ResourceKey(group: "", plural: "nodes")).count) nodes are available: \(reason)",
                in: value[path: ["status", "conditions"]]
            )
        ]
        store(value, at: object.key)
        return DelayedReconciliation(key: object.key, delay: .seconds(1), reason: "again")
    }

    func conditions(_ pod: JSONValue, isReady: Bool, reason: String? = nil) -> [JSONValue] {
        let old = pod[path: ["status", "conditions"]]?.arrayValue ?? []
        return [
            ("PodScheduled", true), ("Initialized", true), ("ContainersReady", isReady), ("Ready", isReady),
        ].map { type, isTrue in
            let status: JSONValue = isTrue ? "True" : "False"
            let before = old.first { $0["type"]?.stringValue == type && $0["status"] == status }
            return [
                "type": .string(type), "status": status,
                "lastTransitionTime": before?["lastTransitionTime"] ?? .string(now.description),
            ]
        }
    }

    /// Why a pod's containers cannot run: because of markers in the image's name, or of references that do not exist.
    private func obstacle(_ pod: JSONValue) -> (reason: String, message: String)? {
        let namespace = pod.objectNamespace
        func missing(_ kind: String, _ name: String?, optional: Bool?) -> (reason: String, message: String)? {
            guard let name, optional != true else { return nil }
            let key = ObjectKey(
                resource: ResourceKey(group: "", plural: kind + "s"),
                namespace: namespace,
                name: name
            )
            return storage[key] == nil ? ("CreateContainerConfigError", "\(kind) \"\(name)\" not found") : nil
        }
        for container in pod[path: ["spec", "containers"]]?.arrayValue ?? [] {
            let image = container["image"]?.stringValue ?? ""
            if image.contains("imagepullbackoff") || image.contains("image-pull-back-off") {
                return ("ImagePullBackOff", "Back-off pulling image \"\(image)\"")
            }
            if image.contains("crashloopbackoff") || image.contains("crash-loop-back-off") {
                return ("CrashLoopBackOff", "back-off 40s restarting failed container")
            }
            for variable in container["env"]?.arrayValue ?? [] {
                for (kind, field) in [("secret", "secretKeyRef"), ("configmap", "configMapKeyRef")] {
                    let reference = variable[path: ["valueFrom", field]]
                    if let problem = missing(
                        kind,
                        reference?["name"]?.stringValue,
                        optional: reference?["optional"]?.boolValue
                    ) {
                        return problem
                    }
                }
            }
            for source in container["envFrom"]?.arrayValue ?? [] {
                for (kind, field) in [("secret", "secretRef"), ("configmap", "configMapRef")] {
                    if let problem = missing(
                        kind,
                        source[path: [field, "name"]]?.stringValue,
                        optional: source[path: [field, "optional"]]?.boolValue
                    ) {
                        return problem
                    }
                }
            }
        }
        for volume in pod[path: ["spec", "volumes"]]?.arrayValue ?? [] {
            for (kind, field, key) in [("secret", "secret", "secretName"), ("configmap", "configMap", "name")] {
                if let problem = missing(
                    kind,
                    volume[path: [field, key]]?.stringValue,
                    optional: volume[path: [field, "optional"]]?.boolValue
                ) {
                    return ("ContainerCreating", problem.message)
                }
            }
        }
        return nil
    }
}
