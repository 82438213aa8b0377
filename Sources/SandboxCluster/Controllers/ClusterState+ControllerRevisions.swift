import KubernetesAPI

/// The history of templates of StatefulSets and DaemonSets, for `kubectl rollout undo`.
extension ClusterState {
    private static let controllerRevisions = ResourceKey(group: "apps", plural: "controllerrevisions")

    /// Stores the template of a StatefulSet or DaemonSet as the latest ControllerRevision. Returns its hash.
    mutating func keepRevision(of object: StoredObject) -> String {
        let template = object.value[path: ["spec", "template"]] ?? [:]
        let hash = shortHash(template)
        let name = "\(object.key.name)-\(hash)"
        let all = controlled(ClusterState.controllerRevisions, by: object)
        let latest = all.map { $0.value["revision"]?.integerValue ?? 0 }.max() ?? 0
        if let kept = all.first(where: { $0.key.name == name }) {
            guard kept.value["revision"]?.integerValue != latest else { return hash }
            var value = kept.value
            value["revision"] = .integer(latest + 1)
            store(value, at: kept.key)
            return hash
        }
        var data = template
        data["$patch"] = "replace"
        var labels = template[path: ["metadata", "labels"]]?.objectValue ?? [:]
        let isSet = object.key.resource.plural == "statefulsets"
        labels[isSet ? "controller.kubernetes.io/hash" : "controller-revision-hash"] = .string(hash)
        make(
            "apps/v1",
            "ControllerRevision",
            namespace: object.key.namespace,
            [
                "metadata": [
                    "name": .string(name), "labels": .object(labels),
                    "annotations": object.value.metadata["annotations"] ?? [:],
                    "ownerReferences": [ownerReference(object)],
                ],
                "data": ["spec": ["template": data]], "revision": .integer(latest + 1),
            ]
        )
        let limit = Int(object.value[path: ["spec", "revisionHistoryLimit"]]?.integerValue ?? 10)
        if all.count > limit, let resource = registry.any(ClusterState.controllerRevisions) {
            let old = all.sorted {
                ($0.value["revision"]?.integerValue ?? 0) < ($1.value["revision"]?.integerValue ?? 0)
            }
            for revision in old.prefix(all.count - limit) { remove(revision, resource) }
        }
        return hash
    }
}
