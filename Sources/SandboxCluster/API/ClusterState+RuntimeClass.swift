import KubernetesAPI

/// The admission of RuntimeClasses: the class of a pod must exist, and sets its overhead and scheduling.
extension ClusterState {
    private static let runtimeClasses = ResourceKey(group: "node.k8s.io", plural: "runtimeclasses")

    func applyRuntimeClass(_ spec: inout JSONValue, _ resource: ResourceDefinition, name: String) throws(APIFailure) {
        var runtimeClass: JSONValue = [:]
        if let wanted = spec["runtimeClassName"]?.stringValue {
            let key = ObjectKey(resource: ClusterState.runtimeClasses, namespace: "", name: wanted)
            guard let found = storage[key] else {
                throw .forbidden(resource, name, "pod rejected: RuntimeClass \"\(wanted)\" not found")
            }
            runtimeClass = found.value
        }
        let given = spec["overhead"]?.objectValue ?? [:]
        if let overhead = runtimeClass[path: ["overhead", "podFixed"]] {
            guard given.isEmpty || spec["overhead"] == overhead else {
                throw .forbidden(
                    resource,
                    name,
                    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
                )
            }
            spec["overhead"] = overhead
        } else if !given.isEmpty {
            throw .forbidden(
                resource,
                name,
                "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
            )
        }
        for (key, value) in (runtimeClass[path: ["scheduling", "nodeSelector"]]?.stringMap ?? [:]).sorted(by: <) {
            if let own = spec[path: ["nodeSelector", key]]?.stringValue, own != value {
                throw .forbidden(
                    resource,
                    name,
                    "conflict: runtimeClass.scheduling.nodeSelector[\(key)] = \(value); pod.spec.nodeSelector[\(key)] = \(own)"
                )
            }
            spec[path: ["nodeSelector", key]] = .string(value)
        }
        let tolerations = runtimeClass[path: ["scheduling", "tolerations"]]?.arrayValue ?? []
        if !tolerations.isEmpty {
            spec["tolerations"] = .array(
                ClusterState.merged((spec["tolerations"]?.arrayValue ?? []) + tolerations)
            )
        }
    }

    /// Tolerations without those that are included in another one.
    private static func merged(_ all: [JSONValue]) -> [JSONValue] {
        var result: [JSONValue] = []
        for (index, toleration) in all.enumerated() {
            let isIncluded =
                result.contains { includes($0, toleration) }
                || all[(index + 1)...].contains { $0 != toleration && includes($0, toleration) }
            if !isIncluded { result.append(toleration) }
        }
        return result
    }

    /// Whether a toleration tolerates everything that another one does.
    private static func includes(_ wide: JSONValue, _ narrow: JSONValue) -> Bool {
        func text(_ value: JSONValue, _ key: String) -> String { value[key]?.stringValue ?? "" }
        if wide == narrow { return true }
        let exists = text(wide, "operator") == "Exists"
        if text(narrow, "key") != text(wide, "key"), !text(wide, "key").isEmpty || !exists { return false }
        if text(narrow, "effect") != text(wide, "effect"), !text(wide, "effect").isEmpty { return false }
        if text(wide, "effect") == "NoExecute", let limit = wide["tolerationSeconds"]?.integerValue {
            guard let seconds = narrow["tolerationSeconds"]?.integerValue, seconds <= limit else { return false }
        }
        if exists { return true }
        return text(narrow, "operator") == "Equal" && text(narrow, "value") == text(wide, "value")
    }
}
