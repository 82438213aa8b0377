import KubernetesAPI

/// What the API server's admission does to pods: service accounts, tokens, priorities, runtime classes, tolerations, limits,
/// Pod Security.
extension ClusterState {
    private static let priorityClasses = ResourceKey(group: "scheduling.k8s.io", plural: "priorityclasses")

    /// Sets what a new pod does not set itself.
    mutating func mutatePod(_ pod: inout JSONValue, _ resource: ResourceDefinition) throws(APIFailure) {
        let name = pod.objectName
        var spec = pod["spec"] ?? [:]
        if spec["serviceAccountName"] == nil {
            spec["serviceAccountName"] = "default"
            spec["serviceAccount"] = "default"
        }
        try addToken(&spec, resource, name: name, namespace: pod.objectNamespace)
        try setPriority(&spec, resource, name: name)
        var tolerations = spec["tolerations"]?.arrayValue ?? []
        for trouble in ["not-ready", "unreachable"] {
            let key = "node.kubernetes.io/\(trouble)"
            let isTolerated = tolerations.contains {
                ($0["key"]?.stringValue == key || $0["key"] == nil && $0["operator"] == "Exists")
                    && [nil, "", "NoExecute"].contains($0["effect"]?.stringValue)
            }
            if isTolerated { continue }
            tolerations.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            ])
        }
        spec["tolerations"] = .array(tolerations)
        try applyRuntimeClass(&spec, resource, name: name)
        pod["spec"] = spec
        PodAppArmor.fill(&pod)
        LimitRanges.fill(&pod, from: limitRanges(pod.objectNamespace))
        pod["status"] = ["phase": "Pending", "qosClass": .string(PodResources.qualityClass(pod["spec"] ?? [:]))]
    }

    func limitRanges(_ namespace: String) -> [JSONValue] {
        ClusterState.sorted(storage.objects(ResourceKey(group: "", plural: "limitranges"), namespace: namespace))
            .map(\.value)
    }

    /// The service account must exist. Its token is mounted, unless the pod or the account opts out.
    private mutating func addToken(
        _ spec: inout JSONValue,
        _ resource: ResourceDefinition,
        name: String,
        namespace: String
    ) throws(APIFailure) {
        let account = spec["serviceAccountName"]?.stringValue ?? "default"
        let key = ObjectKey(resource: ClusterState.serviceAccounts, namespace: namespace, name: account)
        // Without simulated controllers there are no default accounts.
        guard let found = storage[key] else {
            if !configuration.simulatesControllers { return }
            throw .forbidden(
                resource,
                name,
                "error looking up service account \(namespace)/\(account): serviceaccount \"\(account)\" not found"
            )
        }
        let wanted = spec["automountServiceAccountToken"] ?? found.value["automountServiceAccountToken"]
        if wanted?.boolValue == false { return }
        let path = "/var/run/secrets/kubernetes.io/serviceaccount"
        let volume = "kube-api-access-\(randomSuffix())"
        var isMounted = false
        for list in ["initContainers", "containers"] {
            Defaults.each(&spec, list) { container in
                var mounts = container["volumeMounts"]?.arrayValue ?? []
                if mounts.contains(where: { $0["mountPath"]?.stringValue == path }) { return }
                mounts.append(["name": .string(volume), "readOnly": true, "mountPath": .string(path)])
                container["volumeMounts"] = .array(mounts)
                isMounted = true
            }
        }
        guard isMounted else { return }
        let namespaceField: JSONValue = ["apiVersion": "v1", "fieldPath": "metadata.namespace"]
        spec["volumes"] = .array(
            (spec["volumes"]?.arrayValue ?? []) + [
                [
                    "name": .string(volume),
                    "projected": [
                        "defaultMode": 420,
                        "sources": [
                            ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
                            [
                                "configMap": [
                                    "name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]],
                                ]
                            ], ["downwardAPI": ["items": [["path": "namespace", "fieldRef": namespaceField]]]],
                        ],
                    ],
                ]
            ]
        )
    }

    private func setPriority(_ spec: inout JSONValue, _ resource: ResourceDefinition, name: String) throws(APIFailure) {
        var priorityClass: StoredObject?
        if let wanted = spec["priorityClassName"]?.stringValue, !wanted.isEmpty {
            priorityClass =
                storage[
                    ObjectKey(resource: ClusterState.priorityClasses, namespace: "", name: wanted)
                ]
            guard priorityClass != nil else {
                throw .forbidden(resource, name, "no PriorityClass with name \(wanted) was found")
            }
        } else {
            priorityClass = storage.objects(ClusterState.priorityClasses).first {
                $0.value["globalDefault"]?.boolValue == true
            }
            if let priorityClass { spec["priorityClassName"] = .string(priorityClass.key.name) }
        }
        spec["priority"] = priorityClass?.value["value"] ?? 0
        spec["preemptionPolicy"] = priorityClass?.value["preemptionPolicy"] ?? "PreemptLowerPriority"
    }

    // MARK: Pod Security

    private func labels(of namespace: String) -> [String: String] {
        storage[ObjectKey(resource: ClusterState.namespaces, namespace: "", name: namespace)]?.labels ?? [:]
    }

    private func violations(_ pod: JSONValue, _ policy: PodSecurity.Policy) -> [PodSecurity.Violation] {
        PodSecurity.violations(
            pod["spec"] ?? [:],
            annotations: pod[path: ["metadata", "annotations"]]?.stringMap ?? [:],
            policy: policy
        )
    }

    mutating func admitPodSecurity(_ pod: JSONValue, _ resource: ResourceDefinition) throws(APIFailure) {
        let policy = PodSecurity.policy(labels(of: pod.objectNamespace), mode: "enforce")
        let found = violations(pod, policy)
        if !found.isEmpty {
            throw .forbidden(
                resource,
                pod.objectName,
                "violates PodSecurity \"\(policy.description)\": "
                    + found.map(\.description).joined(separator: ", ")
            )
        }
        warnPodSecurity(pod, pod.objectNamespace)
    }

    /// Warns of the policies that a pod, or a pod template, would violate.
    mutating func warnPodSecurity(_ pod: JSONValue, _ namespace: String) {
        let policy = PodSecurity.policy(labels(of: namespace), mode: "warn")
        let found = violations(pod, policy)
        if found.isEmpty { return }
        warnings.append(
            "would violate PodSecurity \"\(policy.description)\": \(found.map(\.description).joined(separator: ", "))"
        )
    }

    /// Warns of pods that violate the policy that a namespace now enforces.
    mutating func warnOfPods(in namespace: JSONValue, old: JSONValue) {
        let name = namespace.objectName
        let policy = PodSecurity.policy(namespace.metadata["labels"]?.stringMap ?? [:], mode: "enforce")
        guard policy != PodSecurity.policy(old.metadata["labels"]?.stringMap ?? [:], mode: "enforce") else { return }
        // Pods that violate the same rules share a warning, which names the first of them.
        var groups: [(reasons: String, first: String, count: Int)] = []
        for pod in ClusterState.sorted(storage.objects(ClusterState.pods, namespace: name)) {
            let reasons = violations(pod.value, policy).map(\.reason).joined(separator: ", ")
            if reasons.isEmpty { continue }
            if let index = groups.firstIndex(where: { $0.reasons == reasons }) {
                groups[index].count += 1
            } else {
                groups.append((reasons, pod.key.name, 1))
            }
        }
        guard !groups.isEmpty else { return }
        warnings.append(
            "existing pods in namespace \"\(name)\" violate the new PodSecurity enforce level \"\(policy.description)\""
        )
        for group in groups {
            let others =
                group.count == 1 ? "" : group.count == 2 ? " (and 1 other pod)" : " (and \(group.count - 1) other pods)"
            warnings.append("\(group.first)\(others): \(group.reasons)")
        }
    }
}
