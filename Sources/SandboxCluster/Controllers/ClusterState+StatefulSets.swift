import KubernetesAPI

/// The simulated controllers of StatefulSets and DaemonSets.
extension ClusterState {
    mutating func statefulSet(_ object: StoredObject) -> DelayedReconciliation? {
        guard !object.value.isBeingDeleted, let resource = registry["", "v1", "pods"] else { return nil }
        let spec = object.value["spec"] ?? [:]
        let revision = "\(object.key.name)-\(keepRevision(of: object))"
        let first = Int(spec[path: ["ordinals", "start"]]?.integerValue ?? 0)
        let wanted = first..<first + Int(spec["replicas"]?.integerValue ?? 1)
        let isParallel = spec["podManagementPolicy"] == "Parallel"
        var pods: [Int: StoredObject] = [:]
        for pod in controlled(ClusterState.pods, by: object) {
            if let number = pod.key.name.split(separator: "-").last.flatMap({ Int($0) }) { pods[number] = pod }
        }
        let mayCreate = mayCreatePods(for: object)
        var failure: String?
        var isWaiting = false
        for number in wanted where failure == nil && !isWaiting {
            if let pod = pods[number] {
                // A finished pod is replaced, and only one at a time if the pods are ordered.
                if ["Failed", "Succeeded"].contains(pod.value[path: ["status", "phase"]]?.stringValue) {
                    remove(pod, resource, grace: 0)
                }
                isWaiting = !isParallel && (pod.value.isBeingDeleted || !isReady(pod.value))
                continue
            }
            guard mayCreate else {
                isWaiting = true
                break
            }
            failure = makeMember(number, of: object, revision: revision)
            isWaiting = !isParallel
        }
        let retry = mayCreate ? recordCreation(for: object, failure: failure) : nil
        if !isWaiting, failure == nil {
            let surplus = pods.keys.filter { !wanted.contains($0) }.sorted(by: >)
            for number in isParallel ? surplus : Array(surplus.prefix(1)) {
                if let pod = pods[number], !pod.value.isBeingDeleted { remove(pod, resource, grace: 0) }
            }
            if surplus.isEmpty { replaceMember(object, pods, wanted, revision, resource) }
        }
        reportStatefulSet(object, revision: revision)
        return retry
    }

    /// Deletes the outdated pod with the highest number, once all pods are ready.
    private mutating func replaceMember(
        _ object: StoredObject,
        _ pods: [Int: StoredObject],
        _ wanted: Range<Int>,
        _ revision: String,
        _ resource: ResourceDefinition
    ) {
        let strategy = object.value[path: ["spec", "updateStrategy"]]
        guard strategy?["type"] != "OnDelete" else { return }
        let partition = Int(strategy?[path: ["rollingUpdate", "partition"]]?.integerValue ?? 0)
        for number in wanted.reversed() where number >= partition {
            guard let pod = pods[number], !pod.value.isBeingDeleted else { return }
            if pod.labels["controller-revision-hash"] != revision {
                remove(pod, resource, grace: 0)
                return
            }
            guard isReady(pod.value) else { return }
        }
    }

    private mutating func makeMember(_ number: Int, of object: StoredObject, revision: String) -> String? {
        let spec = object.value["spec"] ?? [:]
        let name = "\(object.key.name)-\(number)"
        var template = spec["template"] ?? [:]
        template[path: ["spec", "hostname"]] = .string(name)
        if let subdomain = spec["serviceName"] { template[path: ["spec", "subdomain"]] = subdomain }
        var volumes = template[path: ["spec", "volumes"]]?.arrayValue ?? []
        for claim in spec["volumeClaimTemplates"]?.arrayValue ?? [] {
            let claimName = "\(claim.objectName)-\(name)"
            var metadata: JSONValue = ["name": .string(claimName)]
            metadata["labels"] = spec[path: ["selector", "matchLabels"]]
            make(
                "v1",
                "PersistentVolumeClaim",
                namespace: object.key.namespace,
                ["metadata": metadata, "spec": claim["spec"] ?? [:]]
            )
            volumes.removeAll { $0["name"]?.stringValue == claim.objectName }
            volumes.append([
                "name": .string(claim.objectName), "persistentVolumeClaim": ["claimName": .string(claimName)],
            ])
        }
        if !volumes.isEmpty { template[path: ["spec", "volumes"]] = .array(volumes) }
        return makePod(
            template,
            owner: object,
            name: name,
            labels: [
                "statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": String(number),
                "controller-revision-hash": revision,
            ]
        )
    }

    private mutating func reportStatefulSet(_ object: StoredObject, revision: String) {
        let pods = controlled(ClusterState.pods, by: object).filter { !$0.value.isBeingDeleted }
        let updated = pods.filter { $0.labels["controller-revision-hash"] == revision }.count
        let ready = pods.filter { isReady($0.value) }.count
        let wanted = Int(object.value[path: ["spec", "replicas"]]?.integerValue ?? 1)
        let before = object.value[path: ["status", "currentRevision"]]?.stringValue
        // The update revision becomes current once every pod has it.
        let isDone = updated == wanted && ready == wanted && pods.count == wanted
        let current = isDone ? revision : before ?? revision
        var status: JSONValue = [
            "observedGeneration": object.value.metadata["generation"] ?? 1, "collisionCount": 0,
            "replicas": .integer(Int64(pods.count)),
            "availableReplicas": .integer(Int64(pods.filter { isAvailable($0, for: object) }.count)),
            "currentRevision": .string(current), "updateRevision": .string(revision),
        ]
        let present = pods.filter { $0.labels["controller-revision-hash"] == current }.count
        for (key, value) in [("readyReplicas", ready), ("currentReplicas", present), ("updatedReplicas", updated)]
        where value > 0 {
            status[key] = .integer(Int64(value))
        }
        storeStatus(status, of: object)
    }

    // MARK: DaemonSets

    mutating func daemonSet(_ object: StoredObject) -> DelayedReconciliation? {
        guard !object.value.isBeingDeleted, let resource = registry["", "v1", "pods"] else { return nil }
        let hash = keepRevision(of: object)
        let nodes = storage.objects(ResourceKey(group: "", plural: "nodes")).map(\.key.name).sorted()
        let pods = activePods(of: object)
        var failure: String?
        let mayCreate = mayCreatePods(for: object)
        for node in nodes where !pods.contains(where: { $0.value[path: ["spec", "nodeName"]]?.stringValue == node }) {
            guard mayCreate, failure == nil else { break }
            failure = makePod(
                object.value[path: ["spec", "template"]] ?? [:],
                owner: object,
                labels: ["controller-revision-hash": hash, "pod-template-generation": templateGeneration(object)],
                node: node
            )
        }
        let retry = mayCreate ? recordCreation(for: object, failure: failure) : nil
        for pod in pods where !nodes.contains(pod.value[path: ["spec", "nodeName"]]?.stringValue ?? "") {
            remove(pod, resource, grace: 0)
        }
        if object.value[path: ["spec", "updateStrategy", "type"]] != "OnDelete" {
            let most = RollingUpdate.amount(
                object.value[path: ["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]] ?? 1,
                of: Int64(nodes.count),
                roundsUp: true
            )
            var spare = max(1, Int(most)) - nodes.count + pods.filter { isReady($0.value) }.count
            for pod in pods where pod.labels["controller-revision-hash"] != hash {
                if isReady(pod.value) {
                    if spare <= 0 { continue }
                    spare -= 1
                }
                remove(pod, resource, grace: 0)
            }
        }
        let left = activePods(of: object)
        let ready = Int64(left.filter { isReady($0.value) }.count)
        var status: JSONValue = [
            "observedGeneration": object.value.metadata["generation"] ?? 1,
            "currentNumberScheduled": .integer(Int64(left.count)),
            "desiredNumberScheduled": .integer(Int64(nodes.count)), "numberMisscheduled": 0,
            "numberReady": .integer(ready),
        ]
        let updated = left.filter { $0.labels["controller-revision-hash"] == hash }.count
        let available = Int64(left.filter { isAvailable($0, for: object) }.count)
        for (key, value) in [
            ("numberAvailable", available), ("numberUnavailable", Int64(nodes.count) - available),
            ("updatedNumberScheduled", Int64(updated)),
        ] where value > 0 {
            status[key] = .integer(value)
        }
        storeStatus(status, of: object)
        return retry
    }

    private func templateGeneration(_ object: StoredObject) -> String {
        object.value[path: ["metadata", "annotations", "deprecated.daemonset.template.generation"]]?.stringValue
            ?? String(object.value.metadata["generation"]?.integerValue ?? 1)
    }
}
