import KubernetesAPI

extension ClusterState {
    private static let replicaSets = ResourceKey(group: "apps", plural: "replicasets")
    static let pods = ResourceKey(group: "", plural: "pods")
    private static let slices = ResourceKey(group: "discovery.k8s.io", plural: "endpointslices")

    /// A short hash of a pod template that is the same in every run.
    private func templateHash(_ template: JSONValue) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in template.serialized() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<10).map { letters[Int((hash >> UInt64($0 * 6)) % UInt64(letters.count))] })
    }

    private func owner(_ object: StoredObject) -> JSONValue {
        [
            "apiVersion": object.value["apiVersion"] ?? "", "kind": object.value["kind"] ?? "",
            "name": .string(object.key.name), "uid": .string(object.uid), "controller": true,
            "blockOwnerDeletion": true,
        ]
    }

    private func controlled(_ resource: ResourceKey, by object: StoredObject) -> [StoredObject] {
        storage.dependents(ofUID: object.uid).filter { $0.key.resource == resource }
    }

    mutating func deployment(_ object: StoredObject) {
        guard !object.value.isBeingDeleted else { return }
        let spec = object.value["spec"] ?? [:]
        let wanted = spec["replicas"]?.integerValue ?? 1
        let template = spec["template"] ?? [:]
        let hash = templateHash(template)
        let name = "\(object.key.name)-\(hash)"
        let sets = controlled(ClusterState.replicaSets, by: object)
        let revisions = sets.compactMap {
            $0.value[path: ["metadata", "annotations", "deployment.kubernetes.io/revision"]]?.stringValue.flatMap(
                Int.init
            )
        }
        var current = sets.first { $0.key.name == name }
        if current == nil, spec["paused"]?.boolValue != true {
            var labeled = template
            labeled[path: ["metadata", "labels", "pod-template-hash"]] = .string(hash)
            var selector = spec["selector"] ?? [:]
            selector[path: ["matchLabels", "pod-template-hash"]] = .string(hash)
            let revision = (revisions.max() ?? 0) + 1
            make(
                "apps/v1",
                "ReplicaSet",
                namespace: object.key.namespace,
                [
                    "metadata": [
                        "name": .string(name), "labels": labeled[path: ["metadata", "labels"]] ?? [:],
                        "annotations": ["deployment.kubernetes.io/revision": .string(String(revision))],
                        "ownerReferences": [owner(object)],
                    ], "spec": ["replicas": .integer(wanted), "selector": selector, "template": labeled],
                ]
            )
            current =
                storage[
                    ObjectKey(resource: ClusterState.replicaSets, namespace: object.key.namespace, name: name)
                ]
        }
        if let set = current { resize(set, to: wanted) }
        let ready = current?.value[path: ["status", "readyReplicas"]]?.integerValue ?? 0
        // The old pods go once the new ones are ready, all at once: a rolling update without its steps.
        for set in sets where set.key.name != name && ready >= wanted { resize(set, to: 0) }
        let all = controlled(ClusterState.replicaSets, by: object)
        func sum(_ path: String...) -> Int64 {
            all.reduce(0) { $0 + ($1.value[path: ["status"] + path]?.integerValue ?? 0) }
        }
        let replicas = sum("replicas")
        let updated = current.flatMap { storage[$0.key] }?.value[path: ["status", "replicas"]]?.integerValue ?? 0
        let readyAll = sum("readyReplicas")
        let isComplete = updated == wanted && replicas == wanted && readyAll >= wanted
        let isAvailable = readyAll >= wanted - wanted / 4
        var status: JSONValue = ["observedGeneration": object.value.metadata["generation"] ?? 1]
        for (key, value) in [
            ("replicas", replicas), ("updatedReplicas", updated), ("readyReplicas", readyAll),
            ("availableReplicas", readyAll), ("unavailableReplicas", max(0, wanted - readyAll)),
        ] where value > 0 {
            status[key] = .integer(value)
        }
        let old = object.value[path: ["status", "conditions"]]?.arrayValue ?? []
        func condition(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String) -> JSONValue {
            let status: JSONValue = isTrue ? "True" : "False"
            let before = old.first { $0["type"]?.stringValue == type }
            let same = before?["status"] == status
            let unchanged = same && before?["reason"]?.stringValue == reason
            return [
                "type": .string(type), "status": status, "reason": .string(reason), "message": .string(message),
                "lastTransitionTime": same ? before?["lastTransitionTime"] ?? .null : .string(now.description),
                "lastUpdateTime": unchanged ? before?["lastUpdateTime"] ?? .null : .string(now.description),
            ]
        }
        status["conditions"] = [
            condition(
                "Available",
                isAvailable,
                isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                isAvailable ? "Deployment has minimum availability." : "Deployment does not have minimum availability."
            ),
            condition(
                "Progressing",
                true,
                isComplete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
                isComplete
                    ? "ReplicaSet \"\(name)\" has successfully progressed." : "ReplicaSet \"\(name)\" is progressing."
            ),
        ]
        var value = storage[object.key]?.value ?? object.value
        value["status"] = status
        let revision = current?.value[path: ["metadata", "annotations", "deployment.kubernetes.io/revision"]]
        if let revision { value[path: ["metadata", "annotations", "deployment.kubernetes.io/revision"]] = revision }
        store(value, at: object.key)
    }

    private mutating func resize(_ set: StoredObject, to replicas: Int64) {
        guard let current = storage[set.key], current.value[path: ["spec", "replicas"]]?.integerValue != replicas else {
            return
        }
        var value = current.value
        value[path: ["spec", "replicas"]] = .integer(replicas)
        value[path: ["metadata", "generation"]] = .integer((value.metadata["generation"]?.integerValue ?? 0) + 1)
        store(value, at: set.key)
    }

    mutating func replicaSet(_ object: StoredObject) {
        guard !object.value.isBeingDeleted else { return }
        let wanted = Int(object.value[path: ["spec", "replicas"]]?.integerValue ?? 1)
        var pods = controlled(ClusterState.pods, by: object).filter { !$0.value.isBeingDeleted }
        var failure: String?
        if pods.count < wanted, let resource = registry["", "v1", "pods"] {
            for _ in pods.count..<wanted {
                let template = object.value[path: ["spec", "template"]] ?? [:]
                var metadata = template.metadata
                metadata["generateName"] = .string("\(object.key.name)-")
                metadata["ownerReferences"] = [owner(object)]
                let request = SandboxRequest(
                    method: "POST",
                    path: "",
                    query: ["fieldManager": "kube-controller-manager", "fieldValidation": "Ignore"]
                )
                do throws(APIFailure) {
                    _ = try create(
                        ["metadata": metadata, "spec": template["spec"] ?? [:]],
                        request,
                        resource,
                        namespace: object.key.namespace
                    )
                } catch {
                    failure = error.status.message
                    break
                }
            }
        } else if pods.count > wanted, let resource = registry["", "v1", "pods"] {
            for pod in pods.suffix(pods.count - wanted) { remove(pod, resource, grace: 0) }
        }
        pods = controlled(ClusterState.pods, by: object).filter { !$0.value.isBeingDeleted }
        let ready = pods.filter { isReady($0.value) }.count
        var status: JSONValue = [
            "observedGeneration": object.value.metadata["generation"] ?? 1, "replicas": .integer(Int64(pods.count)),
        ]
        if !pods.isEmpty { status["fullyLabeledReplicas"] = .integer(Int64(pods.count)) }
        if ready > 0 {
            status["readyReplicas"] = .integer(Int64(ready))
            status["availableReplicas"] = .integer(Int64(ready))
        }
        if let failure {
            status["conditions"] = [
                [
                    "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": .string(failure),
                    "lastTransitionTime": .string(now.description),
                ]
            ]
        }
        var value = storage[object.key]?.value ?? object.value
        value["status"] = status
        store(value, at: object.key)
        notifyOwners(object)
    }

    private mutating func notifyOwners(_ object: StoredObject) {
        for owner in object.value.ownerReferences {
            if let uid = owner["uid"]?.stringValue, let found = storage.object(uid: uid) {
                pendingKeys.append(found.key)
            }
        }
    }

    private func isReady(_ pod: JSONValue) -> Bool {
        (pod[path: ["status", "conditions"]]?.arrayValue ?? []).contains {
            $0["type"] == "Ready" && $0["status"] == "True"
        }
    }

    // MARK: The kubelet

    mutating func pod(_ object: StoredObject) -> DelayedLook? {
        if object.value.isBeingDeleted {
            if object.value.finalizers.isEmpty { erase(object.key) }
            return nil
        }
        if isReady(object.value) {
            notifyOwners(object)
            return nil
        }
        var value = object.value
        if let waiting = obstacle(value) {
            let containers = value[path: ["spec", "containers"]]?.arrayValue ?? []
            value[path: ["spec", "nodeName"]] = "sandbox"
            value[path: ["status", "phase"]] = waiting.reason == "CrashLoopBackOff" ? "Running" : "Pending"
            value[path: ["status", "containerStatuses"]] = .array(
                containers.map { container in
                    [
                        "name": container["name"] ?? "", "image": container["image"] ?? "", "imageID": "",
                        "ready": false,
                        "restartCount": waiting.reason == "CrashLoopBackOff" ? 3 : 0, "started": false,
                        "state": ["waiting": ["reason": .string(waiting.reason), "message": .string(waiting.message)]],
                    ]
                }
            )
            value[path: ["status", "conditions"]] = .array(conditions(value, isReady: false))
            store(value, at: object.key)
            if waiting.reason == "CreateContainerConfigError" {
                return DelayedLook(key: object.key, delay: .seconds(1))
            }
            return nil
        }
        if configuration.podReadyDelay > .zero, value[path: ["spec", "nodeName"]] == nil {
            value[path: ["spec", "nodeName"]] = "sandbox"
            store(value, at: object.key)
            return DelayedLook(key: object.key, delay: configuration.podReadyDelay)
        }
        if configuration.podReadyDelay > .zero, !duePods.contains(object.uid) { return nil }
        duePods.remove(object.uid)
        value[path: ["spec", "nodeName"]] = "sandbox"
        let number = nextPodAddress
        nextPodAddress += 1
        let address = "10.244.\(number / 250 % 250).\(number % 250 + 1)"
        let containers = value[path: ["spec", "containers"]]?.arrayValue ?? []
        value["status"] = [
            "phase": "Running", "podIP": .string(address), "podIPs": [["ip": .string(address)]], "hostIP": "127.0.0.1",
            "startTime": .string(now.description), "qosClass": value[path: ["status", "qosClass"]] ?? "BestEffort",
            "conditions": .array(conditions(value, isReady: true)),
            "containerStatuses": .array(
                containers.map { container in
                    [
                        "name": container["name"] ?? "", "image": container["image"] ?? "",
                        "imageID": container["image"] ?? "", "ready": true, "restartCount": 0, "started": true,
                        "state": ["running": ["startedAt": .string(now.description)]],
                    ]
                }
            ),
        ]
        if let stored = store(value, at: object.key) { refreshEndpoints(for: stored) }
        notifyOwners(object)
        return nil
    }

    private func conditions(_ pod: JSONValue, isReady: Bool) -> [JSONValue] {
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

    /// Why a pod's containers cannot run, by markers in the image's name and by what the pod refers to.
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

    // MARK: Endpoints

    mutating func refreshEndpoints(for pod: StoredObject) {
        let services = storage.objects(ResourceKey(group: "", plural: "services"), namespace: pod.key.namespace)
        for service in services {
            guard let selector = service.value[path: ["spec", "selector"]]?.objectValue, !selector.isEmpty else {
                continue
            }
            if selector.allSatisfy({ pod.labels[$0.key] == $0.value.stringValue }) { endpoints(service) }
        }
    }

    mutating func endpoints(_ service: StoredObject) {
        let selector = service.value[path: ["spec", "selector"]]?.stringMap ?? [:]
        guard !selector.isEmpty, !service.value.isBeingDeleted else { return }
        let name = "\(service.key.name)-sandbox"
        let key = ObjectKey(resource: ClusterState.slices, namespace: service.key.namespace, name: name)
        let pods = storage.objects(ClusterState.pods, namespace: service.key.namespace).filter { pod in
            selector.allSatisfy { pod.labels[$0.key] == $0.value } && isReady(pod.value)
        }
        let endpoints = ClusterState.sorted(pods).map { pod -> JSONValue in
            [
                "addresses": .array([pod.value[path: ["status", "podIP"]] ?? ""]),
                "conditions": ["ready": true, "serving": true, "terminating": false],
                "targetRef": [
                    "kind": "Pod", "name": .string(pod.key.name), "namespace": .string(pod.key.namespace),
                    "uid": .string(pod.uid),
                ],
            ]
        }
        if var value = storage[key]?.value {
            value["endpoints"] = .array(endpoints)
            store(value, at: key)
            return
        }
        let ports = (service.value[path: ["spec", "ports"]]?.arrayValue ?? []).map { port -> JSONValue in
            [
                "name": port["name"] ?? "", "protocol": port["protocol"] ?? "TCP",
                "port": .integer(port["targetPort"]?.integerValue ?? port["port"]?.integerValue ?? 0),
            ]
        }
        make(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            namespace: service.key.namespace,
            [
                "addressType": "IPv4", "endpoints": .array(endpoints), "ports": .array(ports),
                "metadata": [
                    "name": .string(name), "labels": ["kubernetes.io/service-name": .string(service.key.name)],
                    "ownerReferences": [owner(service)],
                ],
            ]
        )
    }

    mutating func removeSlices(of service: ObjectKey) {
        erase(ObjectKey(resource: ClusterState.slices, namespace: service.namespace, name: "\(service.name)-sandbox"))
    }
}
