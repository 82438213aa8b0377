import KubernetesAPI

/// The simulated controller of ReplicaSets, and what all simulated controllers that create pods share.
extension ClusterState {
    static let replicaSets = ResourceKey(group: "apps", plural: "replicasets")
    static let pods = ResourceKey(group: "", plural: "pods")

    /// A short hash of a value, the same in every process.
    func shortHash(_ value: JSONValue) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in value.serialized() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<10).map { letters[Int((hash >> UInt64($0 * 6)) % UInt64(letters.count))] })
    }

    func ownerReference(_ object: StoredObject) -> JSONValue {
        [
            "apiVersion": object.value["apiVersion"] ?? "", "kind": object.value["kind"] ?? "",
            "name": .string(object.key.name), "uid": .string(object.uid), "controller": true,
            "blockOwnerDeletion": true,
        ]
    }

    func controlled(_ resource: ResourceKey, by object: StoredObject) -> [StoredObject] {
        ClusterState.sorted(storage.dependents(ofUID: object.uid).filter { $0.key.resource == resource })
    }

    /// The pods that an object controls and that are neither terminating nor finished.
    func activePods(of object: StoredObject) -> [StoredObject] {
        controlled(ClusterState.pods, by: object).filter { pod in
            let phase = pod.value[path: ["status", "phase"]]?.stringValue
            return !pod.value.isBeingDeleted && phase != "Succeeded" && phase != "Failed"
        }
    }

    func isReady(_ pod: JSONValue) -> Bool {
        (pod[path: ["status", "conditions"]]?.arrayValue ?? []).contains {
            $0["type"] == "Ready" && $0["status"] == "True"
        }
    }

    /// Whether a pod was ready for its controller's `minReadySeconds`.
    func isAvailable(_ pod: StoredObject, for owner: StoredObject) -> Bool {
        let seconds = owner.value[path: ["spec", "minReadySeconds"]]?.integerValue ?? 0
        return isReady(pod.value) && (seconds <= 0 || availablePods.contains(pod.uid))
    }

    /// Reconciles a ready pod again after its controller's `minReadySeconds`.
    mutating func awaitAvailability(of pod: StoredObject) -> DelayedReconciliation? {
        if availablePods.contains(pod.uid) { return nil }
        let owner = pod.value.ownerReferences.first { $0["controller"]?.boolValue == true }
        guard let uid = owner?["uid"]?.stringValue, let controller = storage.object(uid: uid),
            let seconds = controller.value[path: ["spec", "minReadySeconds"]]?.integerValue, seconds > 0
        else { return nil }
        if isDue(pod, "available") {
            availablePods.insert(pod.uid)
            return nil
        }
        return DelayedReconciliation(key: pod.key, delay: .seconds(seconds), reason: "available")
    }

    mutating func notifyOwners(_ object: StoredObject) {
        for owner in object.value.ownerReferences {
            if let uid = owner["uid"]?.stringValue, let found = storage.object(uid: uid) {
                pendingKeys.append(found.key)
            }
        }
    }

    /// Creates a pod from a controller's template. Returns why it was rejected, or `nil`.
    mutating func makePod(
        _ template: JSONValue,
        owner: StoredObject,
        name: String? = nil,
        labels: [String: String] = [:],
        node: String? = nil
    ) -> String? {
        guard let resource = registry["", "v1", "pods"] else { return nil }
        var metadata = template.metadata
        if let name {
            metadata["name"] = .string(name)
        } else {
            metadata["generateName"] = .string("\(owner.key.name)-")
        }
        for (key, value) in labels { metadata[path: ["labels", key]] = .string(value) }
        metadata["ownerReferences"] = [ownerReference(owner)]
        var spec = template["spec"] ?? [:]
        if let node { spec["nodeName"] = .string(node) }
        let request = SandboxRequest(
            method: "POST",
            path: "",
            query: ["fieldManager": "kube-controller-manager", "fieldValidation": "Ignore"]
        )
        let outer = warnings
        defer { warnings = outer }
        do throws(APIFailure) {
            _ = try create(
                ["metadata": metadata, "spec": spec],
                request,
                resource,
                namespace: owner.key.namespace
            )
            return nil
        } catch {
            return error.status.message ?? ""
        }
    }

    /// A condition. Its times change only with its content.
    func condition(
        _ type: String,
        _ status: String,
        _ reason: String,
        _ message: String,
        in old: JSONValue?,
        isUpdated: Bool = false,
        hasUpdateTime: Bool = false
    ) -> JSONValue {
        let before = (old?.arrayValue ?? []).first { $0["type"]?.stringValue == type }
        let isSame = before?["status"]?.stringValue == status
        let isUnchanged = isSame && before?["reason"]?.stringValue == reason && !isUpdated
        var result: JSONValue = [
            "type": .string(type), "status": .string(status), "reason": .string(reason), "message": .string(message),
            "lastTransitionTime": (isSame ? before?["lastTransitionTime"] : nil) ?? .string(now.description),
        ]
        if hasUpdateTime {
            result["lastUpdateTime"] = (isUnchanged ? before?["lastUpdateTime"] : nil) ?? .string(now.description)
        }
        return result
    }

    /// Stores an object's status, unless it is unchanged.
    mutating func storeStatus(_ status: JSONValue, of object: StoredObject) {
        guard var value = storage[object.key]?.value, value.objectUID == object.uid else { return }
        value["status"] = status
        store(value, at: object.key)
    }

    // MARK: ReplicaSets

    mutating func replicaSet(_ object: StoredObject) -> DelayedReconciliation? {
        guard !object.value.isBeingDeleted else { return nil }
        let wanted = Int(object.value[path: ["spec", "replicas"]]?.integerValue ?? 1)
        var pods = activePods(of: object)
        var failure: String?
        var retry: DelayedReconciliation?
        let isWaiting = pods.count < wanted && !mayCreatePods(for: object)
        if pods.count < wanted {
            let template = object.value[path: ["spec", "template"]] ?? [:]
            if !isWaiting {
                for _ in pods.count..<wanted where failure == nil { failure = makePod(template, owner: object) }
                retry = recordCreation(for: object, failure: failure)
            }
        } else if pods.count > wanted, let resource = registry["", "v1", "pods"] {
            // Pods that are not ready are deleted first, then the youngest.
            let surplus = pods.sorted { left, right in
                let ready = (isReady(left.value), isReady(right.value))
                return ready.0 == ready.1 ? left.revision > right.revision : !ready.0
            }
            for pod in surplus.prefix(pods.count - wanted) { remove(pod, resource, grace: 0) }
        }
        pods = activePods(of: object)
        let ready = pods.filter { isReady($0.value) }.count
        var status: JSONValue = [
            "observedGeneration": object.value.metadata["generation"] ?? 1, "replicas": .integer(Int64(pods.count)),
            "terminatingReplicas": 0,
        ]
        if !pods.isEmpty { status["fullyLabeledReplicas"] = .integer(Int64(pods.count)) }
        if ready > 0 {
            status["readyReplicas"] = .integer(Int64(ready))
        }
        let available = pods.filter { isAvailable($0, for: object) }.count
        if available > 0 { status["availableReplicas"] = .integer(Int64(available)) }
        // The condition keeps its first message while pods are rejected, as in a real cluster: messages can contain the pod's
        // name, which differs each time.
        let old = object.value[path: ["status", "conditions"]]?.arrayValue?.first { $0["type"] == "ReplicaFailure" }
        if isWaiting || failure != nil {
            let new = failure.map { condition("ReplicaFailure", "True", "FailedCreate", $0, in: nil) }
            if let shown = old ?? new { status["conditions"] = [shown] }
        }
        storeStatus(status, of: object)
        notifyOwners(object)
        return retry
    }
}
